"""Comments over REST."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from apps.comments.models import Comment, Mention
from apps.comments.services import set_resolved
from tests.factories import assign, make_comment, make_completion


@pytest.fixture
def task(cast):
    return cast.project.tasks.order_by("pk")[0]


def test_a_comment_comes_back_as_clients_know_it(cast, task, api) -> None:
    assign(task, cast.annotator)
    client = api(cast.annotator)
    body = {"task": task.pk, "text": "@reviewer@example.com look", "region_ref": {"regionId": "r1"}}

    created = client.post("/api/comments/", body)

    assert created.status_code == 201
    document = client.get(f"/api/comments/{created.json()['id']}").json()
    assert document == created.json()
    assert document | {"mentions": [row["id"] for row in document["mentions"]]} == {
        "id": document["id"],
        "unique_id": None,
        "text": f"@[user:{cast.reviewer.pk}] look",
        "mentions": [cast.reviewer.pk],
        "project": cast.project.pk,
        "task": task.pk,
        "annotation": None,
        "region_ref": {"regionId": "r1"},
        "created_by": cast.annotator.pk,
        "is_resolved": False,
        "resolved_at": None,
        "resolved_by": None,
        "created_at": document["created_at"],
        "updated_at": document["updated_at"],
        "edited_at": None,
    }


def test_a_comment_that_is_sent_again_is_stored_and_told_once(cast, task, api) -> None:
    client = api(cast.reviewer)
    sent = {"task": task.pk, "text": "@annotator@example.com why?", "unique_id": str(uuid4())}

    first, again = client.post("/api/comments/", sent), client.post("/api/comments/", sent)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["unique_id"] == sent["unique_id"]
    assert (Comment.objects.count(), Mention.objects.count()) == (1, 1)


def test_a_comment_that_was_edited_and_resolved_since_is_answered_as_it_is_now(cast, task, api) -> None:
    client = api(cast.reviewer)
    sent = {"task": task.pk, "text": "why?", "unique_id": str(uuid4())}
    comment = client.post("/api/comments/", sent).json()
    client.patch(f"/api/comments/{comment['id']}", {"text": "Why?", "is_resolved": True})

    again = client.post("/api/comments/", sent)

    assert (again.status_code, again.json()["text"], again.json()["is_resolved"]) == (200, "Why?", True)


@pytest.mark.parametrize("change", [{"text": "What?"}, {"region_ref": "r1"}, {"task": "another"}])
def test_one_unique_id_names_one_comment(cast, task, api, change) -> None:
    client = api(cast.reviewer)
    sent = {"task": task.pk, "text": "why?", "unique_id": str(uuid4())}
    client.post("/api/comments/", sent)
    if "task" in change:
        change = {"task": cast.project.tasks.order_by("pk")[1].pk}

    again = client.post("/api/comments/", sent | change)

    assert again.status_code == 422
    assert list(Comment.objects.values_list("text", "region_id", "task")) == [("why?", "", task.pk)]


def test_two_people_may_choose_the_same_unique_id(cast, task, api) -> None:
    sent = {"task": task.pk, "text": "why?", "unique_id": str(uuid4())}

    codes = [api(person).post("/api/comments/", sent).status_code for person in (cast.reviewer, cast.owner)]

    assert codes == [201, 201]


def test_a_comment_on_an_annotation_belongs_to_its_task(cast, task, api) -> None:
    completion = make_completion(task, cast.annotator)

    created = api(cast.reviewer).post("/api/comments", {"annotation": completion.pk, "text": "Why?"}).json()

    assert (created["task"], created["annotation"]) == (task.pk, completion.pk)


def test_lists_are_of_a_task_an_annotation_or_a_project(cast, task, api) -> None:
    completion = make_completion(task, cast.annotator)
    of_task = make_comment(task, cast.reviewer)
    of_completion = make_comment(task, cast.reviewer, completion_id=completion.pk)
    elsewhere = make_comment(cast.project.tasks.order_by("pk")[1], cast.reviewer)
    client = api(cast.reviewer)
    client.patch(f"/api/comments/{elsewhere.pk}", {"is_resolved": True})

    def listed(query: str) -> list[int]:
        return [row["id"] for row in client.get(f"/api/comments/?{query}").json()]

    assert listed(f"task={task.pk}") == [of_task.pk, of_completion.pk]
    assert listed(f"annotation={completion.pk}") == [of_completion.pk]
    assert listed(f"completion={completion.pk}") == [of_completion.pk]
    assert listed(f"project={cast.project.pk}") == [of_task.pk, of_completion.pk, elsewhere.pk]
    assert listed(f"project={cast.project.pk}&is_resolved=false") == [of_task.pk, of_completion.pk]
    assert listed(f"project={cast.project.pk}&is_resolved=true") == [elsewhere.pk]
    assert client.get(f"/api/comments/?task={task.pk}&page=2").status_code == 404
    [first] = client.get(f"/api/comments/?task={task.pk}&page_size=1&expand_created_by=true").json()
    assert first["created_by"]["email"] == "reviewer@example.com"


def test_a_list_costs_the_same_number_of_queries_however_long(
    cast, task, api, django_assert_num_queries
) -> None:
    for _ in range(15):
        make_comment(task, cast.reviewer, "@annotator@example.com")
    client = api(cast.annotator)
    client.get("/api/current-user/whoami")

    with django_assert_num_queries(len(("token", "count", "comments", "people"))):
        assert len(client.get(f"/api/comments/?task={task.pk}").json()) == 15


def test_what_was_read_can_be_sent_back_by_anybody_who_may_comment(cast, task, api) -> None:
    comment = make_comment(task, cast.reviewer, "@annotator@example.com")
    client = api(cast.annotator)
    document = client.get(f"/api/comments/{comment.pk}").json()

    answer = client.patch(f"/api/comments/{comment.pk}/", document | {"is_resolved": True})

    assert answer.status_code == 200
    assert (answer.json()["is_resolved"], answer.json()["resolved_by"]) == (True, cast.annotator.pk)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": "a"}, "task"),
        ({"task": "{task}"}, "text"),
        ({"task": "{task}", "text": ""}, "text"),
        ({"task": "{task}", "text": "x" * 5_001}, "text"),
        ({"task": "{task}", "text": "a", "region_ref": 7}, "region_ref"),
        ({"task": "{task}", "text": "a", "region_ref": "r" * 101}, "region_ref"),
        ({"task": 10**30, "text": "a"}, "task"),
        ({"task": "{task}", "text": {"a": 1}}, "text"),
    ],
    ids=["no place", "no text", "empty", "long", "odd region", "long region", "huge id", "odd text"],
)
def test_a_bad_body_is_refused_by_the_name_of_the_field(cast, task, api, body, field) -> None:
    sent = {name: task.pk if value == "{task}" else value for name, value in body.items()}

    answer = api(cast.reviewer).post("/api/comments/", sent, format="json")

    assert answer.status_code == 400
    assert list(answer.json()["validation_errors"]) == [field]
    assert not Comment.objects.exists()


@pytest.mark.parametrize(
    "query", ["", "task=x", "task=-1", "task=1&is_resolved=maybe", "task=1&page=0", "project=" + "9" * 30]
)
def test_a_list_that_cannot_be_asked_for_is_refused(cast, api, query) -> None:
    assert api(cast.owner).get(f"/api/comments/?{query}").status_code in {400, 404}


def test_tasks_tell_of_their_comments_in_the_api_and_in_exports(cast, task, api):
    make_comment(task, cast.reviewer)
    set_resolved(comment_id=make_comment(task, cast.owner).pk, resolved=True, changed_by=cast.owner)
    names = ("comment_count", "unresolved_comment_count", "comment_authors")
    expected = [2, 1, sorted([cast.reviewer.pk, cast.owner.pk])]

    client, project = api(cast.owner), cast.project.pk
    documents = [
        client.get(f"/api/tasks/{task.pk}/").json(),
        client.get(f"/api/tasks/?project={project}").json()["tasks"][0],
        client.get(f"/api/tasks/?project={project}&include=comment_count,unresolved_comment_count,comment_authors")
        .json()["tasks"][0],
        client.get(f"/api/projects/{project}/next").json(),
        json.loads(client.get(f"/api/projects/{project}/export?download_all_tasks=true").getvalue())[0],
    ]  # fmt: skip

    assert [[document[name] for name in names] for document in documents] == [expected] * 5
