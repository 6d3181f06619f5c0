"""What an export could not write: which row, and why. The rest is exported all the same."""

from __future__ import annotations

from collections.abc import Iterator

from apps.exports.formats.json_text import dumps
from apps.exports.formats.spool import Spool


class Report:
    """Collects the problems of one export.

    Attributes:
        exported: how many tasks were written.
        problems: how many problems there are.
    """

    def __init__(self) -> None:
        self.exported = 0
        self.problems = 0
        self._rows: Spool | None = None

    def add(
        self, problem: str, *, task: object = None, completion: object = None, region: object = None
    ) -> None:
        """Note a problem.

        Args:
            problem: what was wrong and what became of it, as a sentence without its full stop.
            task, completion, region: ids of what it is about, as far as they are known.
        """
        self.problems += 1
        if self._rows is None:
            self._rows = Spool()
        ids = {"task": task, "completion": completion, "region": region}
        self._rows.append(
            dumps({key: value for key, value in ids.items() if value is not None} | {"problem": problem})
        )

    def rows(self) -> Iterator[bytes]:
        """Yield each problem as a JSON object."""
        return iter(self._rows or ())

    def pieces(self) -> Iterator[bytes]:
        """Yield the report as JSON: `{"exported": 2, "problems": 1, "rows": [{"task": 7, "problem": "…"}]}`."""
        yield b'{"exported": %d, "problems": %d, "rows": [' % (self.exported, self.problems)
        separator = b"\n"
        for row in self.rows():
            yield separator + row
            separator = b",\n"
        yield b"\n]}\n" if self.problems else b"]}\n"
