"""The charts of a project's overview in a browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.completions.models import Completion
from apps.predictions.services import save_prediction
from apps.projects.policy import Role
from tests.cast import Cast
from tests.e2e.conftest import Watched
from tests.e2e.test_pages import LOOKS, check
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
