"""Counts by quarter of an hour, from which the pictures of a project are drawn.

All of it follows from other tables and could be made anew at any time, so nothing here refers to a project or person
by a foreign key: rows of those that are gone vanish with what they counted. Triggers in the database (migration
0001) note what changed, whoever changes it; `counting` brings the counts in step. See docs/adr/0011.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class ChangedBlock(models.Model):
    """A note that completions of a project changed among those of one block, which is to be counted again.

    A block is 1,024 ids of completions that follow one another. Notes are only ever added by writers, one a
    statement, so that nobody waits for anybody; the same block may be noted many times.
    """

    project_id = models.BigIntegerField()
    block = models.BigIntegerField(null=True, help_text="Absent: everything of the project is to be counted.")
    changed_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [models.Index(fields=["project_id", "block"], name="changed_block_of_project")]

    def __str__(self) -> str:
        return f"Block {self.block} of project {self.project_id}"


class AnswerCount(models.Model):
    """How much was answered in one quarter of an hour, among the completions of one block: by each person, and by all.

    Once more by the hour: a quarter as many rows, for the many time zones whose days begin on one.
    """

    block = models.BigIntegerField()
    project_id = models.BigIntegerField()
    of_all = models.BooleanField(help_text="Everybody's together; `person_id` is not told.")
    person_id = models.BigIntegerField(null=True)
    minutes = models.SmallIntegerField(help_text="15, or 60.")
    begins_at = models.DateTimeField()
    completions = models.IntegerField()
    skips = models.IntegerField()
    timed = models.IntegerField(help_text="Completions that say how long they took.")
    lead_seconds = models.FloatField(help_text="How long those took together.")
    lead_times = ArrayField(models.IntegerField(), help_text="How many of them fall into each span.")

    class Meta:
        indexes = [
            models.Index(
                fields=["project_id", "of_all", "minutes", "begins_at"], name="answer_count_of_project"
            ),
            # Who did how much by the hour is read from the index alone: the rows lie in many times as many pages.
            models.Index(
                fields=["project_id", "begins_at"],
                include=["person_id", "completions", "skips", "timed", "lead_seconds"],
                condition=Q(of_all=False, minutes=60),
                name="answer_count_of_people",
            ),
            models.Index(
                fields=["project_id", "person_id", "begins_at"],
                condition=Q(of_all=False, minutes=60),
                name="answer_count_of_person",
            ),
            models.Index(fields=["block"], name="answer_count_of_block"),
        ]

    def __str__(self) -> str:
        return f"{self.completions} completions of {self.person_id} from {self.begins_at}"


class LabelCount(models.Model):
    """How often a label was used in one quarter of an hour, among the completions of one block.

    Not by person: that would be nearly as many rows as there are completions.
    """

    block = models.BigIntegerField()
    project_id = models.BigIntegerField()
    quarter = models.DateTimeField(help_text="When it began.")
    control = models.TextField()
    label = models.TextField()
    uses = models.IntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["project_id", "quarter"], name="label_count_of_project"),
            models.Index(fields=["block"], name="label_count_of_block"),
        ]

    def __str__(self) -> str:
        return f"{self.label} of {self.control}: {self.uses}"


class TaskCount(models.Model):
    """By how much the tasks that were added, and labeled, in one quarter of an hour became more or fewer.

    What counts is the sum of the rows of a quarter: writers add rows, and a job merges them now and then.
    """

    project_id = models.BigIntegerField()
    quarter = models.DateTimeField(help_text="When it began.")
    added = models.IntegerField()
    labeled = models.IntegerField()

    class Meta:
        # Merged rows leave their pages behind: the index has all that is read.
        indexes = [
            models.Index(
                fields=["project_id", "quarter"], include=["added", "labeled"], name="task_count_by_quarter"
            )
        ]

    def __str__(self) -> str:
        return f"{self.added} tasks added, {self.labeled} labeled from {self.quarter}"


class ScoreCount(models.Model):
    """By how much the predictions of a model version in one span of scores became more or fewer; sums count, too."""

    project_id = models.BigIntegerField()
    model_version = models.CharField(max_length=255)
    span = models.SmallIntegerField(
        help_text="Twentieths from 0 to 1; -1 is below, 20 above, -2 without score."
    )
    predictions = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["project_id"], name="score_count_of_project")]

    def __str__(self) -> str:
        return f"{self.predictions} predictions of {self.model_version}"
