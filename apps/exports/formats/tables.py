"""Rows of a table whose columns are known only when the last task was read: they wait on disk until then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from apps.exports.formats.columns import flat_rows, known_columns
from apps.exports.formats.format import ExportOptions
from apps.exports.formats.json_text import dumps, loads
from apps.exports.formats.spool import Spool


class Table:
    """All rows of an export, and their columns: the data's in order of appearance, then answers, then facts.

    Attributes:
        kinds: for each column, what kinds of value it holds, as `kind_of_cell` names them; nulls do not count.
    """

    def __init__(self, tasks: Iterable[str], options: ExportOptions, spool: Spool) -> None:
        first, last = known_columns(options.config)
        fixed = set(last)
        kinds: dict[str, set[str]] = {name: set() for name in first}
        tail: dict[str, set[str]] = {name: set() for name in last}
        for row in flat_rows(tasks, options):
            for name, value in row.items():
                seen = (tail if name in fixed else kinds).setdefault(name, set())
                if value is not None:
                    seen.add(kind_of_cell(value))
            spool.append(dumps(row))
        self.kinds = {**kinds, **tail}
        self._spool = spool

    @property
    def columns(self) -> list[str]:
        """Their names."""
        return list(self.kinds)

    def rows(self) -> Iterator[list[Any]]:
        """Yield the cells of each row; None where it has none."""
        columns = self.columns
        for line in self._spool:
            row = loads(line)
            yield [row.get(name) for name in columns]


def kind_of_cell(value: Any) -> str:
    """Return which kind of value a cell holds: text, flag, integer, number, texts, or json for all else."""
    if isinstance(value, str):
        return "text"
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, int):
        return "integer" if -(2**63) <= value < 2**63 else "json"
    if isinstance(value, float):
        return "number"
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "texts"
    return "json"


def as_text(value: Any) -> str:
    """Return a cell as text: texts as they are, nothing as the empty text, all else as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else dumps(value).decode()
