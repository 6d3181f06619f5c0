"""Earlier labeling configs in a browser: how the pages look, and restoring one that breaks answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from apps.jobs.models import Job
from apps.projects.models import ConfigVersion, Project
from apps.projects.services import update_project
from tests.cast import Cast
from tests.e2e.conftest import Watched
from tests.e2e.looks import LOOKS, check
from tests.factories import choice, make_completion, make_tasks

OpenWatched = Callable[..., Watched]

WIDE_CONFIG = """
<View>
  <Header value="How did the guest feel?"/>
  <Text name="text" value="$text"/>
  <Choices name="sentiment" toName="text" showInline="true">
    <Choice value="Good"/>
    <Choice value="Neutral"/>
    <Choice value="Bad"/>
  </Choices>
  <Rating name="stars" toName="text"/>
</View>
""".strip()


@pytest.fixture
def project(players: Cast) -> Project:
    """A project whose config changed twice, with answers to the present one."""
    project = players.project
    update_project(
        project_id=project.pk,
        changed_by=players.owner,
        label_config=WIDE_CONFIG,
        config_note="Neutral is an answer, too",
    )
    tasks = make_tasks(project, [{"text": f"The room was quiet, review {number}"} for number in range(3)])
    for task, label in zip(tasks, ("Good", "Good", "Bad"), strict=True):
        stars = {
            "id": "r1",
            "from_name": "stars",
            "to_name": "text",
            "type": "rating",
            "value": {"rating": 4},
        }
        make_completion(task, players.annotator, result=[*choice(label), stars])
    update_project(
        project_id=project.pk,
        label_config=WIDE_CONFIG.replace("How did the guest feel?", "Feeling"),
        changed_by=players.manager,
    )
    return project


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_the_pages_of_versions_and_the_question(
    watched: OpenWatched, players: Cast, project: Project, width: int, theme: str
) -> None:
    watch = watched(players.owner, width=width, theme=theme)
    page, address = watch.page, f"/projects/{project.pk}/settings/labeling/versions"
    for name, rest in {
        "config-versions": "",
        "config-version-changes": "/2",
        "config-version-present": "/1?show=present",
        "config-version-text": "/2?show=text",
    }.items():
        answer = page.goto(address + rest)
        assert answer is not None
        assert answer.status == 200
        check(page, name, width, theme)

    page.goto(f"{address}/1")
    page.get_by_role("button", name="Restore").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Label “Good” of “sentiment” is gone")).to_be_visible()
    check(page, "config-impact", width, theme)
    watch.expect_problem("409 (Conflict)")


def test_a_version_is_restored_with_the_keyboard_and_the_answers_follow(
    watched: OpenWatched, players: Cast, project: Project
) -> None:
    watch = watched(players.owner)
    page = watch.page
    page.goto(f"/projects/{project.pk}/settings/labeling/versions/1")
    page.get_by_role("button", name="Restore").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    good = dialog.get_by_role("combobox", name="Label “Good” of “sentiment” is gone")
    good.select_option("It is “Positive” now")
    dialog.get_by_role("combobox", name="Label “Bad” of “sentiment” is gone").select_option("Keep as it is")
    expect(dialog.get_by_text("“stars” is gone")).to_be_visible()
    rename = dialog.get_by_role("button", name="Save and rename in 2 completions")
    good.select_option("Keep as it is")
    expect(dialog.get_by_role("button", name="Save and rename", exact=True)).to_be_disabled()
    good.select_option("It is “Positive” now")

    rename.focus()
    page.keyboard.press("Enter")

    expect(page.get_by_text("Version 1 is restored as version 4. A job renames")).to_be_visible()
    expect(page.get_by_role("heading", name="Rename labels in completions")).to_be_visible()
    version = ConfigVersion.objects.get(project=project, number=4)
    assert version.renames == {"controls": {}, "labels": {"sentiment": {"Good": "Positive"}}, "objects": {}}
    assert Job.objects.get(kind="relabeling").payload == {"project": project.pk, "config_version": 4}
    watch.expect_problem("409 (Conflict)")


def test_going_back_changes_nothing(watched: OpenWatched, players: Cast, project: Project) -> None:
    watch = watched(players.owner)
    page = watch.page
    page.goto(f"/projects/{project.pk}/settings/labeling/versions/1")
    page.get_by_role("button", name="Restore").click()

    page.get_by_role("dialog").get_by_role("link", name="Back").click()

    expect(page.get_by_role("dialog")).to_be_hidden()
    assert Project.objects.get(pk=project.pk).config_version == 3
    watch.expect_problem("409 (Conflict)")
