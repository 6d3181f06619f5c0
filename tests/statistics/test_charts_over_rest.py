"""The charts as JSON and CSV: who sees whose numbers, and what a bad question is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.predictions.services import save_prediction
from apps.projects.models import Project
from apps.statistics.charts import Chart
from apps.statistics.models import ChangedBlock
from apps.tasks.models import Task
from tests.cast import Cast
from tests.factories import choice, make_completion

Api = Callable[[User | None], APIClient]


@pytest.fixture
def answered(cast: Cast) -> Cast:
    """The annotator answered one task and skipped another, the reviewer answered one."""
    first, second, _ = Task.objects.order_by("pk")
    make_completion(first, cast.annotator, lead_time=12.0)
    make_completion(second, cast.annotator, was_cancelled=True)
    make_completion(second, cast.reviewer, result=choice("Negative"), lead_time=40.0)
    save_prediction(task_id=first.pk, result=choice(), score=0.5, model_version="v1")
    return cast


def read(client: APIClient, cast: Cast, chart: str, query: str = "") -> dict[str, Any]:
    response = client.get(f"/api/projects/{cast.project.pk}/statistics/{chart}/?range=1{query}")
    assert response.status_code == 200, response.content
    body: dict[str, Any] = response.json()
    return body


def test_each_chart_has_its_numbers(answered: Cast, api: Api) -> None:
    client = api(answered.manager)
    rows = {chart: read(client, answered, chart)["rows"] for chart in Chart}

    assert [row[1:] for row in rows[Chart.PROGRESS]] == [[3, 2, 3, 2, 1]]
    assert [row[2:] for row in rows[Chart.THROUGHPUT]] == [
        ["reviewer@example.com", 1, 1, 40.0], ["annotator@example.com", 1, 1, 12.0],
    ]  # fmt: skip
    assert [row[2:] for row in rows[Chart.SKIPS]] == [["annotator@example.com", 1]]
    assert [row for row in rows[Chart.LEAD_TIMES] if row[2]] == [[10, 20, 1], [30, 60, 1]]
    assert rows[Chart.LABELS] == [["sentiment", "Negative", 1], ["sentiment", "Positive", 1]]
    assert rows[Chart.SCORES] == [["v1", 0.5, 0.55, 1]]


def test_annotators_see_the_progress_of_all_and_their_own_numbers(answered: Cast, api: Api) -> None:
    client = api(answered.annotator)

    throughput = read(client, answered, "throughput")

    assert throughput["own_only"] is True
    assert [row[1] for row in throughput["rows"]] == [answered.annotator.pk]
    assert [row for row in read(client, answered, "lead-times")["rows"] if row[2]] == [[10, 20, 1]]
    assert read(client, answered, "progress")["rows"][0][4] == 2
    listed = client.get(f"/api/projects/{answered.project.pk}/statistics/").json()
    assert [entry["chart"] for entry in listed] == ["progress", "throughput", "lead-times", "skips"]
    for chart in ("labels", "scores"):
        refused = client.get(f"/api/projects/{answered.project.pk}/statistics/{chart}/")
        assert refused.status_code == 403


def test_annotators_see_everybodys_numbers_where_the_project_shows_completions(
    answered: Cast, api: Api
) -> None:
    Project.objects.filter(pk=answered.project.pk).update(show_completions_to_annotators=True)

    people = {row[1] for row in read(api(answered.annotator), answered, "throughput")["rows"]}

    assert people == {answered.annotator.pk, answered.reviewer.pk}


@pytest.mark.parametrize(
    "asked", [{"query": "&format=csv"}, {"accept": "text/csv"}], ids=["format", "accept"]
)
def test_csv_comes_as_a_file_in_which_nothing_is_a_formula(
    answered: Cast, api: Api, asked: dict[str, str]
) -> None:
    User.objects.filter(pk=answered.annotator.pk).update(first_name="=1+1")
    address = f"/api/projects/{answered.project.pk}/statistics/throughput/?range=1{asked.get('query', '')}"

    response = api(answered.manager).get(address, headers={"Accept": asked.get("accept", "*/*")})

    lines = b"".join(response).decode().splitlines()
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].endswith(f'"project-{answered.project.pk}-throughput.csv"')
    assert lines[0] == "from,person_id,person,completions,timed_completions,lead_seconds"
    assert ",'=1+1," in lines[2]


@pytest.mark.parametrize(
    "query",
    ["time_zone=Mars/Base", "time_zone=../../etc/passwd", "format=pdf", "from=x", "to=x", "range=x", "by=x",
     "time_zone=%00", "range=99999999"],
)  # fmt: skip
def test_a_bad_question_is_400(cast: Cast, api: Api, query: str) -> None:
    response = api(cast.owner).get(f"/api/projects/{cast.project.pk}/statistics/progress/?{query}")

    assert response.status_code == 400
    assert list(response.json()["validation_errors"]) == [query.split("=")[0]]


def test_a_chart_there_is_not_is_404(cast: Cast, api: Api) -> None:
    assert api(cast.owner).get(f"/api/projects/{cast.project.pk}/statistics/pie/").status_code == 404


def test_what_changed_is_counted_while_one_waits(answered: Cast, api: Api) -> None:
    assert ChangedBlock.objects.exists()

    document = read(api(answered.owner), answered, "skips")

    assert (document["exact"], document["as_of"]) == (True, None)
    assert not ChangedBlock.objects.exists()


def test_when_too_much_changed_a_job_counts_and_the_numbers_say_of_when_they_are(
    answered: Cast, api: Api
) -> None:
    read(api(answered.owner), answered, "skips")
    notes = [ChangedBlock(project_id=answered.project.pk, block=block) for block in range(10**6, 10**6 + 5)]
    ChangedBlock.objects.bulk_create(notes)
    oldest = ChangedBlock.objects.earliest("changed_at").changed_at

    document = read(api(answered.owner), answered, "skips")

    assert (document["exact"], document["as_of"]) == (False, oldest.isoformat())


@pytest.mark.parametrize("chart", list(Chart))
def test_a_chart_takes_as_many_queries_for_many_people_as_for_one(
    answered: Cast, api: Api, chart: Chart
) -> None:
    client = api(answered.owner)
    read(client, answered, chart)
    with CaptureQueriesContext(connection) as few:
        read(client, answered, chart)
    for person in (answered.owner, answered.manager):
        make_completion(Task.objects.latest("pk"), person)
    read(client, answered, chart)
    with CaptureQueriesContext(connection) as many:
        read(client, answered, chart)

    assert len(many) == len(few) <= 8
