"""Ready tasks as lines of Postgres' COPY (PostgreSQL manual, COPY, "Text Format").

A task's line begins behind its two numbers, `id` and `inner_id`, and those of its answers begin with the position
of their task in the import: numbers are given when everything is known to be good.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from apps.core.copy_format import NULL, TRUTH, columns, json_column, number_column, text_column
from apps.imports.rows import PlainTask, ReadyCompletion, ReadyPrediction, ReadyTask
from apps.projects.models import Project, SkipRule

TASK_COLUMNS = (
    "id", "inner_id", "data", "project_id", "import_id", "external_id", "file_upload", "meta", "overlap",
    "completions_count", "skips_count", "answers_count", "ground_truths_count", "predictions_count", "is_labeled",
    "prediction_score", "completed_at", "created_at", "updated_at",
)  # fmt: skip
COMPLETION_COLUMNS = (
    "task_id", "project_id", "completed_by_id", "updated_by_id", "config_version", "result", "warnings",
    "was_cancelled", "ground_truth", "lead_time", "review", "reviewed_by_id", "reviewed_at", "created_at", "updated_at",
)  # fmt: skip
PREDICTION_COLUMNS = (
    "task_id", "project_id", "result", "score", "model_version", "created_at", "updated_at",
)  # fmt: skip
_NOT_REVIEWED = b"\t%b\t%b" % (NULL, NULL)


@dataclass(slots=True)
class Lines:
    """The lines of one batch, by table, and what they add to the project's totals."""

    tasks: list[bytes] = field(default_factory=list)
    completions: list[bytes] = field(default_factory=list)
    predictions: list[bytes] = field(default_factory=list)
    totals: Counter[str] = field(default_factory=Counter)


class LineWriter:
    """Writes the lines of one import.

    Args:
        import_id: of the row in `imports.Import` that the tasks name.
        imported_by_id: who stands as the last editor of completions.
    """

    def __init__(
        self, *, project: Project, import_id: int | None, imported_by_id: int, now: datetime
    ) -> None:
        self._overlap = project.overlap
        self._counts_skips = project.skip_rule == SkipRule.IGNORE_SKIPPED
        self._model_version = project.model_version
        # What is the same in every line is put together once.
        self._now = now.isoformat().encode()
        self._times = b"\t%b\t%b\n" % (self._now, self._now)
        self._project = b"\t%d\t" % project.pk
        self._of_import = self._project + columns(import_id) + b"\t"
        self._edited = b"\t%d\t%d\t" % (imported_by_id, project.config_version)

    def write(self, tasks: Sequence[ReadyTask | PlainTask], first: int, file_upload: str) -> Lines:
        """Return the lines of a batch of tasks of one file.

        Args:
            first: the position of the first one in the import.
        """
        file = columns(file_upload)
        lines = Lines()
        plain_rest = self._rest(ReadyTask(b""), _Counts(), file)
        append = lines.tasks.append
        for position, task in enumerate(tasks, start=first):
            if isinstance(task, bytes):
                append(task.replace(b"\\", b"\\\\") + plain_rest)
            else:
                append(task.data.replace(b"\\", b"\\\\") + self._write_rich(position, task, lines, file))
        lines.totals["tasks"] = len(tasks)
        return lines

    def _write_rich(self, position: int, task: ReadyTask, lines: Lines, file: bytes) -> bytes:
        counts, totals = _Counts(), lines.totals
        if task.completions:
            counts = self._count(task.completions)
            lines.completions += [self._completion(position, completion) for completion in task.completions]
            totals["labeled_tasks"] += counts.people >= (task.overlap or self._overlap)
            totals["tasks_with_completions"] += counts.submitted > 0
            totals["completions"] += counts.submitted
            totals["skips"] += counts.skips
            totals["ground_truths"] += counts.ground_truths
        if task.predictions:
            lines.predictions += [self._prediction(position, prediction) for prediction in task.predictions]
            totals["predictions"] += len(task.predictions)
        return self._rest(task, counts, file)

    def _count(self, completions: list[ReadyCompletion]) -> _Counts:
        submitted = [completion for completion in completions if not completion.was_cancelled]
        counted = completions if self._counts_skips else submitted
        people = [completion.completed_by_id for completion in counted]
        return _Counts(
            submitted=len(submitted),
            skips=len(completions) - len(submitted),
            people=len(set(people) - {None}) + people.count(None),
            ground_truths=sum([completion.ground_truth for completion in completions]),
        )

    def _score(self, task: ReadyTask) -> float | None:
        """Return the score the queue is ordered by, by the rule of `apps.predictions.services.store_scores`."""
        version = self._model_version
        scores = [
            prediction.score
            for prediction in task.predictions
            if prediction.score is not None and version in ("", prediction.model_version)
        ]
        return sum(scores) / len(scores) if scores else None

    def _rest(self, task: ReadyTask, counts: _Counts, file: bytes) -> bytes:
        """Return the columns behind the data."""
        overlap = task.overlap or self._overlap
        is_labeled = counts.people >= overlap
        return b"%b%b\t%b\t%b\t%d\t%d\t%d\t%d\t%d\t%d\t%b\t%b\t%b%b" % (
            self._of_import, text_column(task.external_id), file, json_column(task.meta), overlap,
            counts.submitted, counts.skips, counts.people, counts.ground_truths, len(task.predictions),
            TRUTH[is_labeled], number_column(self._score(task)), self._now if is_labeled else NULL, self._times,
        )  # fmt: skip

    def _completion(self, position: int, completion: ReadyCompletion) -> bytes:
        person = completion.completed_by_id
        return b"%d%b%b%b%b\t%b\t%b\t%b\t%b\t%b%b" % (
            position, self._project, NULL if person is None else b"%d" % person, self._edited,
            json_column(completion.result), json_column(completion.warnings), TRUTH[completion.was_cancelled],
            TRUTH[completion.ground_truth], number_column(completion.lead_time), self._review(completion), self._times,
        )  # fmt: skip

    def _review(self, completion: ReadyCompletion) -> bytes:
        if not completion.review:
            return _NOT_REVIEWED
        person = completion.reviewed_by_id
        reviewer = NULL if person is None else b"%d" % person
        return b"%b\t%b\t%b" % (completion.review.encode(), reviewer, self._now)

    def _prediction(self, position: int, prediction: ReadyPrediction) -> bytes:
        return b"%d%b%b\t%b\t%b%b" % (
            position, self._project, json_column(prediction.result), number_column(prediction.score),
            text_column(prediction.model_version), self._times,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Counts:
    submitted: int = 0
    skips: int = 0
    people: int = 0
    ground_truths: int = 0
