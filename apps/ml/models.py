"""ML backends, their runs and trainings, and what is known of their versions."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from apps.ml.querysets import OfProjectQuerySet
from apps.projects.models import Project

MAX_CONCURRENCY = 64
MAX_BATCH_SIZE = 1_000
MAX_VERSION_CHARACTERS = 255


class Protocol(models.TextChoices):
    """Which generation of the ML protocol a backend speaks; found by asking it."""

    UNKNOWN = "unknown", "not known yet"
    CURRENT = "current", "today's (webhook events)"
    FLASK_ERA = "flask_era", "that of the Flask era (trains on completions)"


class AuthMethod(models.TextChoices):
    """How this server shows a backend who it is."""

    NONE = "NONE", "not at all"
    BASIC_AUTH = "BASIC_AUTH", "user name and password"
    HEADER = "HEADER", "a header of its own"


class BackendState(models.TextChoices):
    """What the last check found; the values are those of the API contract."""

    CONNECTED = "CO", "Connected"
    DISCONNECTED = "DI", "Disconnected"
    ERROR = "ER", "Error"
    TRAINING = "TR", "Training"
    PREDICTING = "PR", "Predicting"


class MLBackend(models.Model):
    """A model served over HTTP that speaks the Label Studio ML protocol, connected to one project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="ml_backends", db_index=False)
    title = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    url = models.CharField(max_length=2_000, help_text="Where it answers, without /predict.")
    auth_method = models.CharField(max_length=10, choices=AuthMethod.choices, default=AuthMethod.NONE)
    auth_name = models.CharField(max_length=255, blank=True, help_text="The user's or the header's name.")
    auth_secret = models.TextField(blank=True, help_text="The password or header, encrypted.")
    is_interactive = models.BooleanField(default=False, help_text="Is asked while somebody draws a region.")
    extra_params = models.JSONField(null=True, help_text="Handed to the model's setup as it is.")

    health_seconds = models.FloatField(
        default=3.0, validators=[MinValueValidator(0.1), MaxValueValidator(60)]
    )
    setup_seconds = models.FloatField(
        default=10.0, validators=[MinValueValidator(0.1), MaxValueValidator(600)]
    )
    predict_seconds = models.FloatField(
        default=100.0, validators=[MinValueValidator(0.1), MaxValueValidator(3_600)]
    )
    open_seconds = models.FloatField(
        default=2.0,
        validators=[MinValueValidator(0.1), MaxValueValidator(30)],
        help_text="How long opening a task waits for its prediction.",
    )
    train_seconds = models.FloatField(
        default=30.0,
        validators=[MinValueValidator(0.1), MaxValueValidator(3_600)],
        help_text="For the answer to the request that starts a training.",
    )
    batch_size = models.PositiveSmallIntegerField(
        default=100, validators=[MinValueValidator(1), MaxValueValidator(MAX_BATCH_SIZE)]
    )
    concurrency = models.PositiveSmallIntegerField(
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_CONCURRENCY)],
        help_text="How many requests for predictions it takes at once.",
    )

    predict_on_open = models.BooleanField(
        default=False, help_text="Ask for a task's prediction when it is opened."
    )
    predict_on_import = models.BooleanField(default=False)
    predict_on_new_version = models.BooleanField(
        default=True, help_text="A new model version predicts all tasks that are not labeled yet."
    )
    predict_every_hours = models.PositiveSmallIntegerField(default=0, help_text="0: never by itself.")
    train_after_completions = models.PositiveIntegerField(default=0, help_text="0: never by itself.")
    train_every_hours = models.PositiveSmallIntegerField(default=0, help_text="0: never by itself.")
    completions_since_training = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    completions_at_training = models.PositiveBigIntegerField(
        default=0, db_default=0, editable=False, help_text="How many the project had when the last one began."
    )
    send_completion_events = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Is told of each completion that is created, changed or deleted; today's protocol only.",
    )
    use_ground_truth_only = models.BooleanField(default=False, help_text="Train on ground truth alone.")
    auto_update = models.BooleanField(
        default=True, help_text="The project shows this backend's newest version as soon as there is one."
    )

    protocol = models.CharField(
        max_length=10, choices=Protocol.choices, default=Protocol.UNKNOWN, editable=False
    )
    state = models.CharField(
        max_length=2, choices=BackendState.choices, default=BackendState.DISCONNECTED, editable=False
    )
    error_message = models.TextField(blank=True, editable=False)
    model_class = models.CharField(max_length=255, blank=True, editable=False)
    model_version = models.CharField(max_length=255, blank=True, editable=False)
    latency_ms = models.FloatField(null=True, editable=False, help_text="Of the last health check.")
    checked_at = models.DateTimeField(null=True, editable=False)
    failures_in_row = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    retry_at = models.DateTimeField(
        null=True, editable=False, help_text="The circuit is open until then: it is not asked before."
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, editable=False)

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = "ML backend"
        constraints = [
            models.UniqueConstraint(fields=["project", "url"], name="one_ml_backend_per_project_and_url")
        ]

    def __str__(self) -> str:
        return self.title or self.url


class BackendFailure(models.Model):
    """A request to a backend that went wrong, kept so that its author can mend it; the newest 20 a backend stay."""

    backend = models.ForeignKey(MLBackend, on_delete=models.CASCADE, related_name="failures", db_index=False)
    happened_at = models.DateTimeField(db_default=Now(), editable=False)
    call = models.CharField(max_length=20, help_text="health, setup, predict, train …")
    task_id = models.BigIntegerField(null=True, help_text="Of the task whose answer was wrong.")
    message = models.TextField(help_text="What was wrong, where, and what was expected.")
    remedy = models.TextField(blank=True)
    request_excerpt = models.TextField(blank=True, help_text="Without secrets, cut short.")
    response_excerpt = models.TextField(blank=True, help_text="Cut short.")

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["backend", "-id"], name="failure_of_ml_backend")]

    def __str__(self) -> str:
        return f"{self.call}: {self.message}"


