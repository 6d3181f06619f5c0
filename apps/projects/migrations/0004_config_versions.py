import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

# Every project that exists has had one config so far: one row each, in one statement.
FIRST_VERSIONS = """
INSERT INTO projects_configversion (project_id, number, label_config, note, created_by_id, created_at)
SELECT id, 1, label_config, '', created_by_id, updated_at FROM projects_project
"""


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0003_project_archived_at"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="project",
            name="config_version",
            field=models.IntegerField(
                db_default=1,
                default=1,
                editable=False,
                help_text="The number of the labeling config; each change counts.",
            ),
        ),
        migrations.AddField(
            model_name="project",
            name="strict_results",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Refuse completions that do not fit the labeling config; otherwise they are stored with warnings.",
            ),
        ),
        migrations.CreateModel(
            name="ConfigVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.IntegerField()),
                ("label_config", models.TextField(blank=True)),
                (
                    "renames",
                    models.JSONField(
                        help_text="Which names of the version before became which; existing completions follow.",
                        null=True,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "created_by",
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
                        related_name="config_versions",
                        to="projects.project",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project", "number"), name="one_config_version_per_number"
                    )
                ],
            },
        ),
        migrations.RunSQL(FIRST_VERSIONS, migrations.RunSQL.noop),
    ]
