import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("imports", "0001_initial"),
        ("tasks", "0002_cascade_in_database"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="task",
            name="external_id",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="What the task is called where it comes from.",
                max_length=255,
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="imported_by",
            field=models.ForeignKey(
                db_column="import_id",
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="tasks",
                to="imports.import",
            ),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                condition=models.Q(("imported_by__isnull", False)),
                fields=["imported_by"],
                name="task_of_import",
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=("project", "external_id"),
                name="one_task_per_external_id",
            ),
        ),
    ]
