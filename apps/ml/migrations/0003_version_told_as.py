from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ml", "0002_completion_events"),
    ]

    operations = [
        migrations.AddField(
            model_name="modelversion",
            name="told_as",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="What the backend calls it where another backend had the name already; else empty.",
                max_length=255,
            ),
        ),
    ]
