"""A change says which version it started from, and may be sent twice."""

from __future__ import annotations

import uuid

import pytest

from apps.completions.models import Completion, Revision
from apps.completions.services import delete_completion, update_completion
from apps.tasks.models import Task
from tests.factories import choice, make_completion


@pytest.fixture
def completion(cast) -> Completion:
    return make_completion(Task.objects.order_by("pk")[0], cast.annotator)


def test_a_change_of_the_present_version_is_stored(cast, api, completion):
    address = f"/api/annotations/{completion.pk}"
    assert api(cast.annotator).get(address).json()["version"] == 1
    changed = api(cast.annotator).patch(address, {"result": [], "version": 1})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)


def test_a_change_that_names_no_version_is_stored(cast, api, completion):
    update_completion(completion_id=completion.pk, updated_by=cast.reviewer, result=choice("Negative"))
    changed = api(cast.annotator).patch(f"/api/annotations/{completion.pk}", {"result": []})
    assert (changed.status_code, changed.json()["result"]) == (200, [])


def test_a_change_of_an_earlier_version_is_409_with_both_sides_and_what_they_started_from(
    cast, api, completion
):
    update_completion(completion_id=completion.pk, updated_by=cast.reviewer, result=choice("Negative"))
    mine = {"result": [], "lead_time": 4.0}
    answer = api(cast.annotator).patch(f"/api/annotations/{completion.pk}", mine | {"version": 1})
    assert answer.status_code == 409
    conflict = answer.json()["conflict"]
    assert conflict["mine"] == mine
    assert (conflict["theirs"]["result"], conflict["theirs"]["updated_by"]) == (
        choice("Negative"), cast.reviewer.pk,
    )  # fmt: skip
    assert conflict["base"] == {"version": 1, "result": choice()}
    completion.refresh_from_db()
    assert (completion.result, completion.version) == (choice("Negative"), 2)


@pytest.mark.parametrize("version", [0, "two", 2**31, -1])
def test_a_version_that_is_none_is_400(cast, api, completion, version):
    answer = api(cast.annotator).patch(
        f"/api/annotations/{completion.pk}", {"result": [], "version": version}
    )
    assert answer.status_code == 400
    assert list(answer.json()["validation_errors"]) == ["version"]
    assert not Revision.objects.exists()


class TestSentTwice:
    """The same `unique_id` with the same body changes once; with another body it is refused."""

    def test_the_same_change_twice_is_made_once(self, cast, api, completion):
        body = {"result": choice("Negative"), "version": 1, "unique_id": str(uuid.uuid4())}
        first = api(cast.annotator).patch(f"/api/annotations/{completion.pk}", body)
        second = api(cast.annotator).patch(f"/api/annotations/{completion.pk}", body)
        assert (first.status_code, second.status_code) == (200, 200)
        assert {**first.json(), "created_ago": ""} == {**second.json(), "created_ago": ""}
        assert Revision.objects.count() == 1

    def test_another_change_under_its_id_is_422(self, cast, api, completion):
        unique_id = str(uuid.uuid4())
        client, address = api(cast.annotator), f"/api/annotations/{completion.pk}"
        client.patch(address, {"result": choice("Negative"), "unique_id": unique_id})
        assert client.patch(address, {"result": [], "unique_id": unique_id}).status_code == 422
        completion.refresh_from_db()
        assert completion.result == choice("Negative")

    def test_the_completions_own_id_sent_back_names_no_change(self, cast, api):
        own = uuid.uuid4()
        completion = make_completion(Task.objects.order_by("pk")[1], cast.annotator, client_id=own)
        client, address = api(cast.annotator), f"/api/annotations/{completion.pk}"
        for label in ("Negative", "Positive"):
            answer = client.patch(address, {"result": choice(label), "unique_id": str(own)})
            assert (answer.status_code, answer.json()["result"]) == (200, choice(label))

    def test_a_submit_sent_again_after_somebody_changed_it_is_no_other_submit(self, cast, api):
        task = Task.objects.order_by("pk")[1]
        body = {"result": choice(), "unique_id": str(uuid.uuid4())}
        address = f"/api/tasks/{task.pk}/annotations"
        created = api(cast.annotator).post(address, body).json()
        update_completion(completion_id=created["id"], updated_by=cast.reviewer, result=choice("Negative"))
        again = api(cast.annotator).post(address, body)
        assert (again.status_code, again.json()["id"]) == (200, created["id"])
        assert again.json()["result"] == choice("Negative")

    def test_a_change_of_what_was_deleted_is_404(self, cast, api, completion):
        body = {"result": [], "unique_id": str(uuid.uuid4())}
        delete_completion(completion_id=completion.pk, deleted_by=cast.annotator)
        assert api(cast.annotator).patch(f"/api/annotations/{completion.pk}", body).status_code == 404


class TestGroundTruth:
    """Who may set the mark may take it, and nobody else."""

    def test_a_reviewer_sets_and_takes_it_and_the_task_counts_it(self, cast, api, completion):
        client, address = api(cast.reviewer), f"/api/annotations/{completion.pk}"
        for marked in (True, False):
            assert client.patch(address, {"ground_truth": marked}).json()["ground_truth"] is marked
            assert Task.objects.get(pk=completion.task_id).ground_truths_count == int(marked)
        actions = list(Revision.objects.order_by("version").values_list("action", flat=True))
        completion.refresh_from_db()
        assert [*actions, completion.last_action] == ["submitted", "ground_truth_set", "ground_truth_unset"]

    @pytest.mark.parametrize("marked", [True, False])
    def test_an_annotator_may_send_it_back_but_not_change_it(self, cast, api, completion, marked):
        update_completion(completion_id=completion.pk, updated_by=cast.reviewer, ground_truth=marked)
        client, address = api(cast.annotator), f"/api/annotations/{completion.pk}"
        assert client.patch(address, {"ground_truth": marked, "lead_time": 1}).status_code == 200
        assert client.patch(address, {"ground_truth": not marked}).status_code == 403
        completion.refresh_from_db()
        assert completion.ground_truth is marked


class TestDuplicating:
    """A copy is a new completion of the person who makes it."""

    def test_it_says_the_same_and_names_the_original(self, cast, api, completion):
        answer = api(cast.reviewer).post(f"/api/annotations/{completion.pk}/duplicate", {})
        assert answer.status_code == 201
        copy = answer.json()
        assert (copy["result"], copy["parent_annotation"]) == (choice(), completion.pk)
        assert (copy["completed_by"], copy["last_action"]) == (cast.reviewer.pk, "duplicated")
        assert Task.objects.get(pk=completion.task_id).completions_count == 2

    def test_sent_twice_it_is_made_once(self, cast, api, completion):
        body = {"unique_id": str(uuid.uuid4())}
        codes = [
            api(cast.reviewer).post(f"/api/annotations/{completion.pk}/duplicate", body).status_code
            for _ in range(2)
        ]
        assert codes == [201, 200]
        assert Completion.objects.count() == 2
