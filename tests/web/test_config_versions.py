"""The versions of a labeling config: listed, compared, restored; and the question when restoring breaks answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.jobs.models import Job
from apps.projects.config_changing import OnImpact
from apps.projects.models import ConfigVersion, Project
from apps.projects.renames import Renames
from apps.projects.services import update_project
from apps.web.config_diff import diff_lines
from tests.cast import Cast
from tests.factories import CHOICES_CONFIG, choice, make_completion

BrowserOf = Callable[[User | None], Client]
NEUTRAL = CHOICES_CONFIG.replace('<Choice value="Negative"/>', '<Choice value="Neutral"/>')


def change_config(cast: Cast, config: str, **decision: Any) -> Project:
    """Save a config as the manager, who decided what becomes of what it breaks."""
    decision = {"on_impact": OnImpact.KEEP, **decision}
    return update_project(
        project_id=cast.project.pk, changed_by=cast.manager, label_config=config, **decision
    )


def answer(cast: Cast, label: str) -> None:
    """Have the annotator answer one task."""
    task = cast.project.tasks.order_by("pk").first()
    assert task is not None
    make_completion(task, cast.annotator, result=choice(label))


def address(cast: Cast, rest: str = "") -> str:
    """Return an address below the versions of the cast's project."""
    return f"/projects/{cast.project.pk}/settings/labeling/versions{rest}"


def test_the_versions_are_listed_newest_first_with_their_completions(
    cast: Cast, browser_of: BrowserOf
) -> None:
    answer(cast, "Positive")
    change_config(cast, NEUTRAL, config_note="Neutral is an answer, too")

    page = browser_of(cast.manager).get(address(cast))

    assert [version.number for version in page.context["page"]] == [2, 1]
    assert page.context["counts"] == {1: 1}
    text = page.content.decode()
    assert "Neutral is an answer, too" in text
    assert "manager@example.com" in text


