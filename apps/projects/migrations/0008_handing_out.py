import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0007_instruction_is_markdown")]

    operations = [
        migrations.AddField(
            model_name="project",
            name="handing_out",
            field=models.CharField(
                choices=[
                    ("open_queue", "the open queue"),
                    ("assigned_only", "only tasks assigned to them"),
                    ("assigned_first", "tasks assigned to them, then the open queue"),
                ],
                db_default="open_queue",
                default="open_queue",
                help_text="Which tasks people get.",
                max_length=24,
            ),
        ),
        migrations.AddField(
            model_name="project",
            name="ground_truth_every",
            field=models.PositiveSmallIntegerField(
                db_default=0,
                default=0,
                help_text="Every so many tasks a person gets one that has a ground truth; 0: never.",
                validators=[django.core.validators.MaxValueValidator(1000)],
            ),
        ),
    ]
