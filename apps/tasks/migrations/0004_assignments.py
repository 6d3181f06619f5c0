import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.math
from django.conf import settings
from django.db import migrations, models

from apps.core.foreign_keys import cascade_in_database


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0008_handing_out"),
        ("tasks", "0003_external_id_and_import"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="task",
            name="is_assigned",
            field=models.BooleanField(
                db_default=False,
                default=False,
                editable=False,
                help_text="It was assigned to somebody; spares all other tasks the look at their assignments.",
            ),
        ),
        migrations.AddField(
            model_name="lease",
            name="is_comparison",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Beyond the overlap: a labeled task, for an answer to compare with its ground truth.",
            ),
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "assigned_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "is_open",
                    models.BooleanField(
                        db_default=True, help_text="The task waits for this person's answer."
                    ),
                ),
                (
                    "sample_key",
                    models.FloatField(db_default=django.db.models.functions.math.Random(), editable=False),
                ),
                (
                    "assigned_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignments",
                        to="tasks.task",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        cascade_in_database("tasks", "assignment", "task"),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                condition=models.Q(("ground_truths_count__gt", 0), ("is_labeled", True)),
                fields=["project", "sample_key"],
                name="task_ground_truth",
            ),
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(fields=["project", "user", "task"], name="assignment_of_person"),
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(
                condition=models.Q(("is_open", True)),
                fields=["project", "user", "task"],
                name="assignment_next_sequential",
            ),
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(
                condition=models.Q(("is_open", True)),
                fields=["project", "user", "sample_key"],
                name="assignment_next_uniform",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.UniqueConstraint(
                fields=("task", "user"), name="one_assignment_per_person_and_task"
            ),
        ),
    ]
