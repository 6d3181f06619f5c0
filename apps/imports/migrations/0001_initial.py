import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import apps.imports.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("jobs", "0002_recurrence"),
        ("projects", "0002_invitations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Import",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        blank=True, db_default="", help_text="What was read, for people.", max_length=500
                    ),
                ),
                ("options", models.JSONField(default=dict)),
                (
                    "media_key",
                    models.CharField(
                        default=apps.imports.models.new_media_key,
                        editable=False,
                        help_text="Begins the names of files it brings.",
                        max_length=32,
                    ),
                ),
                ("task_count", models.PositiveBigIntegerField(db_default=0, default=0)),
                ("completion_count", models.PositiveBigIntegerField(db_default=0, default=0)),
                ("prediction_count", models.PositiveBigIntegerField(db_default=0, default=0)),
                (
                    "duplicate_count",
                    models.PositiveBigIntegerField(db_default=0, default=0, help_text="Left out as known."),
                ),
                ("bad_row_count", models.PositiveBigIntegerField(db_default=0, default=0)),
                (
                    "problems",
                    models.JSONField(default=list, help_text="What was wrong with the first bad rows."),
                ),
                (
                    "report",
                    models.CharField(
                        blank=True,
                        db_default="",
                        help_text="Storage name of the file with every bad row.",
                        max_length=500,
                    ),
                ),
                ("data_columns", models.JSONField(default=list)),
                ("formats", models.JSONField(default=list)),
                ("duration", models.FloatField(db_default=0, default=0, help_text="Seconds.")),
                ("error", models.TextField(blank=True, db_default="")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("finished_at", models.DateTimeField(editable=False, null=True)),
                ("undone_at", models.DateTimeField(editable=False, null=True)),
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
                    "job",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="import_run",
                        to="jobs.job",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="imports",
                        to="projects.project",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(help_text="As it was called where it came from.", max_length=255)),
                (
                    "file",
                    models.CharField(
                        blank=True, db_default="", help_text="Its name in the storage.", max_length=500
                    ),
                ),
                ("size", models.PositiveBigIntegerField(help_text="Bytes of the whole file.")),
                (
                    "received",
                    models.PositiveBigIntegerField(
                        db_default=0, default=0, help_text="Bytes that have arrived."
                    ),
                ),
                (
                    "parts",
                    models.JSONField(
                        default=list, help_text="Names in the storage of what has arrived so far."
                    ),
                ),
                (
                    "content_type",
                    models.CharField(blank=True, db_default="", help_text="By its content.", max_length=100),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "brought_by",
                    models.ForeignKey(
                        help_text="The import inside which it came.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="media",
                        to="imports.import",
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
                        related_name="uploads",
                        to="projects.project",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="import",
            name="uploads",
            field=models.ManyToManyField(related_name="imports", to="imports.upload"),
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(fields=["project", "id"], name="upload_of_project"),
        ),
        migrations.AddConstraint(
            model_name="upload",
            constraint=models.UniqueConstraint(
                condition=models.Q(("file", ""), _negated=True), fields=("file",), name="one_upload_per_file"
            ),
        ),
        migrations.AddConstraint(
            model_name="upload",
            constraint=models.CheckConstraint(
                condition=models.Q(("received__lte", models.F("size"))), name="upload_received_within_size"
            ),
        ),
        migrations.AddIndex(
            model_name="import",
            index=models.Index(fields=["project", "-id"], name="import_of_project"),
        ),
    ]
