"""Saved tabs: private or shared, checked like requests, and the list they show."""

from __future__ import annotations

from typing import Any

import pytest

from apps.data_manager.models import View
from apps.data_manager.tabs import create_view
from apps.projects.policy import Action
from apps.projects.queries import project_for
from apps.tasks.models import Task
from tests.factories import make_project

FILTERS = {
    "conjunction": "and",
    "items": [{"filter": "filter:tasks:data.text", "operator": "equal", "type": "String", "value": "text 2"}],
}


def make_view(cast, person, *, is_shared: bool | None = None, **data: Any) -> View:
    project = project_for(person, cast.project.pk, Action.VIEW_PROJECT)
    return create_view(project=project, created_by=person, data=data, is_shared=is_shared)


def seen(client, cast) -> list[int]:
    return [view["id"] for view in client.get(f"/api/dm/views/?project={cast.project.pk}").json()]


def test_a_tab_comes_back_as_it_was_sent_and_shows_its_tasks(cast, api):
    client = api(cast.manager)
    data = {"title": "Twos", "type": "list", "filters": FILTERS, "ordering": ["-tasks:id"], "gridWidth": 4}

    created = client.post("/api/dm/views/", {"project": cast.project.pk, "data": data})

    assert created.status_code == 201
    view = created.json()
    assert view["data"] == data
    assert (view["user"], view["project"], view["order"], view["is_shared"]) == (
        cast.manager.pk, cast.project.pk, 0, True,
    )  # fmt: skip
    assert client.get(f"/api/dm/views/{view['id']}/").json() == view
    body = client.get(f"/api/tasks/?view={view['id']}").json()
    assert [task["data"]["text"] for task in body["tasks"]] == ["text 2"]


def test_a_query_narrows_what_the_tab_shows(cast, api):
    view = make_view(cast, cast.manager, ordering=["-tasks:id"], filters={
        "items": [{"filter": "tasks:inner_id", "operator": "greater", "value": 1}]})  # fmt: skip
    client = api(cast.viewer)
    query = '{"filters":{"items":[{"filter":"tasks:inner_id","operator":"less","value":3}]}}'

    in_tab = client.get(f"/api/tasks/?project={cast.project.pk}&view={view.pk}").json()["tasks"]
    narrowed = client.get(f"/api/tasks/?view={view.pk}&query={query}").json()["tasks"]

    assert [task["inner_id"] for task in in_tab] == [3, 2]
    assert [task["inner_id"] for task in narrowed] == [2]


def test_private_tabs_are_seen_by_their_person_alone(cast, api):
    mine = make_view(cast, cast.annotator, title="mine")
    shared = make_view(cast, cast.manager, title="ours")

    assert mine.is_shared is False
    assert seen(api(cast.annotator), cast) == [mine.pk, shared.pk]
    for person in (cast.manager, cast.viewer, cast.administrator):
        assert seen(api(person), cast) == [shared.pk]
        assert api(person).get(f"/api/dm/views/{mine.pk}/").status_code == 404
        assert api(person).delete(f"/api/dm/views/{mine.pk}/").status_code == 404
        assert api(person).get(f"/api/tasks/?view={mine.pk}").status_code == 404
    assert View.objects.count() == 2


def test_shared_tabs_are_changed_by_managers_alone(cast, api):
    shared = make_view(cast, cast.manager, title="ours")
    client = api(cast.annotator)

    assert client.patch(f"/api/dm/views/{shared.pk}/", {"data": {"title": "x"}}).status_code == 403
    assert client.delete(f"/api/dm/views/{shared.pk}/").status_code == 403
    order = {"project": cast.project.pk, "ids": [shared.pk]}
    assert client.post("/api/dm/views/order/", order).status_code == 403
    sharing = {"project": cast.project.pk, "data": {}, "is_shared": True}
    assert client.post("/api/dm/views/", sharing).status_code == 403
    shared.refresh_from_db()
    assert (shared.data, View.objects.count()) == ({"title": "ours"}, 1)


def test_patch_changes_parts_and_put_replaces(cast, api):
    view = make_view(cast, cast.manager, title="a", ordering=["tasks:id"], gridWidth=3)
    client = api(cast.manager)

    patched = client.patch(f"/api/dm/views/{view.pk}/", {"data": {"title": "b"}, "project": cast.project.pk})
    assert patched.json()["data"] | {"filters": None} == {
        "title": "b", "ordering": ["tasks:id"], "gridWidth": 3, "filters": None,
    }  # fmt: skip
    client.put(f"/api/dm/views/{view.pk}", {"data": {"title": "c"}})
    view.refresh_from_db()
    assert view.data == {"title": "c"}


