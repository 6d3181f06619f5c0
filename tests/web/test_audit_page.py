"""The audit log on its page."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.audit.models import Entry
from apps.audit.services import record
from apps.web.audit_changes import Change, changes_of
from apps.web.views import audit
from tests.cast import Cast
from tests.factories import make_project

BrowserOf = Callable[[User | None], Client]


@pytest.fixture
def log(cast: Cast) -> None:
    """Three entries: one of the cast's project, one of another, one of none."""
    other = make_project(cast.stranger, title="Elsewhere")
    Entry.objects.all().delete()
    record(
        AuditAction.MEMBER_CHANGED, actor=cast.owner, target=cast.viewer, project_id=cast.project.pk,
        before={"role": "viewer"}, after={"role": "reviewer"},
    )  # fmt: skip
    record(AuditAction.PROJECT_CHANGED, actor=cast.stranger, target=other, project_id=other.pk)
    record(AuditAction.SIGN_IN_FAILED, actor=None, target_name="eve@example.com")


def actions(browser: Client, query: str = "") -> list[str]:
    """Return the actions that the page lists, without the sign-in of the test itself."""
    entries = browser.get(f"/audit{query}").context["entries"]
    return [entry.row.action for entry in entries if entry.row.action != "user.signed_in"]


def test_managers_see_their_projects_and_administrators_everything(
    cast: Cast, browser_of: BrowserOf, log: None
) -> None:
    assert actions(browser_of(cast.manager)) == ["member.changed"]
    assert actions(browser_of(cast.stranger)) == ["project.changed"]
    everything = ["user.sign_in_failed", "project.changed", "member.changed"]
    assert actions(browser_of(cast.administrator)) == everything


def test_a_change_is_told_in_words(cast: Cast, browser_of: BrowserOf, log: None) -> None:
    [entry] = browser_of(cast.manager).get("/audit").context["entries"]

    assert entry.changes == [Change("role", "viewer", "reviewer")]


def test_entries_are_filtered(cast: Cast, browser_of: BrowserOf, log: None) -> None:
    browser = browser_of(cast.administrator)
    today = Entry.objects.first().at.date().isoformat()  # type: ignore[union-attr]

    assert actions(browser, f"?project={cast.project.pk}") == ["member.changed"]
    assert actions(browser, "?actor=OWNER") == ["member.changed"]
    assert actions(browser, "?action=project.changed") == ["project.changed"]
    assert len(actions(browser, f"?since={today}&until={today}")) == 3
    assert actions(browser, "?until=2020-01-01") == []


@pytest.mark.parametrize(
    "query", ["since=yesterday", "until=9999-12-31", "action=nothing", "project=x", "project=²"]
)
def test_a_filter_that_cannot_be_read_is_said_and_never_a_failure(
    cast: Cast, browser_of: BrowserOf, log: None, query: str
) -> None:
    browser = browser_of(cast.administrator)

    assert browser.get(f"/audit?{query}").status_code == 422
    assert browser.get(f"/audit/csv?{query}").status_code == 400


def test_a_project_of_others_is_no_way_in(cast: Cast, browser_of: BrowserOf, log: None) -> None:
    other = cast.stranger.projects.get()

    assert actions(browser_of(cast.manager), f"?project={other.pk}") == []


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "%00", "²"])
def test_a_page_that_is_none_is_the_first(cast: Cast, browser_of: BrowserOf, log: None, before: str) -> None:
    assert actions(browser_of(cast.manager), f"?before={before}") == ["member.changed"]


def test_older_entries_are_a_page_away(
    cast: Cast, browser_of: BrowserOf, log: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "PAGE_SIZE", 2)
    browser = browser_of(cast.administrator)
    first = browser.get("/audit?since=2020-01-01").context

    older = actions(browser, f"?before={first['next_before']}")

    assert [entry.row.action for entry in first["entries"]] == ["user.signed_in", "user.sign_in_failed"]
    assert older == ["project.changed", "member.changed"]


def test_what_matches_is_downloaded_as_csv(cast: Cast, browser_of: BrowserOf, log: None) -> None:
    answer = browser_of(cast.manager).get("/audit/csv?action=member.changed")

    rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode())))
    assert "attachment" in answer["Content-Disposition"]
    assert [(row["actor"], row["action"]) for row in rows] == [("owner@example.com", "member.changed")]


def test_changes_name_what_was_added_changed_and_taken_away() -> None:
    before = {"a": 1, "same": "x", "gone": "old", "flag": True}
    after = {"a": [1, 2], "same": "x", "gone": "", "flag": False, "new_name": "n"}

    assert changes_of(before, after) == [
        Change("a", "1", "[\n  1,\n  2\n]"),
        Change("flag", "yes", "no"),
        Change("gone", "old", None),
        Change("new name", None, "n"),
    ]
    assert changes_of(None, None) == []
