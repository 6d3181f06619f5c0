"""The overview of a project: its charts, in whose days, for whom, and what it says when there is nothing to draw."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.completions.models import Completion
from apps.predictions.services import save_prediction
from apps.statistics.charts import Chart
from apps.statistics.models import ChangedBlock
from apps.tasks.models import Task
from tests.cast import Cast
from tests.factories import make_completion, make_project

BrowserOf = Callable[[User | None], Client]


@pytest.fixture
def answered(cast: Cast) -> Cast:
    """The annotator answered one task and skipped another, the reviewer answered one."""
    first, second, _ = Task.objects.order_by("pk")
    make_completion(first, cast.annotator, lead_time=12.0)
    make_completion(second, cast.annotator, was_cancelled=True)
    make_completion(second, cast.reviewer, lead_time=200.0)
    return cast


def overview(client: Client, cast: Cast, query: str = "", **headers: str) -> Any:
    response = client.get(f"/projects/{cast.project.pk}/{query}", headers=headers)
    assert response.status_code == 200
    return response


def card(response: Any, chart: Chart) -> Any:
    return next(card for card in response.context["cards"] if card.chart == chart)


def test_each_chart_has_a_summary_and_a_table_of_the_same_numbers(
    answered: Cast, browser_of: BrowserOf
) -> None:
    page = overview(browser_of(answered.manager), answered)

    assert card(page, Chart.PROGRESS).summary == "2 of 3 tasks labeled, 1 left; +2 in these days."
    assert card(page, Chart.THROUGHPUT).cells == [
        ["annotator@example.com", "1", "1", "12 s"], ["reviewer@example.com", "1", "0", "3.3 min"],
    ]  # fmt: skip
    assert card(page, Chart.LEAD_TIMES).summary == "1.8 min on average; the median is 10 s – 20 s."
    assert card(page, Chart.SKIPS).summary == "1 skip. That is 33.3 % of all answers."
    assert card(page, Chart.LABELS).cells == [["sentiment", "Positive", "2"]]
    drawn = json.loads(card(page, Chart.LABELS).pictures[0].json())
    assert (drawn["categories"], drawn["series"]) == (["Positive"], [{"name": "Uses", "values": [2]}])


def test_people_beyond_the_eighth_are_drawn_together(cast: Cast, browser_of: BrowserOf) -> None:
    task = Task.objects.earliest("pk")
    for number in range(10):
        person = User.objects.create(email=f"{number}@example.com")
        Completion.objects.create(task=task, project=cast.project, completed_by=person, result=[])

    picture = card(overview(browser_of(cast.owner), cast, "?range=1"), Chart.THROUGHPUT).pictures[0]

    assert [values for _, values in picture.series] == [[1]] * 8 + [[2]]
    assert picture.series[-1][0] == "Others"


def test_days_are_those_of_the_browsers_time_zone(answered: Cast, browser_of: BrowserOf) -> None:
    Completion.objects.update(created_at=datetime(2026, 3, 10, 18, 30, tzinfo=UTC))
    client = browser_of(answered.owner)
    client.cookies["time_zone"] = "Asia/Kolkata"

    page = overview(client, answered, "?from=2026-03-11&to=2026-03-11")

    assert "Days in Asia/Kolkata." in page.content.decode()
    assert card(page, Chart.THROUGHPUT).pictures[0].series[0][1] == [1]


@pytest.mark.parametrize("zone", ["Mars/Base", "../../etc/passwd", "x" * 5_000])
def test_a_time_zone_that_is_none_is_passed_over(answered: Cast, browser_of: BrowserOf, zone: str) -> None:
    client = browser_of(answered.owner)
    client.cookies["time_zone"] = zone

    assert "Days in UTC." in overview(client, answered).content.decode()


def test_annotators_see_the_progress_and_their_own_numbers(answered: Cast, browser_of: BrowserOf) -> None:
    page = overview(browser_of(answered.annotator), answered)

    drawn = [card.chart for card in page.context["cards"] if card.has_data]
    assert drawn == [Chart.PROGRESS, Chart.THROUGHPUT, Chart.LEAD_TIMES, Chart.SKIPS]
    assert card(page, Chart.PROGRESS).rows[-1][4] == 2
    assert card(page, Chart.THROUGHPUT).cells == [["annotator@example.com", "1", "1", "12 s"]]
    assert "reviewer@example.com" not in page.content.decode().split('id="statistics"')[1]


def test_charts_about_everybody_tell_annotators_why_they_are_not_shown(
    answered: Cast, browser_of: BrowserOf
) -> None:
    save_prediction(task_id=Task.objects.earliest("pk").pk, result=[], model_version="bert", score=0.9)

    page = overview(browser_of(answered.annotator), answered)

    for chart in (Chart.LABELS, Chart.SCORES):
        assert (card(page, chart).has_data, card(page, chart).pictures) == (False, [])
        assert "this chart is for managers, reviewers and viewers" in card(page, chart).empty
    assert "bert" not in page.content.decode()


def test_recent_activity_tells_when_the_last_answer_came(answered: Cast, browser_of: BrowserOf) -> None:
    last = {
        person: Completion.objects.filter(completed_by=person).latest("created_at").created_at
        for person in (answered.annotator, answered.reviewer)
    }

    activities = overview(browser_of(answered.owner), answered).context["activities"]

    assert {activity.person_id: activity.until for _, activity in activities} == {
        person.pk: moment for person, moment in last.items()
    }


def test_recent_activity_of_people_who_are_gone_has_its_time_too(
    answered: Cast, browser_of: BrowserOf
) -> None:
    Completion.objects.update(completed_by=None)

    ((name, activity),) = overview(browser_of(answered.owner), answered).context["activities"]

    assert (name, activity.until) == ("Unknown person", Completion.objects.latest("created_at").created_at)


def test_other_days_are_sent_alone_and_the_address_says_which(answered: Cast, browser_of: BrowserOf) -> None:
    part = overview(browser_of(answered.owner), answered, "?range=7", **{"HX-Request": "true"})

    text = part.content.decode()
    assert text.lstrip().startswith('<section id="statistics"')
    assert "HX-Request" in part["Vary"]
    assert 'id="range-7" href="' in text
    assert part.context["chosen_range"] == "7"
    assert len(card(part, Chart.PROGRESS).rows) == 7


def test_days_that_are_none_are_answered_with_the_last_thirty(answered: Cast, browser_of: BrowserOf) -> None:
    page = overview(browser_of(answered.owner), answered, "?from=2026-02-31")

    assert "from must be a day such as 2026-01-31. These are the last 30 days." in page.content.decode()
    assert len(card(page, Chart.PROGRESS).rows) == 30


def test_numbers_that_are_not_exact_say_so(answered: Cast, browser_of: BrowserOf) -> None:
    ChangedBlock.objects.create(project_id=answered.project.pk, block=None)

    text = overview(browser_of(answered.owner), answered).content.decode()

    assert "The answers are being counted for the first time." in text
    assert 'hx-trigger="load delay:10s"' in text


def test_a_project_without_tasks_has_no_charts_but_says_when(cast: Cast, browser_of: BrowserOf) -> None:
    empty = make_project(cast.owner)

    text = browser_of(cast.owner).get(f"/projects/{empty.pk}/").content.decode()

    assert "drawn here as soon as there are tasks" in text
    assert "statistics.js" not in text


def test_a_project_in_which_nobody_labeled_says_what_to_do(cast: Cast, browser_of: BrowserOf) -> None:
    text = overview(browser_of(cast.owner), cast).content.decode()

    assert "Nobody submitted a completion in these days." in text
    assert "There are no predictions. Import tasks with predictions" in text


def test_names_and_labels_are_no_markup(answered: Cast, browser_of: BrowserOf) -> None:
    User.objects.filter(pk=answered.annotator.pk).update(first_name='"><img src=x>')

    assert "<img src=x>" not in overview(browser_of(answered.owner), answered).content.decode()


def test_the_page_takes_as_many_queries_for_many_answers_as_for_few(
    answered: Cast, browser_of: BrowserOf
) -> None:
    client = browser_of(answered.owner)
    overview(client, answered)
    with CaptureQueriesContext(connection) as few:
        overview(client, answered)
    for person in (answered.owner, answered.manager, answered.reviewer):
        make_completion(Task.objects.latest("pk"), person)
    overview(client, answered)
    with CaptureQueriesContext(connection) as many:
        overview(client, answered)

    assert len(many) == len(few) <= 20