def test_the_list_costs_the_same_for_many_versions(
    cast: Cast, browser_of: BrowserOf, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for number in range(12):
        change_config(cast, CHOICES_CONFIG.replace("Negative", f"Label {number}"))
    browser = browser_of(cast.manager)

    with django_assert_max_num_queries(20):
        page = browser.get(address(cast))
    assert len(page.context["page"]) == 13


def test_a_version_shows_what_it_changed(cast: Cast, browser_of: BrowserOf) -> None:
    change_config(cast, NEUTRAL)

    page = browser_of(cast.manager).get(address(cast, "/2"))

    changed = [(line.sign, line.text.strip()) for line in page.context["lines"] if line.sign]
    assert changed == [("-", '<Choice value="Negative"/>'), ("+", '<Choice value="Neutral"/>')]
    assert page.context["view"] == "changes"
    assert "Restore" not in page.content.decode()


def test_an_earlier_version_is_compared_with_the_present_one(cast: Cast, browser_of: BrowserOf) -> None:
    change_config(cast, NEUTRAL)
    change_config(cast, "")

    page = browser_of(cast.manager).get(address(cast, "/2?show=present"))

    lines = page.context["lines"]
    assert {line.sign for line in lines} == {"-"}
    assert len(lines) == len(NEUTRAL.splitlines())


def test_the_first_version_is_shown_whole(cast: Cast, browser_of: BrowserOf) -> None:
    page = browser_of(cast.manager).get(address(cast, "/1?show=changes"))

    assert page.context["view"] == "text"
    assert "&lt;Choices" in page.content.decode()


def test_a_version_that_is_not_there_is_not_found(cast: Cast, browser_of: BrowserOf) -> None:
    browser = browser_of(cast.manager)

    assert browser.get(address(cast, "/9")).status_code == 404
    assert browser.post(address(cast, "/9/restore")).status_code == 404


def test_a_version_is_restored_at_once_when_nothing_breaks(cast: Cast, browser_of: BrowserOf) -> None:
    change_config(cast, NEUTRAL)

    page = browser_of(cast.manager).post(address(cast, "/1/restore"), follow=True)

    project = Project.objects.get(pk=cast.project.pk)
    assert (project.label_config, project.config_version) == (CHOICES_CONFIG, 3)
    assert [str(message) for message in page.context["messages"]] == ["Version 1 is restored as version 3."]
    newest = ConfigVersion.objects.get(project=project, number=3)
    assert (newest.created_by, newest.note) == (cast.manager, "Version 1 restored")


@pytest.fixture
def renamed(cast: Cast) -> Cast:
    """The cast after "Negative" became "Neutral", with an answer that uses the new name."""
    change_config(cast, NEUTRAL, renames=Renames(labels={"sentiment": {"Negative": "Neutral"}}))
    answer(cast, "Neutral")
    Job.objects.all().delete()
    return cast


def test_restoring_what_breaks_answers_asks_first(renamed: Cast, browser_of: BrowserOf) -> None:
    part = browser_of(renamed.manager).post(address(renamed, "/1/restore"), headers={"HX-Request": "true"})

    assert part.status_code == 409
    assert (part["HX-Retarget"], part["HX-Trigger-After-Settle"]) == (
        "#dialog-content",
        '{"dialog:open": {}}',
    )
    [item] = part.context["items"]
    assert (item.title, item.detail) == (
        "Label “Neutral” of “sentiment” is gone",
        "Used 1 time in 1 completion",
    )
    assert (item.targets, item.suggested) == (("Positive", "Negative"), "Negative")
    assert Project.objects.get(pk=renamed.project.pk).config_version == 2


def fields_of(part: Any, decision: str) -> dict[str, list[str]]:
    """Return what a browser sends when a button of the dialog is clicked with the choices as they are."""
    html = part.content.decode()
    items = part.context["items"]
    assert len(re.findall('name="impact_item"', html)) == len(items)
    return {
        "impact_item": [item.token for item in items],
        "impact_name": [item.suggested for item in items],
        "decided_item": [item.token for item, _ in part.context["decided"]],
        "decided_name": [name for _, name in part.context["decided"]],
        "decision": [decision],
    }


def test_restoring_with_renames_starts_the_job(renamed: Cast, browser_of: BrowserOf) -> None:
    browser = browser_of(renamed.manager)
    part = browser.post(address(renamed, "/1/restore"))

    page = browser.post(address(renamed, "/1/restore"), fields_of(part, "rename"), follow=True)

    version = ConfigVersion.objects.get(project=renamed.project, number=3)
    assert version.renames == {
        "controls": {},
        "labels": {"sentiment": {"Neutral": "Negative"}},
        "objects": {},
    }
    assert Job.objects.get().kind == "relabeling"
    assert "A job renames what is in the answers." in str(next(iter(page.context["messages"])))
    assert [job.kind for job in page.context["jobs"]] == ["relabeling"]


def test_restoring_can_keep_the_answers_as_they_are(renamed: Cast, browser_of: BrowserOf) -> None:
    browser = browser_of(renamed.manager)
    part = browser.post(address(renamed, "/1/restore"), headers={"HX-Request": "true"})

    done = browser.post(
        address(renamed, "/1/restore"), fields_of(part, "keep"), headers={"HX-Request": "true"}
    )

    assert done["HX-Redirect"] == address(renamed)
    assert ConfigVersion.objects.get(project=renamed.project, number=3).renames is None
    assert not Job.objects.exists()


def test_what_nobody_saw_is_asked_and_not_kept(renamed: Cast, browser_of: BrowserOf) -> None:
    sent = {"impact_item": ['["label","sentiment","Other"]'], "impact_name": [""], "decision": ["keep"]}

    part = browser_of(renamed.manager).post(address(renamed, "/1/restore"), sent)

    assert part.status_code == 409
    assert Project.objects.get(pk=renamed.project.pk).config_version == 2


@pytest.mark.parametrize(
    "sent",
    [
        {"impact_item": ["nonsense"], "impact_name": [""]},
        {"impact_item": ["[1,2,3]"], "impact_name": [""]},
        {"impact_item": ['["label","sentiment","Neutral"]'], "impact_name": []},
        {
            "impact_item": ['["label","sentiment","Neutral"]'],
            "impact_name": ["Nowhere"],
            "decision": "rename",
        },
    ],
)
def test_a_decision_that_was_tampered_with_changes_nothing(
    renamed: Cast, browser_of: BrowserOf, sent: dict[str, Any]
) -> None:
    page = browser_of(renamed.manager).post(address(renamed, "/1/restore"), sent, follow=True)

    assert "Version 1 was not restored." in str(next(iter(page.context["messages"])))
    assert Project.objects.get(pk=renamed.project.pk).config_version == 2


def test_lines_far_from_a_change_are_left_out() -> None:
    before = "\n".join(f"line {number}" for number in range(1, 21))
    after = before.replace("line 10", "line ten")

    lines = diff_lines(before, after)

    assert [(line.kind, line.before, line.after) for line in lines] == [
        ("gap", None, None), ("same", 7, 7), ("same", 8, 8), ("same", 9, 9), ("removed", 10, None),
        ("added", None, 10), ("same", 11, 11), ("same", 12, 12), ("same", 13, 13), ("gap", None, None),
    ]  # fmt: skip
    assert (lines[0].text, lines[-1].text) == ("6 unchanged lines", "7 unchanged lines")


def test_equal_texts_have_no_changes() -> None:
    assert diff_lines("a\nb", "a\nb") == []


def test_long_texts_are_not_compared_line_by_line() -> None:
    before, after = "\n".join("ab" * 3_000), "\n".join("ba" * 3_000)

    lines = diff_lines(before, after)

    assert [line.sign for line in (lines[0], lines[-1])] == ["-", "+"]
    assert len(lines) == 12_000
