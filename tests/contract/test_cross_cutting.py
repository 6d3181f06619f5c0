"""What holds for every route: both slash forms, one error shape, 4xx for a client's fault."""

from __future__ import annotations

import uuid

import pytest

from apps.tasks.models import Task
from tests.factories import choice


@pytest.mark.parametrize("slash", ["", "/"])
def test_each_method_works_with_and_without_the_last_slash(cast, api, slash):
    client = api(cast.owner)
    task = Task.objects.order_by("pk")[0]
    created = client.post(f"/api/projects{slash}", {"title": "Slashes"})
    assert created.status_code == 201
    project_id = created.json()["id"]
    assert client.patch(f"/api/projects/{project_id}{slash}", {"description": "x"}).status_code == 200
    assert client.post(f"/api/tasks/{task.pk}/annotations{slash}", {"result": choice()}).status_code == 201
    assert client.delete(f"/api/projects/{project_id}{slash}").status_code == 204


def test_an_error_has_the_one_shape(cast, api):
    response = api(cast.owner).get("/api/projects/999999")
    body = response.json()
    assert response.status_code == 404
    assert uuid.UUID(body.pop("id"))
    assert body.pop("version")
    assert body == {
        "status_code": 404,
        "detail": "There is no project 999999, or you are not a member of it.",
        "exc_info": None,
    }


def test_a_field_error_names_its_field(cast, api):
    response = api(cast.owner).post("/api/projects", {"title": "ab", "maximum_annotations": 0})
    assert response.status_code == 400
    assert response.json()["detail"] == "Validation error"
    assert response.json()["validation_errors"] == {
        "title": ["A title needs at least 3 characters."],
        "maximum_annotations": ["Ensure this value is greater than or equal to 1."],
    }


def test_an_error_of_no_field_stands_under_non_field_errors(cast, api):
    response = api(cast.owner).get("/api/projects?ids=one")
    assert response.status_code == 400
    assert response.json()["validation_errors"] == {
        "non_field_errors": ["ids must be numbers, as in ids=1,2."]
    }


def test_an_unknown_api_route_answers_404_in_json(api, db):
    response = api(None).get("/api/no/such/route")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/json"
    assert response.json()["detail"] == "There is no API route /api/no/such/route. See /api/docs/."


def test_a_wrong_method_answers_405_in_json(cast, api):
    response = api(cast.owner).delete("/api/projects")
    assert response.status_code == 405
    assert response.json()["status_code"] == 405


@pytest.mark.parametrize(
    "address", ["/api/projects/?page=2", "/api/projects/?page=0", "/api/tasks/?project={}&page=2"]
)
def test_a_page_past_the_end_is_404(cast, api, address):
    assert api(cast.owner).get(address.format(cast.project.pk)).status_code == 404


def test_the_first_page_of_an_empty_project_is_no_error(cast, api):
    client = api(cast.owner)
    project_id = client.post("/api/projects", {"title": "Empty"}).json()["id"]
    assert client.get(f"/api/tasks/?project={project_id}").json() == {
        "total": 0,
        "total_is_lower_bound": False,
        "total_annotations": 0,
        "total_predictions": 0,
        "tasks": [],
    }


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"title": ', "is not valid JSON"),
        (b'{"title": NaN}', "no finite number"),
        (b'{"title": "a\\u0000b"}', "u0000 at title"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"[" * 5_000, "nested deeper"),
    ],
)
def test_a_body_that_is_no_storable_json_is_400(cast, api, body, expected):
    response = api(cast.owner).post("/api/projects", body, content_type="application/json")
    assert response.status_code == 400
    assert expected in response.json()["detail"]


def test_a_body_larger_than_the_limit_is_413(cast, api, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    response = api(cast.owner).post("/api/projects", {"title": "x" * 2_000})
    assert response.status_code == 413


@pytest.mark.parametrize(
    "address", ["/api/tasks/0", "/api/tasks/999999999999999999", "/api/annotations/999999999999999999"]
)
def test_ids_that_cannot_exist_are_404(cast, api, address):
    assert api(cast.owner).get(address).status_code == 404


def test_a_wrong_or_missing_token_is_401_with_a_challenge(api, db):
    client = api(None)
    assert client.get("/api/projects").status_code == 401
    client.credentials(HTTP_AUTHORIZATION="Token 0123456789")
    response = client.get("/api/projects")
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Token"


def test_the_openapi_description_names_every_resource(cast, api):
    response = api(cast.owner).get("/api/schema?format=json")
    assert response.status_code == 200
    paths = response.json()["paths"]
    assert {"/api/projects/", "/api/tasks/{task_id}/annotations/", "/api/jobs/"} <= {
        path if path.endswith("/") else path + "/" for path in paths
    }
