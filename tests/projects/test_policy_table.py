"""The role table of the docs says what the policy says."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from apps.projects import policy_table
from apps.projects.policy import Action, Role

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "people.md"


def test_the_docs_have_the_policy_of_today():
    call_command("write_policy_table", "--check")


def test_every_action_is_a_row_and_every_role_a_column():
    head, _, *rows = policy_table.policy_table().splitlines()

    assert [cell.strip() for cell in head.strip("|").split("|")] == ["may", *Role.values]
    assert {row.split("|")[1].strip() for row in rows} == {*Action, "give, take and change these roles"}
    assert f"| {Action.DELETE_PROJECT} | ✓ | | | | |" in rows
    assert f"| {Action.LABEL} | ✓ | ✓ | ✓ | ✓ | |" in rows


def test_a_table_that_is_out_of_date_is_found_and_written(tmp_path):
    file = tmp_path / "people.md"
    file.write_text(DOCUMENT.read_text().replace("✓", "no", 1))

    with pytest.raises(CommandError, match="out of date"):
        call_command("write_policy_table", "--check", "--file", str(file))
    call_command("write_policy_table", "--file", str(file))
    assert file.read_text() == DOCUMENT.read_text()


def test_a_document_without_a_place_for_the_table_is_left_alone(tmp_path):
    file = tmp_path / "other.md"
    file.write_text("# Other\n")

    with pytest.raises(CommandError, match="no place"):
        call_command("write_policy_table", "--file", str(file))
    assert file.read_text() == "# Other\n"