class ModelVersion(models.Model):
    """A version of a model, by its name in the project, and when it was first heard of."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="model_versions", db_index=False
    )
    backend = models.ForeignKey(MLBackend, null=True, on_delete=models.SET_NULL, related_name="versions")
    name = models.CharField(max_length=MAX_VERSION_CHARACTERS)
    told_as = models.CharField(
        max_length=MAX_VERSION_CHARACTERS,
        blank=True,
        db_default="",
        help_text="What the backend calls it where another backend had the name already; else empty.",
    )
    first_seen_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="one_model_version_per_project_and_name")
        ]

    def __str__(self) -> str:
        return self.name


class RunTrigger(models.TextChoices):
    """What set a prediction run or a training in motion."""

    PERSON = "person", "somebody asked for it"
    IMPORT = "import", "tasks were imported"
    NEW_VERSION = "new_version", "a new model version"
    SCHEDULE = "schedule", "the schedule"
    COMPLETIONS = "completions", "enough new completions"


class PredictionRun(models.Model):
    """Predictions asked of a backend for many tasks; its `job` goes on where a dead one stopped."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", db_index=False)
    backend = models.ForeignKey(MLBackend, on_delete=models.CASCADE, related_name="runs", db_index=False)
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    trigger = models.CharField(max_length=12, choices=RunTrigger.choices, default=RunTrigger.PERSON)
    chosen = models.JSONField(
        default=dict, help_text="Which tasks: all, those without a prediction of the version, or these ids."
    )
    model_version = models.CharField(max_length=255, blank=True)
    reached_task_id = models.BigIntegerField(
        default=0, help_text="All chosen tasks up to this one are dealt with."
    )
    total = models.PositiveBigIntegerField(null=True)
    predicted = models.PositiveBigIntegerField(default=0)
    failed = models.PositiveBigIntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["project", "-id"], name="prediction_run_of_project"),
            models.Index(fields=["backend", "-id"], name="prediction_run_of_backend"),
        ]

    def __str__(self) -> str:
        return f"Prediction run {self.pk} of backend {self.backend_id}"


class TaskFailure(models.Model):
    """A task for which a run got no prediction, and why; a retry asks for these alone."""

    run = models.ForeignKey(PredictionRun, on_delete=models.CASCADE, related_name="failures", db_index=False)
    task_id = models.BigIntegerField()
    message = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "task_id"], name="one_failure_per_run_and_task")
        ]

    def __str__(self) -> str:
        return f"Task {self.task_id}: {self.message}"


class TrainingStatus(models.TextChoices):
    """Where a training stands; the last three are final."""

    REQUESTED = "requested", "Requested"
    RUNNING = "running", "Running"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    UNKNOWN = "unknown", "Not heard of again"


class Training(models.Model):
    """One training of a backend's model; at most one is under way a backend."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", db_index=False)
    backend = models.ForeignKey(MLBackend, on_delete=models.CASCADE, related_name="trainings", db_index=False)
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    trigger = models.CharField(max_length=12, choices=RunTrigger.choices, default=RunTrigger.PERSON)
    status = models.CharField(max_length=10, choices=TrainingStatus.choices, default=TrainingStatus.REQUESTED)
    completions = models.PositiveBigIntegerField(default=0, help_text="How many it was given or could fetch.")
    remote_job = models.CharField(max_length=255, blank=True, help_text="What the backend calls it.")
    version_before = models.CharField(max_length=255, blank=True)
    version_after = models.CharField(max_length=255, blank=True)
    log = models.TextField(blank=True, help_text="What the backend told, cut short.")
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["project", "-id"], name="training_of_project"),
            models.Index(fields=["backend", "-id"], name="training_of_backend"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["backend"],
                condition=Q(status__in=("requested", "running")),
                name="one_training_under_way_per_ml_backend",
            )
        ]

    def __str__(self) -> str:
        return f"Training {self.pk} of backend {self.backend_id} ({self.status})"


class CompletionEvent(models.Model):
    """A completion that changed, of which a backend is still to be told; written with the change itself.

    Whoever changes a task's completions holds the task's lock, so the events of one task have their order by id.
    """

    backend = models.ForeignKey(
        MLBackend, on_delete=models.CASCADE, related_name="completion_events", db_index=False
    )
    task_id = models.BigIntegerField()
    completion_id = models.BigIntegerField()
    change = models.CharField(max_length=10, help_text="created, updated or deleted")
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    happened_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["backend", "id"], name="completion_event_of_backend")]

    def __str__(self) -> str:
        return f"Completion {self.completion_id} {self.change}, for backend {self.backend_id}"


class QualityReport(models.Model):
    """How well a model version's predictions agree with what people answered, as a job computed it."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", db_index=False)
    model_version = models.CharField(max_length=255, blank=True)
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    ground_truth_only = models.BooleanField(default=False)
    tasks = models.PositiveBigIntegerField(default=0, help_text="Tasks with both a prediction and an answer.")
    metrics = models.JSONField(default=dict, help_text="By control tag: see apps.ml.quality.")
    worst_tasks = models.JSONField(default=list, help_text="Tasks whose answers agree least, worst first.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["project", "model_version", "-id"], name="quality_report_of_version")]

    def __str__(self) -> str:
        return f"Quality of {self.model_version} in project {self.project_id}"
