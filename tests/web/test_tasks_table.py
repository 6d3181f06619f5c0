"""The table of tasks: paging, order, states."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import User
from tests.cast import Cast
from tests.factories import make_completion, make_tasks

BrowserOf = Callable[[User | None], Client]


def test_tasks_come_in_pages_of_fifty(cast: Cast, browser_of: BrowserOf) -> None:
    make_tasks(cast.project, [{"text": str(number)} for number in range(60)])
    browser = browser_of(cast.viewer)

    pages = [
        browser.get(f"/projects/{cast.project.pk}/tasks?page={page}").context["rows"] for page in (1, 2, 99)
    ]

    assert [len(rows) for rows in pages] == [50, 13, 13]
    assert [rows[0].task.inner_id for rows in pages] == [1, 51, 51]


@pytest.mark.parametrize(
    ("ordering", "first"),
    [("inner_id", 1), ("-inner_id", 3), ("-completions_count", 2), ("data", 1), ("'; drop", 1)],
)
def test_the_order_is_chosen_by_the_column(
    cast: Cast, browser_of: BrowserOf, ordering: str, first: int
) -> None:
    task = cast.project.tasks.get(inner_id=2)
    make_completion(task, cast.annotator)

    rows = (
        browser_of(cast.viewer)
        .get(f"/projects/{cast.project.pk}/tasks", {"ordering": ordering})
        .context["rows"]
    )

    assert rows[0].task.inner_id == first


def test_each_row_tells_its_state_its_text_and_who_worked_on_it(cast: Cast, browser_of: BrowserOf) -> None:
    first, second, _ = cast.project.tasks.order_by("inner_id")
    make_completion(first, cast.annotator)
    make_completion(second, cast.reviewer, was_cancelled=True, result=[])

    rows = browser_of(cast.viewer).get(f"/projects/{cast.project.pk}/tasks").context["rows"]

    assert [(row.state, row.preview, row.updated_by) for row in rows] == [
        ("labeled", "text 1", cast.annotator),
        ("skipped", "text 2", cast.reviewer),
        ("open", "text 3", None),
    ]


def test_a_page_costs_the_same_number_of_queries_however_many_rows(
    cast: Cast, browser_of: BrowserOf, django_assert_num_queries: Callable[..., object]
) -> None:
    for task in make_tasks(cast.project, [{"text": str(number)} for number in range(20)]):
        make_completion(task, cast.annotator)
    browser = browser_of(cast.owner)
    address = f"/projects/{cast.project.pk}/tasks"
    browser.get(address)

    with django_assert_num_queries(9):  # type: ignore[attr-defined]
        browser.get(address)
