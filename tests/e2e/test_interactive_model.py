"""A model that helps while somebody draws: it is asked at once, answers with regions, and is in nobody's way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings

from apps.completions.models import Completion
from apps.projects.models import Project
from tests.cast import Cast
from tests.e2e.conftest import Watched
from tests.e2e.test_labeling import editor, place_of_picture, select, shown_text
from tests.factories import make_project, make_tasks
from tests.ml.backends import connected
from tests.ml.fake_backend import FakeBackend, fake_backend

OpenWatched = Callable[..., Watched]

NAMES = """
<View>
  <Labels name="entity" toName="text"><Label value="Person"/></Labels>
  <Text name="text" value="$text"/>
</View>
"""
POINTS = """
<View>
  <Image name="image" value="$image"/>
  <KeyPointLabels name="point" toName="image" smart="true"><Label value="Here"/></KeyPointLabels>
  <RectangleLabels name="box" toName="image" smart="false"><Label value="Cat"/></RectangleLabels>
</View>
"""
SMART_BOXES = """
<View>
  <Image name="image" value="$image"/>
  <RectangleLabels name="box" toName="image" smart="true"><Label value="Cat"/></RectangleLabels>
</View>
"""
BOB = {
    "id": "bob", "from_name": "entity", "to_name": "text", "type": "labels",
    "value": {"start": 10, "end": 13, "text": "Bob", "labels": ["Person"]},
}  # fmt: skip
CAT = {
    "id": "cat", "from_name": "box", "to_name": "image", "type": "rectanglelabels",
    "original_width": 451, "original_height": 300, "image_rotation": 0,
    "value": {"x": 40, "y": 40, "width": 20, "height": 30, "rotation": 0, "rectanglelabels": ["Cat"]},
}  # fmt: skip


@pytest.fixture
def model(settings: Settings) -> Iterator[FakeBackend]:
    """A backend that suggests what a test gives it."""
    settings.ML_ALLOW_LOOPBACK = True
    with fake_backend() as fake:
        yield fake


def open_with_help(page: Page, project: Project) -> None:
    """Open the label page and switch the model's help on."""
    page.goto(f"/projects/{project.pk}/label")
    expect(editor(page).get_by_text("Auto-Annotation")).to_be_visible()
    editor(page).get_by_text("Auto-Annotation").click()


def submitted(page: Page, project: Project) -> list[dict[str, Any]]:
    """Submit, and return the result that was stored."""
    editor(page).get_by_label("submit", exact=True).click()
    expect(page.get_by_text("No task for you now")).to_be_visible()
    [completion] = Completion.objects.filter(project=project)
    return list(completion.result)


def test_a_marked_name_has_the_model_mark_the_others(
    watched: OpenWatched, players: Cast, model: FakeBackend
) -> None:
    project = make_project(players.owner, label_config=NAMES)
    [task] = make_tasks(project, [{"text": "Alice met Bob."}])
    model.predict = lambda _: {"result": [BOB], "score": 0.9}
    connected(project, model, is_interactive=True)
    page = watched(players.owner).page

    open_with_help(page, project)
    expect(shown_text(page, "Alice met Bob")).to_be_visible()
    editor(page).locator(".lsf-label", has_text="Person").click()
    select(page, 0, 5)
    expect(editor(page).locator(".lsf-htx-richtext .htx-highlight")).to_have_count(2)

    result = submitted(page, project)
    assert [item["value"]["text"] for item in result] == ["Alice", "Bob"]
    (asked,) = model.requests_to("/predict")
    assert asked.document["tasks"][0]["id"] == task.pk
    (drawn,) = asked.document["params"]["context"]["result"]
    assert drawn["value"]["text"] == "Alice"


def test_a_model_that_fails_is_told_of_and_labeling_goes_on(
    watched: OpenWatched, players: Cast, model: FakeBackend
) -> None:
    project = make_project(players.owner, label_config=NAMES)
    make_tasks(project, [{"text": "Alice met Bob."}])
    model.answers("/predict", {"detail": "CUDA out of memory"}, 500)
    connected(project, model, is_interactive=True)
    page = watched(players.owner).page

    open_with_help(page, project)
    expect(shown_text(page, "Alice met Bob")).to_be_visible()
    editor(page).locator(".lsf-label", has_text="Person").click()
    select(page, 0, 5)
    expect(page.get_by_text("CUDA out of memory")).to_be_visible()
    expect(page.get_by_text("You can go on by hand.")).to_be_visible()

    assert [item["value"]["text"] for item in submitted(page, project)] == ["Alice"]


@pytest.fixture
def with_smart_tool(
    watched: OpenWatched, players: Cast, model: FakeBackend, data_host: str
) -> Callable[[str, str], tuple[Page, Project, Callable[[float, float], tuple[float, float]]]]:
    """Opens a picture with the smart tool of a label in hand; the function returned tells where on the page it is."""

    def opened(
        config: str, label: str
    ) -> tuple[Page, Project, Callable[[float, float], tuple[float, float]]]:
        project = make_project(players.owner, label_config=config)
        make_tasks(project, [{"image": f"{data_host}/images/chelsea.png"}])
        model.predict = lambda _: {"result": [CAT], "score": 0.9}
        connected(project, model, is_interactive=True)
        page = watched(players.owner).page
        open_with_help(page, project)
        editor(page).get_by_text("Auto accept annotation suggestions").click()
        editor(page).locator(".lsf-label", has_text=label).click()
        editor(page).locator(".lsf-tool_smart").click()
        box = place_of_picture(page, 451)
        return page, project, lambda x, y: (box["x"] + x * box["width"], box["y"] + y * box["height"])

    return opened


def test_a_point_of_the_smart_tool_has_the_model_find_the_box(with_smart_tool: Any) -> None:
    page, project, at = with_smart_tool(POINTS, "Here")

    page.mouse.click(*at(0.5, 0.5))
    expect(editor(page).get_by_text(re.compile(r"Regions\s*2"))).to_be_visible()

    point, found = submitted(page, project)
    assert point["type"] == "keypointlabels"
    assert found["value"] == CAT["value"]


def test_a_box_of_the_smart_tool_is_what_the_model_is_asked_about(
    with_smart_tool: Any, model: FakeBackend
) -> None:
    page, project, at = with_smart_tool(SMART_BOXES, "Cat")

    page.mouse.move(*at(0.2, 0.2))
    page.mouse.down()
    page.mouse.move(*at(0.7, 0.7), steps=5)
    page.mouse.up()
    expect(editor(page).get_by_text(re.compile(r"Regions\s*2"))).to_be_visible()

    drawn, found = submitted(page, project)
    assert found["value"] == CAT["value"]
    (asked,) = model.requests_to("/predict")
    (shown,) = asked.document["params"]["context"]["result"]
    assert (shown["id"], shown["value"]) == (drawn["id"], drawn["value"])
