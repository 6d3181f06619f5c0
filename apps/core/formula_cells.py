"""Cells of tables that a spreadsheet would run as formulas.

The rule: a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return, and is no plain number, is written
with an apostrophe before it. So is a cell that begins with apostrophes and goes on like that; taking one apostrophe
away, as imports do, therefore always gives back what was there.
"""

from __future__ import annotations

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def neutralized(cell: str) -> str:
    """Return `cell` so that a spreadsheet shows it and runs nothing."""
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def restored(cell: str) -> str:
    """Return what `neutralized` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
