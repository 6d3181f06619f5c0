"""One comparison of a column with a value, as a condition of SQL whose values are parameters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from apps.data_manager.columns import Column, ColumnType, Rows
from apps.data_manager.operators import COMPARISONS, NEGATED, check_operand, value_type


class Parameters(dict[str, Any]):
    """The values of a statement, each under a name of its own."""

    def mark(self, value: Any) -> str:
        """Take a value in and return what stands for it in the statement."""
        name = f"value_{len(self)}"
        self[name] = value
        return f"%({name})s"


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose completions count for the person who asks.

    Attributes:
        own_only: the only person whose completions they may see; None when they see everybody's.
    """

    own_only: int | None = None

    def condition(self, parameters: Parameters) -> str:
        """Return what limits completions `c` to those that may be seen, with its AND; empty for no limit."""
        return "" if self.own_only is None else f"AND c.completed_by_id = {parameters.mark(self.own_only)}"

    def condition_of(self, rows: Rows, parameters: Parameters) -> str:
        """Return what limits completions `c`, predictions `p` or assignments `a` to those that may be seen."""
        if rows == Rows.ASSIGNMENTS and self.own_only is not None:
            return f"AND a.user_id = {parameters.mark(self.own_only)}"
        return self.condition(parameters) if rows == Rows.COMPLETIONS else ""

    def condition_of_comments(self, parameters: Parameters) -> str:
        """Return what limits comments `m` to those on tasks, one's own, and those on one's own completions."""
        if self.own_only is None:
            return ""
        person = parameters.mark(self.own_only)
        return (
            f"AND (m.completion_id IS NULL OR m.author_id = {person} OR EXISTS (SELECT 1 FROM completions_completion c"  # noqa: S608
            f" WHERE c.id = m.completion_id AND c.completed_by_id = {person}))"
        )


EVERYBODYS = Sight()


@dataclass(frozen=True, slots=True)
class Comparison:
    """A column, an operator and what it is compared with, all checked."""

    column: Column
    operator: str
    operand: Any

    def sql(self, parameters: Parameters, sight: Sight) -> str:
        """Return the condition; it is never NULL, so that its negation is the rest of the tasks."""
        if self.operator in NEGATED:
            return f"NOT {replace(self, operator=NEGATED[self.operator]).sql(parameters, sight)}"
        if self.operator == "empty":
            empty = self._empty(parameters, sight)
            return empty if self.operand else f"NOT {empty}"
        if self.column.rows:
            return self._in_rows(self._row_condition(parameters), parameters, sight)
        value = expression(self.column, parameters, sight)
        compared = compare(value, self.column.type, self.operator, self.operand, parameters)
        # Written so that an index of a plain column can be asked.
        return (
            f"({value} IS NOT NULL AND {compared})"
            if self.column.is_plain
            else f"coalesce({compared}, false)"
        )

    def _empty(self, parameters: Parameters, sight: Sight) -> str:
        if self.column.rows:
            found = _HOLDS_SOMETHING.get(self.column.id, "TRUE")
            return f"NOT {self._in_rows(found, parameters, sight)}"
        value = expression(self.column, parameters, sight)
        if self.column.type == ColumnType.STRING:
            return f"(coalesce({value}, '') IN ('', '[]', '{{}}'))"
        return f"({value} IS NULL)"

    def _row_condition(self, parameters: Parameters) -> str:
        """Return the condition for one row: a list holds a value when one of its rows has it."""
        if self.column.id == "labels":
            wanted = self.operand if isinstance(self.operand, list) else [self.operand]
            return f"{LABELS_OF_COMPLETION} && {parameters.mark(wanted)}::text[]"
        if self.column.id == "review":  # as its index of reviewed completions can be asked
            wanted = self.operand if isinstance(self.operand, list) else [self.operand]
            return f"{_REVIEWED} AND c.review = ANY({parameters.mark(wanted)}::text[])"
        operator = self.operator
        if self.column.type == ColumnType.LIST and operator == "contains":
            operator = "equal"
        return compare(self.column.sql, value_type(self.column), operator, self.operand, parameters)

    def _in_rows(self, condition: str, parameters: Parameters, sight: Sight) -> str:
        if self.column.rows == Rows.PREDICTIONS:
            return (
                "(t.predictions_count > 0 AND EXISTS (SELECT 1 FROM predictions_prediction p"  # noqa: S608
                f" WHERE p.task_id = t.id AND {condition}))"
            )
        own = sight.condition_of(self.column.rows, parameters) if self.column.rows else ""
        if self.column.rows == Rows.ASSIGNMENTS:
            return (
                "(t.is_assigned AND EXISTS (SELECT 1 FROM tasks_assignment a"  # noqa: S608
                f" WHERE a.task_id = t.id AND {condition} {own}))"
            )
        return (
            "(t.completions_count + t.skips_count > 0 AND EXISTS (SELECT 1 FROM completions_completion c"  # noqa: S608
            f" WHERE c.task_id = t.id AND {condition} {own}))"
        )


