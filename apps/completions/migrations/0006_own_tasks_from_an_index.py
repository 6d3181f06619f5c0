from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("completions", "0005_cascade_in_database")]

    operations = [
        migrations.AddIndex(
            model_name="completion",
            index=models.Index(
                fields=["project", "completed_by", "created_at"],
                include=("task",),
                name="completion_by_person",
            ),
        ),
        migrations.RemoveIndex(model_name="completion", name="completion_of_person"),
    ]
