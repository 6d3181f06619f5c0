import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

ACTIONS = [
    ("", "Unknown"),
    ("imported", "Imported"),
    ("submitted", "Submitted"),
    ("skipped", "Skipped"),
    ("duplicated", "Duplicated"),
    ("updated", "Updated"),
    ("unskipped", "Skip taken back"),
    ("ground_truth_set", "Marked as ground truth"),
    ("ground_truth_unset", "No longer ground truth"),
    ("relabeled", "Names of the labeling config changed"),
    ("handed_over", "Given to another person"),
    ("restored", "Earlier version restored"),
    ("deleted", "Deleted"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("completions", "0003_config_version_and_warnings"),
        ("tasks", "0003_external_id_and_import"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # What made the completions that are there already is not known; later ones that do not say it are imported.
        migrations.AddField(
            model_name="completion",
            name="last_action",
            field=models.CharField(
                blank=True,
                choices=ACTIONS,
                db_default="",
                default="imported",
                help_text="What made this version.",
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="completion",
            name="last_action",
            field=models.CharField(
                blank=True,
                choices=ACTIONS,
                db_default="imported",
                default="imported",
                help_text="What made this version.",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="completion",
            name="version",
            field=models.IntegerField(
                db_default=1,
                default=1,
                help_text="Counts the changes; who saves says which version they started from.",
            ),
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "completion_version",
                    models.IntegerField(help_text="The version that the work started from.", null=True),
                ),
                ("result", models.JSONField(default=list)),
                ("lead_time", models.FloatField(help_text="Seconds of work, over all sessions.", null=True)),
                (
                    "earlier_lead_time",
                    models.FloatField(db_default=0.0, help_text="Those of them before `session`."),
                ),
                (
                    "session",
                    models.UUIDField(
                        help_text="The opening of the task in which it was saved last.", null=True
                    ),
                ),
                (
                    "client_id",
                    models.UUIDField(help_text="Under which the work is going to be submitted.", null=True),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "completion",
                    models.ForeignKey(
                        help_text="Absent: a new one.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drafts",
                        to="completions.completion",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drafts",
                        to="tasks.task",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("task", "user", "completion"),
                        name="one_draft_per_person_and_completion",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Revision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("completion_id", models.BigIntegerField()),
                ("version", models.IntegerField()),
                ("action", models.CharField(blank=True, choices=ACTIONS, max_length=20)),
                ("changed_at", models.DateTimeField()),
                ("result", models.JSONField(default=list)),
                ("config_version", models.IntegerField()),
                ("warnings", models.JSONField(default=list)),
                ("was_cancelled", models.BooleanField()),
                ("ground_truth", models.BooleanField()),
                ("lead_time", models.FloatField(null=True)),
                (
                    "client_id",
                    models.UUIDField(
                        help_text="Chosen by the client for the change that replaced this version, so that it can be sent again.",
                        null=True,
                    ),
                ),
                (
                    "request_digest",
                    models.CharField(
                        blank=True,
                        db_default="",
                        help_text="SHA-256 of what was sent with `client_id`.",
                        max_length=64,
                    ),
                ),
                (
                    "origin",
                    models.JSONField(
                        help_text="Of a deletion: what else the row held, to bring it back as it was.",
                        null=True,
                    ),
                ),
                (
                    "changed_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "completed_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tasks.task",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["task"], name="revision_of_task")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("completion_id", "version"), name="one_revision_per_version"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("client_id__isnull", False)),
                        fields=("client_id",),
                        name="one_change_per_client_id",
                    ),
                ],
            },
        ),
    ]
