"""Pages of tasks: every task once, in the order asked for, at a cost that does not grow with their number."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.data_manager import listing
from apps.tasks import anchors
from apps.tasks.models import Task
from apps.tasks.queries import page_of_ids
from apps.tasks.services import delete_batch
from tests.factories import make_completion, make_project, make_tasks


def query(**document: Any) -> str:
    return f"query={quote(json.dumps(document))}"


def ids_of(client, address: str) -> list[int]:
    response = client.get(address)
    assert response.status_code == 200, response.content
    return [task["id"] for task in response.json()["tasks"]]


def all_pages(client, address: str) -> list[int]:
    found: list[int] = []
    page = 1
    while (response := client.get(f"{address}&page={page}")).status_code == 200:
        found += [task["id"] for task in response.json()["tasks"]]
        page += 1
    assert response.status_code == 404
    return found


def values_in_order(client, project, ordering: list[str]) -> list[Any]:
    ids = all_pages(
        client, f"/api/tasks/?project={project.pk}&page_size=2&include=id&{query(ordering=ordering)}"
    )
    tasks = Task.objects.in_bulk(ids)
    return [tasks[pk].data.get("v") for pk in ids]


def test_keys_of_the_data_are_ordered_as_numbers_and_then_as_texts(cast, api):
    delete_batch(project_id=cast.project.pk)
    make_tasks(cast.project, [{"text": "t", "v": v} for v in ("10", 9, "b", 2.5, "a")] + [{"text": "t"}])
    client = api(cast.viewer)

    assert values_in_order(client, cast.project, ["tasks:data.v"]) == [2.5, 9, "10", "a", "b", None]
    assert values_in_order(client, cast.project, ["-tasks:data.v"]) == ["10", 9, 2.5, "b", "a", None]


def test_several_keys_order_one_after_the_other(cast, api):
    delete_batch(project_id=cast.project.pk)
    tasks = make_tasks(
        cast.project, [{"text": t, "n": n} for t, n in (("b", 1), ("a", 1), ("a", 2), ("b", 2))]
    )
    numbers = {task.pk: number for number, task in enumerate(tasks)}
    address = f"/api/tasks/?project={cast.project.pk}&include=id&"

    found = ids_of(api(cast.viewer), address + query(ordering=["tasks:data.text", "-tasks:data.n"]))
    by_parameter = ids_of(api(cast.viewer), f"{address}ordering=data.text,-data.n")

    assert [numbers[pk] for pk in found] == [2, 1, 3, 0]
    assert by_parameter == found


def test_tasks_without_a_value_come_last_in_both_directions(cast, api):
    first, second, third = Task.objects.order_by("pk")
    make_completion(second, cast.annotator)
    address = f"/api/tasks/?project={cast.project.pk}&include=id&page_size=2&ordering="

    assert all_pages(api(cast.viewer), f"{address}completed_at") == [second.pk, first.pk, third.pk]
    assert all_pages(api(cast.viewer), f"{address}-completed_at") == [second.pk, third.pk, first.pk]


def test_filtered_pages_cover_what_was_found_once_and_carry_its_totals(cast, api):
    tasks = make_tasks(cast.project, [{"text": f"new {number}"} for number in range(7)])
    make_completion(tasks[3], cast.annotator)
    sent = query(filters={"items": [{"filter": "data.text", "operator": "contains", "value": "new"}]})
    address = f"/api/tasks/?project={cast.project.pk}&page_size=3&{sent}"
    client = api(cast.viewer)

    body = client.get(address).json()

    assert (body["total"], body["total_annotations"], body["total_is_lower_bound"]) == (7, 1, False)
    assert all_pages(client, address) == [task.pk for task in tasks]


def test_beyond_what_is_counted_the_total_is_a_lower_bound_and_pages_go_on(cast, api, monkeypatch):
    monkeypatch.setattr(listing, "COUNTED", 4)
    tasks = make_tasks(cast.project, [{"text": f"new {number}"} for number in range(9)])
    sent = query(filters={"items": [{"filter": "data.text", "operator": "contains", "value": "new"}]})
    address = f"/api/tasks/?project={cast.project.pk}&page_size=3&{sent}"
    client = api(cast.viewer)

    body = client.get(address).json()

    assert (body["total"], body["total_is_lower_bound"]) == (4, True)
    assert all_pages(client, address) == [task.pk for task in tasks]


def test_only_annotated_and_selected_items_narrow_the_list(cast, api):
    first, second, third = Task.objects.order_by("pk")
    make_completion(second, cast.annotator)
    client, address = api(cast.viewer), f"/api/tasks/?project={cast.project.pk}&include=id&"

    assert ids_of(client, f"{address}only_annotated=true") == [second.pk]
    included = query(selectedItems={"all": False, "included": [third.pk, first.pk, 10**15]})
    assert ids_of(client, address + included) == [first.pk, third.pk]
    assert ids_of(client, address + query(selectedItems={"all": True, "excluded": [first.pk]})) == [
        second.pk,
        third.pk,
    ]


def test_fields_can_be_chosen_and_ids_alone_need_no_tasks(cast, api):
    client, address = api(cast.viewer), f"/api/tasks/?project={cast.project.pk}"

    assert client.get(f"{address}&include=id").json()["tasks"][0].keys() == {"id"}
    assert client.get(f"{address}&include=data,annotations").json()["tasks"][0].keys() == {
        "id",
        "data",
        "annotations",
    }
    assert "annotations" not in client.get(f"{address}&fields=task_only").json()["tasks"][0]
    assert client.get(f"{address}&include=id&page_size=9999999").status_code == 200


@pytest.mark.parametrize(
    "parameters",
    ["page=-1", "page=0", "page=a", "page_size=-1", "page_size=0", "query=[]", "query={", "query=null",
     "query=%7B%22selectedItems%22%3A%5B1%5D%7D", "query=%7B%22ordering%22%3A%5B1%5D%7D",
     "query=%7B%22ordering%22%3A%7B%22a%22%3A1%7D%7D", "ordering=id,id,id,id,id,id", "ordering=labels",
     "query=%7B%22selectedItems%22%3A%7B%22all%22%3Afalse%2C%22included%22%3A%5B%22a%22%5D%7D%7D"],
)  # fmt: skip
def test_parameters_that_make_no_sense_are_refused(cast, api, parameters):
    response = api(cast.viewer).get(f"/api/tasks/?project={cast.project.pk}&{parameters}")
    assert response.status_code == 400


def test_huge_pages_are_capped_and_pages_far_away_are_404(cast, api):
    client, address = api(cast.viewer), f"/api/tasks/?project={cast.project.pk}"

    assert len(client.get(f"{address}&page_size={10**9}").json()["tasks"]) == 3
    assert client.get(f"{address}&page={10**12}").status_code == 404
    filtered = query(filters={"items": [{"filter": "id", "operator": "greater", "value": 0}]})
    assert client.get(f"{address}&page={10**12}&{filtered}").status_code == 404


def test_a_filtered_page_costs_the_same_queries_for_one_and_for_many(cast, api):
    for task in make_tasks(cast.project, [{"text": f"new {number}"} for number in range(20)]):
        make_completion(task, cast.annotator)
    client = api(cast.reviewer)
    sent = query(
        filters={"items": [{"filter": "data.text", "operator": "contains", "value": "new"}]},
        ordering=["-tasks:data.text"],
    )

    def queries(page_size: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            ids_of(client, f"/api/tasks/?project={cast.project.pk}&page_size={page_size}&{sent}")
        return len(captured)

    queries(1)
    # Outside of a test's transaction a search is one message.
    search = len(("savepoint", "search", "rollback", "release"))
    assert queries(1) == queries(20) == search + len(("token", "project", "tasks", "completions"))


def test_places_are_counted_among_the_tasks_of_the_project_alone(cast):
    before, after = make_project(tasks=0), make_project(tasks=2)
    later = make_tasks(cast.project, [{"text": "later"}])
    make_tasks(before, [{"text": "of another project"}, {"text": "of another project"}])
    ids = list(Task.objects.filter(project=cast.project).order_by("pk").values_list("pk", flat=True))

    found = [page_of_ids(cast.project, start=start, size=2, total=4) for start in (0, 1, 2)]

    assert found == [ids[0:2], ids[1:3], ids[2:4]]
    assert found[-1][-1] == later[0].pk
    assert page_of_ids(before, start=0, size=2, total=2) == [task.pk for task in before.tasks.order_by("pk")]
    assert page_of_ids(after, start=0, size=2, total=2) == [task.pk for task in after.tasks.order_by("pk")]


@pytest.mark.parametrize("ordering", ["id", "-id"])
def test_pages_near_the_begin_and_far_from_it_have_the_same_tasks_and_totals(
    cast, api, monkeypatch, ordering
):
    task, *_ = make_tasks(cast.project, [{"text": str(number)} for number in range(6)])
    make_completion(task, cast.annotator)
    address = f"/api/tasks/?project={cast.project.pk}&page_size=4&ordering={ordering}&page="

    def pages() -> list[tuple[int, int, list[int]]]:
        found = [api(cast.viewer).get(f"{address}{page}").json() for page in (1, 2, 3)]
        return [
            (page["total"], page["total_annotations"], [task["inner_id"] for task in page["tasks"]])
            for page in found
        ]

    near = pages()
    monkeypatch.setattr(listing, "STEPPED_OVER", -1)
    far = pages()

    numbers = list(range(1, 10)) if ordering == "id" else list(range(9, 0, -1))
    assert near == far == [(9, 1, numbers[:4]), (9, 1, numbers[4:8]), (9, 1, numbers[8:])]


def test_deep_places_are_remembered_and_forgotten_when_tasks_come_or_go(cast, monkeypatch):
    monkeypatch.setattr("apps.tasks.queries.WORTH_REMEMBERING", 2)
    make_tasks(cast.project, [{"text": str(number)} for number in range(17)])
    cast.project.refresh_from_db()
    ids = list(Task.objects.order_by("pk").values_list("pk", flat=True))

    def pages(total: int) -> list[list[int]]:
        places = [8, 8, 4, 12, 9, 16, 0]
        return [page_of_ids(cast.project, start=start, size=3, total=total) for start in places]

    assert pages(20) == [ids[start : start + 3] for start in (8, 8, 4, 12, 9, 16, 0)]
    assert anchors.Anchors(cast.project, 20).below(9) == anchors.Anchor(8, ids[8])
    assert page_of_ids(cast.project, start=5, size=3, total=20, descending=True) == ids[::-1][5:8]

    Task.objects.filter(pk=ids.pop(2)).delete()
    assert anchors.Anchors(cast.project, 19).below(9) == anchors.Anchor(0)
    assert pages(19) == [ids[start : start + 3] for start in (8, 8, 4, 12, 9, 16, 0)]
