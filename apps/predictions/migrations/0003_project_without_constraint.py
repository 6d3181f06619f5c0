import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("predictions", "0002_cascade_in_database"),
        ("projects", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="prediction",
            name="project",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="predictions",
                to="projects.project",
            ),
        ),
    ]