def comparison(column: Column, operator: str, value: Any) -> Comparison:
    """Return a checked comparison.

    Raises:
        ValidationFailed: the column does not take the operator, or the operator not the value.
    """
    return Comparison(column, operator, check_operand(column, operator, value))


def compare(value: str, kind: ColumnType, operator: str, operand: Any, parameters: Parameters) -> str:
    """Return a positive comparison of an expression, which is NULL where there is no value."""
    if operator == "equal":
        return f"{value} = {parameters.mark(operand)}"
    if operator in COMPARISONS:
        return f"{value} {COMPARISONS[operator]} {parameters.mark(operand)}"
    if operator == "contains":
        return f"{value} ILIKE {parameters.mark(f'%{_escaped(operand)}%')}"
    if operator == "regex":
        return f"{value} ~ {parameters.mark(operand)}"
    if isinstance(operand, tuple):
        least, most = operand
        ends = [f"{value} >= {parameters.mark(least)}"] if least is not None else []
        ends += [f"{value} <= {parameters.mark(most)}"] if most is not None else []
        return f"({' AND '.join(ends)})"
    array = (
        "numeric[]"
        if kind == ColumnType.NUMBER
        else "timestamptz[]"
        if kind == ColumnType.DATETIME
        else "text[]"
    )
    return f"{value} = ANY({parameters.mark(operand)}::{array})"


def _escaped(text: str) -> str:
    """Return a text that LIKE takes literally."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def expression(column: Column, parameters: Parameters, sight: Sight) -> str:
    """Return the value of a column of the task itself, as an expression."""
    if not column.key:
        if "{own}" in column.sql:
            return column.sql.format(own=sight.condition(parameters))
        if "{own_comments}" in column.sql:
            return column.sql.format(own_comments=sight.condition_of_comments(parameters))
        return column.sql
    text = data_text(column.key, parameters)
    if column.type == ColumnType.STRING:
        return text
    if column.type == ColumnType.NUMBER:
        return data_number(text)
    name = _SQL_TYPES[column.type]
    return f"(CASE WHEN pg_input_is_valid({text}, '{name}') THEN ({text})::{name} END)"


_SQL_TYPES = {
    ColumnType.DATETIME: "timestamptz",
    ColumnType.BOOLEAN: "boolean",
}


def data_text(key: str, parameters: Parameters) -> str:
    """Return the text of a key of the data; dots lead to deeper levels, unless the key itself has dots."""
    whole = f"t.data ->> {parameters.mark(key)}"
    if "." not in key:
        return f"({whole})"
    return f"coalesce(t.data #>> {parameters.mark(key.split('.'))}::text[], {whole})"


def data_number(text: str) -> str:
    """Return the number that a text is, as the function of the database of that name says it; else NULL."""
    return f"(CASE WHEN length({text}) <= 256 AND pg_input_is_valid({text}, 'numeric') THEN ({text})::numeric END)"


LABELS_OF_COMPLETION = "completion_labels(c.result)"
"""The labels and choices of a completion, as text[]: a function of the database (migration 0002) that has an index."""

_REVIEWED = "c.project_id = t.project_id AND c.review <> ''"
_HOLDS_SOMETHING = {"labels": f"{LABELS_OF_COMPLETION} <> '{{}}'", "review": _REVIEWED}
"""Of lists of which a row may hold nothing, when it holds something."""