@pytest.mark.parametrize(
    "data",
    [
        [],
        {"title": 5},
        {"ordering": ["tasks:completed_by__password"]},
        {"ordering": ["tasks:project__created_by__email"]},
        {
            "filters": {
                "items": [{"filter": "filter:tasks:completed_by__password", "operator": "equal", "value": 1}]
            }
        },
        {"filters": {"items": "x"}},
        {"selectedItems": {"all": False, "included": ["x"]}},
        {"notes": "x" * 100_001},
    ],
)
def test_tabs_are_checked_like_requests(cast, api, data):
    view = make_view(cast, cast.manager, title="good")
    client = api(cast.manager)

    assert client.post("/api/dm/views/", {"project": cast.project.pk, "data": data}).status_code == 400
    assert client.patch(f"/api/dm/views/{view.pk}/", {"data": data}).status_code == 400
    view.refresh_from_db()
    assert (view.data, View.objects.count()) == ({"title": "good"}, 1)


def test_a_tab_whose_stored_filters_are_wrong_is_refused_too(cast, api):
    view = make_view(cast, cast.manager, title="good")
    View.objects.filter(pk=view.pk).update(data={"ordering": ["tasks:completed_by__password"]})

    assert api(cast.manager).get(f"/api/tasks/?view={view.pk}").status_code == 400


def test_tabs_are_put_in_order_and_reset(cast, api):
    views = [make_view(cast, cast.manager, title=title) for title in "abc"]
    mine = make_view(cast, cast.annotator, title="mine")
    client = api(cast.manager)
    a, b, c = (view.pk for view in views)

    assert client.post("/api/dm/views/order/", {"project": cast.project.pk, "ids": [c, a]}).status_code == 200
    assert seen(client, cast) == [c, a, b]
    assert client.delete(f"/api/dm/views/reset/?project={cast.project.pk}").status_code == 204
    assert list(View.objects.all()) == [mine]


def test_tabs_of_other_projects_cannot_be_reached(cast, api):
    other = make_project(cast.stranger, tasks=1)
    foreign = create_view(
        project=project_for(cast.stranger, other.pk, Action.VIEW_PROJECT),
        created_by=cast.stranger,
        data={"title": "x"},
    )
    client = api(cast.owner)

    assert client.get(f"/api/dm/views/{foreign.pk}/").status_code == 404
    assert client.patch(f"/api/dm/views/{foreign.pk}/", {"data": {}}).status_code == 404
    assert client.get(f"/api/tasks/?view={foreign.pk}").status_code == 404
    assert client.get(f"/api/tasks/?project={cast.project.pk}&view={foreign.pk}").status_code == 404
    order = {"project": cast.project.pk, "ids": [foreign.pk]}
    assert client.post("/api/dm/views/order/", order).status_code == 404
    # Who sees both projects cannot mix them either.
    both = api(cast.administrator)
    assert both.get(f"/api/tasks/?project={cast.project.pk}&view={foreign.pk}").status_code == 404
    assert Task.objects.filter(project=other).count() == 1


def test_columns_are_listed_with_their_operators_and_the_keys_of_the_data(cast, api):
    Task.objects.filter(pk=Task.objects.order_by("pk")[0].pk).update(
        data={"text": "a", "meta": {"lang": "pt"}}
    )

    columns = api(cast.viewer).get(f"/api/dm/columns/?project={cast.project.pk}").json()["columns"]

    by_id = {column["id"]: column for column in columns}
    assert by_id["id"]["type"] == "Number"
    assert by_id["total_annotations"]["target"] == "tasks"
    assert "regex" in by_id["text"]["operators"]
    assert (by_id["text"]["parent"], by_id["text"]["type"]) == ("data", "String")
    assert (by_id["meta.lang"]["parent"], by_id["meta.lang"]["type"]) == ("data", "Unknown")
    assert by_id["data"]["children"] == ["text", "meta", "meta.lang"]
    assert by_id["labels"]["orderable"] is False


def test_the_data_managers_project_says_what_one_may_do(cast, api):
    address = f"/api/dm/project/?project={cast.project.pk}"

    assert api(cast.viewer).get(address).json()["can_delete_tasks"] is False
    body = api(cast.manager).get(address).json()
    assert (body["can_delete_tasks"], body["task_count"], body["id"]) == (True, 3, cast.project.pk)
