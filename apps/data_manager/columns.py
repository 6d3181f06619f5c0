"""The columns of the data manager: what a task can be filtered, ordered and shown by, and how each reads in SQL.

Only what is declared here can be named by a request; keys of a task's data are reached by `data.<key>` and travel as
parameters. In all SQL of this room the task is called `t`, a completion `c`, a prediction `p` and an assignment `a`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from apps.core.errors import ValidationFailed

MAX_KEY_LENGTH = 200
DATA = "data."
"""What stands before a key of the task's data."""


class ColumnType(StrEnum):
    """What a column holds; it decides which operators it takes."""

    NUMBER = "Number"
    DATETIME = "Datetime"
    BOOLEAN = "Boolean"
    STRING = "String"
    LIST = "List"


class Rows(StrEnum):
    """Which rows of a task a column looks into, when it is not the task's own."""

    COMPLETIONS = "completions"
    PREDICTIONS = "predictions"
    ASSIGNMENTS = "assignments"


@dataclass(frozen=True, slots=True)
class Column:
    """A declared column.

    Attributes:
        id: its name on the wire, that of the Label Studio API where it has one.
        sql: the value, as an expression; of a column of `rows`, that of one such row. Where it reads completions
            itself, it has `{own}` for a condition on whose they are; comments `m`, `{own_comments}`.
        aliases: other names it answers to.
        is_shown: whether a new table shows it.
        orderable: whether tasks can be ordered by it.
        choices: the values it can have, when they are few.
        key: of a column of the data, the key, with dots between levels.
    """

    id: str
    title: str
    type: ColumnType
    sql: str = ""
    help: str = ""
    rows: Rows | None = None
    aliases: tuple[str, ...] = ()
    is_shown: bool = False
    orderable: bool = True
    choices: tuple[str, ...] = ()
    key: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether it is a column of the table of tasks, as it stands there."""
        return self.sql.removeprefix("t.").isidentifier()


STATE = """(CASE WHEN t.is_labeled THEN 'labeled' WHEN t.answers_count > 0 THEN 'in progress'
 WHEN t.skips_count > 0 THEN 'skipped' ELSE 'open' END)"""
_LEAD_TIME = "(SELECT avg(c.lead_time) FROM completions_completion c WHERE c.task_id = t.id {own})"

_COMMENTS = "(SELECT count(*) FROM comments_comment m WHERE m.task_id = t.id {own_comments})"
_UNRESOLVED = """(SELECT count(*) FROM comments_comment m WHERE m.task_id = t.id AND m.resolved_at IS NULL
 {own_comments})"""

_NUMBER, _DATETIME, _BOOLEAN = ColumnType.NUMBER, ColumnType.DATETIME, ColumnType.BOOLEAN
_STRING, _LIST = ColumnType.STRING, ColumnType.LIST
_COMPLETIONS, _PREDICTIONS = Rows.COMPLETIONS, Rows.PREDICTIONS

COLUMNS = (
    Column("id", "ID", _NUMBER, "t.id", is_shown=True),
    Column("inner_id", "Inner ID", _NUMBER, "t.inner_id", "The task's number in its project."),
    Column("state", "State", _STRING, STATE, choices=("open", "in progress", "skipped", "labeled"), is_shown=True),
    Column("is_labeled", "Labeled", _BOOLEAN, "t.is_labeled", "It has as many completions as it needs."),
    Column("completed_at", "Completed", _DATETIME, "t.completed_at", is_shown=True),
    Column(
        "total_annotations", "Completions", _NUMBER, "t.completions_count", is_shown=True,
        aliases=("completions_count", "total_completions"),
    ),
    Column(
        "cancelled_annotations", "Skips", _NUMBER, "t.skips_count", is_shown=True,
        aliases=("skips_count", "cancelled_completions"),
    ),
    Column(
        "total_predictions", "Predictions", _NUMBER, "t.predictions_count", is_shown=True,
        aliases=("predictions_count",),
    ),
    Column(
        "predictions_score", "Prediction score", _NUMBER, "t.prediction_score",
        "The score that orders the queue.", aliases=("prediction_score",),
    ),
    Column("overlap", "Overlap", _NUMBER, "t.overlap", "How many people's completions it needs."),
    Column("ground_truth", "Ground truth", _BOOLEAN, "(t.ground_truths_count > 0)"),
    Column(
        "review", "Review", _LIST, "nullif(c.review, '')", "Verdicts on its completions.", rows=_COMPLETIONS,
        orderable=False, choices=("accepted", "rejected"),
    ),
    Column(
        "annotators", "Annotators", _LIST, "c.completed_by_id", "People who answered.",
        rows=_COMPLETIONS, orderable=False,
    ),
    Column(
        "labels", "Labels", _LIST, "c.result", "Labels and choices used in completions.", rows=_COMPLETIONS,
        orderable=False,
    ),
    Column(
        "annotations_results", "Completion results", _STRING, "c.result::text", "All results, as JSON.",
        rows=_COMPLETIONS, aliases=("completions_results",), orderable=False,
    ),
    Column("avg_lead_time", "Lead time", _NUMBER, _LEAD_TIME, "The mean of its completions, in seconds."),
    Column(
        "predictions_model_versions", "Model versions", _LIST, "p.model_version", rows=_PREDICTIONS,
        orderable=False,
    ),
    Column(
        "predictions_results", "Prediction results", _STRING, "p.result::text", "All results, as JSON.",
        rows=_PREDICTIONS, orderable=False,
    ),
    Column(
        "assigned_to", "Assigned to", _LIST, "a.user_id", "People it is assigned to.",
        rows=Rows.ASSIGNMENTS, aliases=("assignees",), orderable=False,
    ),
    Column("comment_count", "Comments", _NUMBER, _COMMENTS, "Comments on the task and its completions."),
    Column("unresolved_comment_count", "Open comments", _NUMBER, _UNRESOLVED, "Comments that wait for somebody."),
    Column("file_upload", "File", _STRING, "t.file_upload", "The file it was imported from."),
    Column("external_id", "External ID", _STRING, "t.external_id"),
    Column("import", "Import", _NUMBER, "t.import_id", "The number of the import that brought it."),
    Column("created_at", "Created", _DATETIME, "t.created_at"),
    Column("updated_at", "Updated", _DATETIME, "t.updated_at"),
    Column("updated_by", "Updated by", _NUMBER, "t.updated_by_id", "Who changed it last.", orderable=False),
    Column("data", "Data", _STRING, "t.data::text", "Anything in the task's data.", orderable=False),
)  # fmt: skip

_BY_NAME = {name: column for column in COLUMNS for name in (column.id, *column.aliases)}


def find_column(name: str) -> Column:
    """Return the column called `name`, without `tasks:` or other prefixes.

    Raises:
        ValidationFailed: none is declared under that name.
    """
    if name.startswith(DATA):
        return data_column(name.removeprefix(DATA))
    column = _BY_NAME.get(name)
    if column is None:
        raise ValidationFailed(
            f'There is no column "{name[:80]}". Use data.<key> or one of {", ".join(_names())}.',
            fields={"column": [name[:MAX_KEY_LENGTH]]},
        )
    return column


@cache
def _names() -> tuple[str, ...]:
    return tuple(column.id for column in COLUMNS)


def data_column(key: str, title: str = "") -> Column:
    """Return the column of a key of the tasks' data, whether or not any task has it.

    Raises:
        ValidationFailed: the key is empty or too long, or holds a NUL, which no stored key does.
    """
    if not 0 < len(key) <= MAX_KEY_LENGTH or "\x00" in key:
        raise ValidationFailed(f"A key of the data has 1 to {MAX_KEY_LENGTH} characters, none of them NUL.")
    return Column(f"{DATA}{key}", title or key, ColumnType.STRING, key=key, is_shown=True)
