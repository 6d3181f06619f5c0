"""Projects, who belongs to them, and their running totals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now

from apps.accounts.models import GlobalRole
from apps.projects.policy import Role
from apps.projects.querysets import (
    ConfigVersionQuerySet,
    InvitationQuerySet,
    MembershipQuerySet,
    ProjectQuerySet,
)

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.jobs.models import Job

MAX_OVERLAP = 100
MAX_GROUND_TRUTH_EVERY = 1_000


class Sampling(models.TextChoices):
    """The order in which tasks are handed out."""

    SEQUENTIAL = "sequential"
    UNIFORM = "uniform"
    PREDICTION_SCORE_MIN = "prediction-score-min"
    PREDICTION_SCORE_MAX = "prediction-score-max"


class SkipRule(models.TextChoices):
    """What becomes of a task that somebody skipped."""

    REQUEUE_FOR_OTHERS = "requeue_for_others", "back to the queue, for other people"
    REQUEUE_FOR_ME = "requeue_for_me", "back to the queue, for the same person later"
    IGNORE_SKIPPED = "ignore_skipped", "counts as done"


class HandingOut(models.TextChoices):
    """Which tasks people get from the queue."""

    OPEN_QUEUE = "open_queue", "the open queue"
    ASSIGNED_ONLY = "assigned_only", "only tasks assigned to them"
    ASSIGNED_FIRST = "assigned_first", "tasks assigned to them, then the open queue"


class Project(models.Model):
    """Tasks, a labeling config and the rules under which people answer them."""

    title = models.CharField(max_length=255, blank=True)
    description = models.TextField(blank=True)
    color = models.CharField(max_length=16, blank=True)
    label_config = models.TextField(blank=True)
    config_version = models.IntegerField(
        default=1,
        db_default=1,
        editable=False,
        help_text="The number of the labeling config; each change counts.",
    )
    strict_results = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Refuse completions that do not fit the labeling config; otherwise they are stored with warnings.",
    )
    instruction = models.TextField(
        blank=True, help_text="What annotators read before they start: Markdown, in which HTML works as well."
    )
    show_instruction = models.BooleanField(default=False)
    show_skip_button = models.BooleanField(default=True)
    allow_empty_completions = models.BooleanField(default=True)
    show_predictions = models.BooleanField(default=True)
    show_completions_to_annotators = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Annotators see what others answered; otherwise they see only their own completions.",
    )
    overlap = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(MAX_OVERLAP)]
    )
    sampling = models.CharField(max_length=24, choices=Sampling.choices, default=Sampling.SEQUENTIAL)
    skip_rule = models.CharField(max_length=24, choices=SkipRule.choices, default=SkipRule.REQUEUE_FOR_OTHERS)
    handing_out = models.CharField(
        max_length=24,
        choices=HandingOut.choices,
        default=HandingOut.OPEN_QUEUE,
        db_default=HandingOut.OPEN_QUEUE.value,
        help_text="Which tasks people get.",
    )
    ground_truth_every = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        validators=[MaxValueValidator(MAX_GROUND_TRUTH_EVERY)],
        help_text="Every so many tasks a person gets one that has a ground truth; 0: never.",
    )
    model_version = models.CharField(max_length=255, blank=True)
    client_settings = models.JSONField(
        default=dict, help_text="Settings that only clients of the API read; kept as they were sent."
    )
    last_inner_id = models.PositiveBigIntegerField(default=0, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="created_projects"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    archived_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text="Put aside since then: kept and readable, but nobody labels in it.",
    )
    deleted_at = models.DateTimeField(
        null=True, editable=False, help_text="Gone for everybody since then; a job deletes the rows."
    )
    members: models.ManyToManyField[User, Membership] = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Membership", related_name="projects"
    )

    objects = ProjectQuerySet.as_manager()

    my_role: str
    """The role of the person for whom this row was read; set by `for_user`."""

    relabeling_job: Job | None = None
    """The job that renames labels in existing completions, on the project that `update_project` returns."""

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(overlap__gte=1, overlap__lte=MAX_OVERLAP), name="project_overlap_in_range"
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"Project {self.pk}"


class ConfigVersion(models.Model):
    """One of the labeling configs a project had; versions are never changed and go with their project."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="config_versions", db_index=False
    )
    number = models.IntegerField()
    label_config = models.TextField(blank=True)
    renames = models.JSONField(
        null=True, help_text="Which names of the version before became which; existing completions follow."
    )
    note = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = ConfigVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="one_config_version_per_number")
        ]

    def __str__(self) -> str:
        return f"Version {self.number} of the labeling config of project {self.project_id}"


class Membership(models.Model):
    """One person's role in one project."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="one_membership_per_person_and_project")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} is {self.role} of {self.project_id}"


class Invitation(models.Model):
    """A link that makes whoever opens it a member; only the digest of its key is stored."""

    project = models.ForeignKey(Project, null=True, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=16, choices=Role.choices)
    global_role = models.CharField(max_length=16, choices=GlobalRole.choices)
    email = models.EmailField(max_length=254, blank=True, help_text="Only for this person, when given.")
    digest = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    max_uses = models.PositiveIntegerField(default=1)
    uses = models.PositiveIntegerField(default=0)
    revoked_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(uses__lte=models.F("max_uses")), name="invitation_not_overused"
            )
        ]

    def __str__(self) -> str:
        return f"Invitation to {self.project or 'the instance'} as {self.role}"


class ProjectTally(models.Model):
    """A part of a project's running totals; the totals are the sums over its shards.

    Each submit adds to one shard at random, so that many people who submit at once do not wait for one row.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="tallies", db_index=False)
    shard = models.PositiveSmallIntegerField()
    tasks = models.BigIntegerField(default=0)
    labeled_tasks = models.BigIntegerField(default=0)
    tasks_with_completions = models.BigIntegerField(default=0)
    completions = models.BigIntegerField(default=0)
    skips = models.BigIntegerField(default=0)
    ground_truths = models.BigIntegerField(default=0)
    predictions = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "shard"], name="one_tally_per_project_and_shard")
        ]

    def __str__(self) -> str:
        return f"Tally {self.shard} of project {self.project_id}"
