"""The charts of a project's overview in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.completions.models import Completion
from apps.predictions.services import save_prediction
from apps.projects.policy import Role
from tests.cast import Cast
from tests.e2e.conftest import Watched
from tests.e2e.looks import LOOKS, check
from tests.factories import choice, make_completion, make_member, make_project

OpenWatched = Callable[..., Watched]
CHARTS = 6


@pytest.fixture
def busy(players: Cast) -> Cast:
    """Three people answered tasks on the last days; a model predicted all of them."""
    project = make_project(players.owner, title="Reviews of hotels", tasks=24)
    project.tasks.update(created_at=timezone.now() - timedelta(days=9))
    people = [players.owner, make_member(project, Role.ANNOTATOR), make_member(project, Role.REVIEWER)]
    for number, task in enumerate(project.tasks.order_by("pk")):
        save_prediction(task_id=task.pk, result=choice(), score=(number % 10) / 10, model_version="bert-2")
        if number % 4:
            completion = make_completion(
                task, people[number % 3], result=choice("Negative" if number % 5 else "Positive"),
                lead_time=float(5 * number), was_cancelled=number % 7 == 0,
            )  # fmt: skip
            moment = timezone.now() - timedelta(days=number % 6)
            Completion.objects.filter(pk=completion.pk).update(created_at=moment)
            type(task).objects.filter(pk=task.pk, is_labeled=True).update(completed_at=moment)
    return replace(players, project=project)


def drawn(page: Page) -> int:
    """Return how many charts hold a picture that is not all one colour."""
    return int(
        page.evaluate("""() => [...document.querySelectorAll("[data-drawn] canvas")].filter((canvas) => {
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            return new Set(new Uint32Array(data.buffer)).size > 3;
        }).length""")
    )


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_the_charts_are_drawn(watched: OpenWatched, busy: Cast, width: int, theme: str) -> None:
    page = watched(busy.owner, width=width, theme=theme).page
    page.goto(f"/projects/{busy.project.pk}/")
    expect(page.locator("[data-drawn]")).to_have_count(CHARTS)
    assert drawn(page) == CHARTS
    check(page, "dashboard", width, theme)
    if (width, theme) == LOOKS[0]:
        days_change_and_come_back(page)
        the_theme_changes(page)
        a_csv_is_downloaded(page, busy)


def days_change_and_come_back(page: Page) -> None:
    page.get_by_role("link", name="7 days").click()
    expect(page.get_by_role("link", name="7 days")).to_have_attribute("aria-current", "true")
    expect(page.locator("[data-drawn]")).to_have_count(CHARTS)
    expect(page).to_have_url(re.compile(r"\?range=7$"))
    page.get_by_label("By", exact=True).select_option("week")
    expect(page).to_have_url(re.compile("by=week$"))
    expect(page.locator("th", has_text="Week from").first).to_be_attached()
    page.get_by_text("Show as a table").first.click()
    expect(page.get_by_role("columnheader", name="Week from")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("link", name="7 days")).to_have_attribute("aria-current", "true")
    expect(page.locator("[data-drawn] canvas")).to_have_count(CHARTS)


def the_theme_changes(page: Page) -> None:
    canvas = page.locator("[data-chart=progress] canvas")
    light = canvas.evaluate("(canvas) => canvas.toDataURL()")
    page.evaluate("document.documentElement.dataset.bsTheme = 'dark'")
    page.wait_for_function(
        "(light) => document.querySelector('[data-chart=progress] canvas').toDataURL() !== light", arg=light
    )


def a_csv_is_downloaded(page: Page, busy: Cast) -> None:
    with page.expect_download() as download:
        page.get_by_role("link", name="Labels as CSV").click()
    assert download.value.suggested_filename == f"project-{busy.project.pk}-labels.csv"
    lines = Path(download.value.path()).read_text().splitlines()
    assert lines[0] == "control,label,uses"
    assert {line.split(",")[1] for line in lines[1:]} == {"Positive", "Negative"}
