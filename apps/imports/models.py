"""Files that people sent, and the imports that read them."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from apps.imports.querysets import ImportQuerySet, UploadQuerySet
from apps.jobs.models import Job, JobStatus
from apps.projects.models import Project


def new_media_key() -> str:
    """Return something that cannot be guessed."""
    return secrets.token_hex(12)


class Upload(models.Model):
    """A file of a project in the default storage: a source of tasks, or what tasks show.

    Its name in the storage is `upload/<project>/<random>-<safe name>`, and it is served at `/data/` before that.
    An upload in parts has the names of its parts in `parts` and no `file` until the last one is there.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="uploads", db_index=False)
    name = models.CharField(max_length=255, help_text="As it was called where it came from.")
    file = models.CharField(max_length=500, blank=True, db_default="", help_text="Its name in the storage.")
    size = models.PositiveBigIntegerField(help_text="Bytes of the whole file.")
    received = models.PositiveBigIntegerField(default=0, db_default=0, help_text="Bytes that have arrived.")
    parts = models.JSONField(default=list, help_text="Names in the storage of what has arrived so far.")
    content_type = models.CharField(max_length=100, blank=True, db_default="", help_text="By its content.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    brought_by = models.ForeignKey(
        "Import", null=True, on_delete=models.SET_NULL, related_name="media",
        help_text="The import inside which it came.",
    )  # fmt: skip
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = UploadQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["project", "id"], name="upload_of_project")]
        constraints = [
            models.UniqueConstraint(fields=["file"], condition=~Q(file=""), name="one_upload_per_file"),
            models.CheckConstraint(
                condition=Q(received__lte=models.F("size")), name="upload_received_within_size"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_complete(self) -> bool:
        """Whether all of it has arrived."""
        return bool(self.file)

    @property
    def url(self) -> str:
        """The path under which members read it; what a task's data holds."""
        return f"/data/{self.file}"


class Import(models.Model):
    """One act of bringing tasks in: what was read, under which options, and what came of it.

    Its tasks name it (`Task.imported_by`), so that it can be undone.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="imports", db_index=False)
    uploads: models.ManyToManyField[Upload, models.Model] = models.ManyToManyField(
        Upload, related_name="imports"
    )
    source = models.CharField(
        max_length=500, blank=True, db_default="", help_text="What was read, for people."
    )
    options = models.JSONField(default=dict)
    media_key = models.CharField(
        max_length=32, default=new_media_key, editable=False, help_text="Begins the names of files it brings."
    )
    job = models.OneToOneField(Job, null=True, on_delete=models.SET_NULL, related_name="import_run")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    task_count = models.PositiveBigIntegerField(default=0, db_default=0)
    completion_count = models.PositiveBigIntegerField(default=0, db_default=0)
    prediction_count = models.PositiveBigIntegerField(default=0, db_default=0)
    duplicate_count = models.PositiveBigIntegerField(default=0, db_default=0, help_text="Left out as known.")
    bad_row_count = models.PositiveBigIntegerField(default=0, db_default=0)
    problems = models.JSONField(default=list, help_text="What was wrong with the first bad rows.")
    report = models.CharField(
        max_length=500, blank=True, db_default="", help_text="Storage name of the file with every bad row."
    )
    data_columns = models.JSONField(default=list)
    formats = models.JSONField(default=list)
    duration = models.FloatField(default=0, db_default=0, help_text="Seconds.")
    error = models.TextField(blank=True, db_default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    undone_at = models.DateTimeField(null=True, editable=False)

    objects = ImportQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["project", "-id"], name="import_of_project")]

    def __str__(self) -> str:
        return f"Import {self.pk}"

    @property
    def status(self) -> str:
        """Where it stands, in the words of `JobStatus`."""
        if self.finished_at is not None:
            return JobStatus.FAILED if self.error else JobStatus.COMPLETED
        return self.job.status if self.job is not None else JobStatus.RUNNING
