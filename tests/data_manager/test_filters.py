"""Filters find the tasks they describe, and nothing else gets near the database."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection

from apps.completions.models import Verdict
from apps.completions.reviewing import review_completion
from apps.data_manager.models import View
from apps.labeling.tags import registry
from apps.predictions.services import save_prediction
from apps.tasks.assigning import assign_tasks
from apps.tasks.models import Task
from apps.tasks.services import delete_batch
from tests.factories import assign, choice, make_comment, make_completion, make_tasks

DATA = [
    {"text": "The harbour of Lisbon", "rank": 10, "meta": {"lang": "pt"}, "day": "2026-01-31"},
    {"text": '100% wool, it\'s "soft"', "rank": "9", "meta": {"lang": "en"}, "day": "2026-02-01"},
    {
        "text": "snow_flake",
        "rank": 2.5,
        "meta": {},
        "day": "soon",
        "it's": "quoted",
        "50%": "half",
        "a.b": "dots",
    },
]


@pytest.fixture
def tasks(cast) -> list[Task]:
    """Four tasks: three of every kind of data, and one with a text alone."""
    delete_batch(project_id=cast.project.pk)
    return make_tasks(cast.project, [*DATA, {"text": "plain"}])


def query(**document: Any) -> str:
    return f"query={quote(json.dumps(document))}"


def item(name: str, operator: str, value: Any = None, kind: str = "String") -> dict[str, Any]:
    return {"filter": f"filter:tasks:{name}", "operator": operator, "type": kind, "value": value}


def find(client, project, *items: dict[str, Any], conjunction: str = "and") -> list[int]:
    """Return which tasks are found, counted from 0."""
    sent = query(filters={"conjunction": conjunction, "items": list(items)})
    response = client.get(f"/api/tasks/?project={project.pk}&include=id&{sent}")
    assert response.status_code == 200, response.content
    ids = list(Task.objects.order_by("pk").values_list("pk", flat=True))
    body = response.json()
    assert body["total"] == len(body["tasks"])
    return [ids.index(task["id"]) for task in body["tasks"]]


@pytest.mark.parametrize(
    ("name", "operator", "value", "kind", "found"),
    [
        ("data.text", "contains", "LISBON", "String", [0]),
        ("data.text", "not_contains", "lisbon", "String", [1, 2, 3]),
        ("data.text", "contains", "%", "String", [1]),
        ("data.text", "contains", "_", "String", [2]),
        ("data.text", "contains", "' OR 1=1--", "String", []),
        ("data.text", "contains", 'it\'s "soft"', "String", [1]),
        ("data.text", "contains", "\\", "String", []),
        ("data.text", "equal", "plain", "String", [3]),
        ("data.text", "not_equal", "plain", "String", [0, 1, 2]),
        ("data.text", "in_list", ["plain", "snow_flake"], "String", [2, 3]),
        ("data.text", "not_in_list", ["plain", "snow_flake"], "String", [0, 1]),
        ("data.text", "regex", "^(The|p.ain$)", "String", [0, 3]),
        ("data.rank", "empty", True, "String", [3]),
        ("data.rank", "empty", False, "Number", [0, 1, 2]),
        ("data.rank", "greater", 9, "Number", [0]),
        ("data.rank", "less_or_equal", 9, "Number", [1, 2]),
        ("data.rank", "in", {"min": 2, "max": 9.5}, "Number", [1, 2]),
        ("data.rank", "not_in", {"min": 2, "max": 9.5}, "Number", [0, 3]),
        ("data.day", "greater", "2026-01-31T12:00:00Z", "Datetime", [1]),
        ("data.day", "in", {"min": "2026-01-01", "max": "2026-01-31T23:00:00Z"}, "Datetime", [0]),
        ("data.meta.lang", "equal", "pt", "String", [0]),
        ("data.a.b", "equal", "dots", "String", [2]),
        ("data.it's", "equal", "quoted", "String", [2]),
        ("data.50%", "equal", "half", "String", [2]),
        ("data.%(value_0)s", "equal", "half", "String", []),
        ("data.created_by__password", "contains", "a", "String", []),
        ("data", "contains", "flake", "String", [2]),
        ("inner_id", "in_list", [5, 7], "Number", [1, 3]),
        ("total_annotations", "equal", 0, "Number", [0, 1, 2, 3]),
        ("created_at", "greater", "2000-01-01", "Datetime", [0, 1, 2, 3]),
        ("completed_at", "empty", True, "Datetime", [0, 1, 2, 3]),
        ("is_labeled", "equal", False, "Boolean", [0, 1, 2, 3]),
        ("state", "in_list", ["labeled", "skipped"], "String", []),
    ],
)
def test_a_filter_finds_the_tasks_it_describes(cast, api, tasks, name, operator, value, kind, found):
    assert find(api(cast.viewer), cast.project, item(name, operator, value, kind)) == found


def test_answers_are_found_by_person_label_text_and_model(cast, api, tasks):
    make_completion(tasks[0], cast.annotator)
    make_completion(tasks[1], cast.reviewer, result=choice("Negative"), ground_truth=True, lead_time=4)
    make_completion(tasks[2], cast.reviewer, was_cancelled=True, result=[])
    review_completion(
        completion_id=tasks[0].completions.get().pk, verdict=Verdict.ACCEPTED, reviewed_by=cast.manager
    )
    save_prediction(task_id=tasks[3].pk, result=choice(), score=0.5, model_version="v1")
    client = api(cast.reviewer)

    def found(*sent: Any) -> list[int]:
        return find(client, cast.project, item(*sent))

    assert found("annotators", "contains", cast.annotator.pk) == [0]
    assert found("annotators", "not_contains", str(cast.annotator.pk)) == [1, 2, 3]
    assert found("annotators", "in_list", [cast.annotator.pk, cast.reviewer.pk]) == [0, 1, 2]
    assert found("annotators", "empty", True) == [3]
    assert found("labels", "contains", "Negative") == [1]
    assert found("labels", "in_list", ["Negative", "Positive"]) == [0, 1]
    assert found("labels", "not_contains", "Negative") == [0, 2, 3]
    assert found("labels", "empty", False) == [0, 1]
    assert found("review", "contains", "accepted") == [0]
    assert found("review", "not_contains", "accepted") == [1, 2, 3]
    assert found("review", "in_list", ["rejected"]) == []
    assert found("review", "empty", True) == [1, 2, 3]
    assert found("annotations_results", "contains", "negative") == [1]
    assert found("predictions_model_versions", "contains", "v1") == [3]
    assert found("predictions_results", "empty", False) == [3]
    assert found("predictions_score", "greater", 0.4) == [3]
    assert found("ground_truth", "equal", True) == [1]
    assert found("avg_lead_time", "greater", 3) == [1]
    assert found("state", "equal", "skipped") == [2]


def test_labels_of_every_kind_of_control_are_found(cast, api, tasks):
    for task, value in zip(
        tasks,
        [{"rectanglelabels": ["Car"], "x": 1}, {"taxonomy": [["Vehicle", "Car"]]}, {"labels": ["Car", "Bus"]},
         {"text": ["Car"]}],
        strict=True,
    ):  # fmt: skip
        result = [{"id": "r", "from_name": "a", "to_name": "b", "type": "t", "value": value}]
        make_completion(task, cast.annotator, result=result)

    assert find(api(cast.viewer), cast.project, item("labels", "contains", "Car")) == [0, 1, 2]


def test_annotators_search_only_their_own_completions(cast, api, tasks):
    make_completion(tasks[0], cast.reviewer, lead_time=9)
    make_completion(tasks[1], cast.annotator, lead_time=9)
    assign(tasks[0], cast.annotator)
    client = api(cast.annotator)

    assert find(client, cast.project, item("labels", "contains", "Positive")) == [1]
    assert find(client, cast.project, item("annotators", "contains", cast.reviewer.pk)) == []
    assert find(client, cast.project, item("annotations_results", "contains", "positive")) == [1]
    assert find(client, cast.project, item("avg_lead_time", "greater", 1)) == [1]


def test_groups_are_joined_by_and_or_and_may_be_nested(cast, api, tasks):
    client = api(cast.viewer)
    lisbon, plain = item("data.text", "contains", "lisbon"), item("data.text", "equal", "plain")
    ranked = item("data.rank", "empty", False)

    assert find(client, cast.project, lisbon, plain) == []
    assert find(client, cast.project, lisbon, plain, conjunction="or") == [0, 3]
    assert find(client, cast.project, ranked, {"conjunction": "or", "items": [lisbon, plain]}) == [0]
    assert find(client, cast.project, {"conjunction": "and", "items": []}) == [0, 1, 2, 3]


SECRETS = [
    "completed_by__password", "project__created_by__password", "id__gt", "organization__token", "tasks_task.id",
    "project", "sample_key", "t.id", "id; DROP TABLE tasks_task", "", "filter", "data.", "data.\x00",
    "annotations:id",
]  # fmt: skip


@pytest.mark.parametrize("name", SECRETS)
def test_names_that_are_no_columns_are_refused_as_filter_and_as_order(cast, api, name):
    base = f"/api/tasks/?project={cast.project.pk}&"
    client = api(cast.viewer)

    assert client.get(base + query(filters={"items": [item(name, "equal", "1")]})).status_code == 400
    for wire in (f"tasks:{name}", f"-tasks:{name}", f"-{name}"):
        assert client.get(base + query(ordering=[wire])).status_code == 400, wire
    if name:
        assert client.get(f"{base}ordering={quote(name)}").status_code == 400


def nested(depth: int) -> dict[str, Any]:
    group: dict[str, Any] = {"items": []}
    for _ in range(depth):
        group = {"conjunction": "and", "items": [group]}
    return group


@pytest.mark.parametrize(
    "filters",
    [
        {"items": [item("id", "in_list", list(range(100_000)))]},
        {"items": [item("id", "equal", 1)] * 101},
        {"items": [item("data.text", "contains", "x" * 10_001)]},
        {"items": [item("data.text", "regex", "(")]},
        {"items": [item("data.text", "regex", "a{99999}")]},
        {"items": [item("data.text", "explode", "a")]},
        {"items": [item("data.text", "equal", None)]},
        {"items": [item("data.text", "equal", {"a": 1})]},
        {"items": [item("id", "equal", "one")]},
        {"items": [item("id", "equal", True)]},
        {"items": [item("id", "in", {})]},
        {"items": [item("id", "in", "a,b")]},
        {"items": [item("created_at", "less", "yesterday")]},
        {"items": [item("created_at", "less", "2026-02-31")]},
        {"items": [item("is_labeled", "equal", "perhaps")]},
        {"items": [item("labels", "regex", "a")]},
        {"items": [{"filter": 5, "operator": "equal"}]},
        {"items": [{"filter": "tasks:id"}]},
        {"items": ["id"]},
        {"items": {}},
        {"conjunction": "xor", "items": []},
        [],
        nested(5),
        nested(150),
    ],
)
def test_filters_that_make_no_sense_are_refused(cast, api, filters):
    response = api(cast.viewer).get(f"/api/tasks/?project={cast.project.pk}&{query(filters=filters)}")

    assert response.status_code == 400
    assert response.json()["detail"]


@pytest.mark.parametrize("number", [10**30, -(10**30), "9" * 400, 1e300, 2**63, 0.5])
def test_numbers_beyond_the_column_find_nothing(cast, api, tasks, number):
    assert find(api(cast.viewer), cast.project, item("id", "equal", number, "Number")) == []
    assert find(api(cast.viewer), cast.project, item("id", "in_list", [number], "Number")) == []
    assert find(api(cast.viewer), cast.project, item("total_annotations", "equal", number, "Number")) == []


def test_a_regular_expression_that_does_not_end_is_given_up(cast, api, monkeypatch):
    monkeypatch.setattr("apps.data_manager.searching.TIME_LIMIT", timedelta(milliseconds=50))
    make_tasks(cast.project, [{"text": "a" * 401 + "!"}] * 20)
    bomb = item("data.text", "regex", r"^(a+)(a+)(a+)\1\2\3!$")

    response = api(cast.viewer).get(
        f"/api/tasks/?project={cast.project.pk}&{query(filters={'items': [bomb]})}"
    )

    assert response.status_code == 400
    assert "given up" in response.json()["detail"]


@pytest.mark.django_db
def test_the_databases_function_knows_every_key_that_holds_labels():
    keys = {tag.value for tag in registry().values() if tag.option and tag.value}
    result = [{"value": {key: [key]}} for key in sorted(keys)]

    with connection.cursor() as cursor:
        cursor.execute("SELECT completion_labels(%s::jsonb)", [json.dumps(result)])
        (found,) = cursor.fetchone()

    assert set(found) == keys


def test_tasks_are_found_by_whom_they_are_assigned_to_and_by_comments(cast, api, tasks):
    assign_tasks(
        project=cast.project, task_ids=[tasks[1].pk], user_ids=[cast.annotator.pk], assigned_by=cast.manager
    )
    others = make_completion(tasks[2], cast.reviewer)
    make_comment(tasks[2], cast.reviewer, completion_id=others.pk)
    make_comment(tasks[3], cast.reviewer)

    def found(person: Any, *sent: Any) -> list[int]:
        return find(api(person), cast.project, item(*sent))

    assert found(cast.reviewer, "assigned_to", "contains", cast.annotator.pk) == [1]
    assert found(cast.reviewer, "assigned_to", "empty", True) == [0, 2, 3]
    assert found(cast.reviewer, "comment_count", "greater", 0) == [2, 3]
    assert found(cast.reviewer, "unresolved_comment_count", "equal", 1) == [2, 3]
    assign(tasks[2], cast.annotator)
    assign(tasks[3], cast.annotator)
    # What is said of other people's completions is not theirs to know of.
    assert found(cast.annotator, "comment_count", "greater", 0) == [3]


@pytest.mark.parametrize(
    "data",
    [
        {"filters": {"items": [item("completed_by__password", "contains", "a")]}},
        {"filters": {"items": [item("data.text", "regex", "(")]}},
        {"ordering": ["tasks:project__created_by__password"]},
        {"ordering": ["-tasks:labels"]},
    ],
    ids=["path", "regex", "order-path", "order"],
)
def test_a_tab_that_was_stored_before_columns_were_checked_is_refused_too(cast, api, data):
    tab = View.objects.create(project=cast.project, user=cast.manager, is_shared=True, data=data)
    client = api(cast.manager)
    selected = {"selectedItems": {"all": True, "excluded": []}}

    assert client.get(f"/api/tasks/?view={tab.pk}").status_code == 400
    assert client.get(f"/api/dm/csv/?project={cast.project.pk}&view={tab.pk}").status_code == 400
    if "filters" in data:
        address = f"/api/dm/actions/?id=delete_tasks&project={cast.project.pk}&view={tab.pk}"
        assert client.post(address, selected).status_code == 400
    assert Task.objects.count() == 3
