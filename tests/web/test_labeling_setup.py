"""The labeling page without a browser: checking, saving, tasks and templates for the preview, the preview's frame."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.labeling.templates import labeling_templates
from apps.projects.models import Project
from tests.cast import Cast
from tests.factories import CHOICES_CONFIG, choice, make_completion, make_project, make_tasks

BrowserOf = Callable[[User | None], Client]


def address(project: Project, rest: str = "") -> str:
    """Return the address of a project's labeling page, or of one below it."""
    return f"/projects/{project.pk}/settings/labeling{rest}"


def stored(project: Project) -> str:
    """Return the project's config as it is in the database."""
    return Project.objects.values_list("label_config", flat=True).get(pk=project.pk)


def test_a_check_says_what_is_wrong_and_where(cast: Cast, browser_of: BrowserOf) -> None:
    config = '<View>\n  <Txt name="a"/>\n</View>'

    verdict = browser_of(cast.manager).post(address(cast.project, "/check"), {"label_config": config}).json()

    assert verdict["problems"][0] == {
        "message": "<Txt> is no tag of the editor. Did you mean <Text>?",
        "line": 2,
        "column": 3,
    }
    assert verdict["sample"] is None


def test_a_check_of_a_good_config_brings_a_task_for_it(cast: Cast, browser_of: BrowserOf) -> None:
    verdict = (
        browser_of(cast.manager)
        .post(address(cast.project, "/check"), {"label_config": CHOICES_CONFIG})
        .json()
    )

    assert verdict["problems"] == []
    assert list(verdict["sample"]) == ["text"]
    assert verdict["textKeys"] == ["text"]


@pytest.mark.parametrize("config", ["", " \n", "\x00", "<", "<!DOCTYPE a><a/>", "<View>" * 5_000, "\ud800"])
def test_a_check_of_anything_is_an_answer(cast: Cast, browser_of: BrowserOf, config: str) -> None:
    body = b"label_config=" + config.encode("utf-8", "surrogatepass")

    answer = browser_of(cast.manager).post(
        address(cast.project, "/check"), body, content_type="application/x-www-form-urlencoded"
    )

    assert answer.status_code == 200
    assert set(answer.json()) == {"problems", "warnings", "sample", "textKeys"}


def test_a_config_is_stored_with_the_line_ends_of_unix(cast: Cast, browser_of: BrowserOf) -> None:
    config = CHOICES_CONFIG.replace("Negative", "Bad")

    answer = browser_of(cast.manager).post(
        address(cast.project), {"label_config": config.replace("\n", "\r\n")}
    )

    assert answer["Location"] == address(cast.project)
    assert stored(cast.project) == config


def test_what_breaks_completions_is_asked_before_anything_is_stored(
    cast: Cast, browser_of: BrowserOf
) -> None:
    task = cast.project.tasks.order_by("pk").first()
    assert task is not None
    make_completion(task, cast.annotator, result=choice("Positive"))

    answer = browser_of(cast.manager).post(
        address(cast.project),
        {"label_config": CHOICES_CONFIG.replace("Positive", "Good")},
        headers={"HX-Request": "true"},
    )

    assert answer.status_code == 409
    assert answer["HX-Retarget"] == "#dialog-content"
    assert stored(cast.project) == CHOICES_CONFIG


def test_only_the_projects_own_tasks_are_previewed(cast: Cast, browser_of: BrowserOf) -> None:
    browser = browser_of(cast.owner)
    [own] = make_tasks(cast.project, [{"text": "ours"}])
    [foreign] = make_tasks(make_project(cast.owner), [{"text": "of another project"}])

    assert browser.get(address(cast.project, f"/tasks/{own.pk}")).json() == {
        "id": own.pk,
        "data": {"text": "ours"},
    }
    assert browser.get(address(cast.project, f"/tasks/{foreign.pk}")).status_code == 404


def test_a_template_comes_with_its_task(cast: Cast, browser_of: BrowserOf) -> None:
    template = labeling_templates()["image_bbox"]

    answer = browser_of(cast.manager).get("/labeling/templates/image_bbox").json()

    assert answer == {"title": template.title, "config": template.config, "task": template.task}


def test_a_template_in_the_address_fills_the_field_and_stores_nothing(
    cast: Cast, browser_of: BrowserOf
) -> None:
    page = browser_of(cast.manager).get(address(cast.project, "?template=image_bbox"))

    assert page.context["form"]["label_config"].value() == labeling_templates()["image_bbox"].config
    assert page.context["editor_context"]["saved"] == CHOICES_CONFIG
    assert stored(cast.project) == CHOICES_CONFIG


def test_the_previews_frame_is_sandboxed_and_runs_only_scripts_with_its_nonce(
    cast: Cast, browser_of: BrowserOf
) -> None:
    answer = browser_of(cast.manager).get("/labeling/preview")

    policy = answer["Content-Security-Policy"]
    assert "sandbox allow-scripts allow-same-origin;" in f"{policy};"
    assert re.search(r"script-src 'nonce-[^']+';", f"{policy};")
    assert "form-action 'none'" in policy
    assert "frame-ancestors 'self'" in policy
