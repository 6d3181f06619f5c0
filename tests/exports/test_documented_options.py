"""docs/export.md names every option of exports and every one of its values."""

from __future__ import annotations

import re
from pathlib import Path

from apps.exports.options import COMPLETIONS, IDENTITIES, OPTIONS, PREDICTIONS, STATES, TAGGINGS, TASKS

GUIDE = (Path(__file__).parents[2] / "docs" / "export.md").read_text()
TABLE = GUIDE.split("## What goes in")[1].split("\n\n- ")[0]
NOT_FOR_PEOPLE = {"media_if_held", "parts", "selected"}
"""Called download_resources, split and selectedItems by everybody."""


def test_every_option_has_its_line() -> None:
    named = set(
        re.findall(r"`([\w]+)`", "".join(line.split("|")[1] for line in TABLE.splitlines() if "|" in line))
    )
    assert {option.name for option in OPTIONS} - NOT_FOR_PEOPLE <= named
    assert {"split", "selectedItems"} <= named


def test_every_value_is_named() -> None:
    values = {*TASKS, *STATES[1:], *COMPLETIONS[1:], *PREDICTIONS, *IDENTITIES, *TAGGINGS}
    assert {value for value in values if f"`{value}`" not in TABLE} == set()
