"""Every version of a completion is kept, can be read, and can be brought back."""

from __future__ import annotations

import uuid

import pytest

from apps.completions.models import Completion, Draft, Revision
from apps.completions.restoring import restore_version
from apps.completions.services import delete_completion, update_completion
from apps.core.errors import ValidationFailed
from apps.jobs.models import Job
from apps.projects.renames import Renames
from apps.projects.services import update_project
from apps.tasks.models import Task
from tests.completions.configs import box, boxes_config
from tests.factories import (
    CHOICES_CONFIG,
    choice,
    make_completion,
    make_completion_of_two_versions,
    make_project,
    make_tasks,
    owner_of,
)


@pytest.fixture
def task(cast) -> Task:
    found: Task = Task.objects.order_by("pk")[0]
    return found


@pytest.fixture
def completion(cast, task) -> Completion:
    """Positive in version 1, negative in version 2."""
    return make_completion_of_two_versions(task, cast.annotator)


def history(client, completion_id):
    return client.get(f"/api/completions/{completion_id}/history").json()


def test_submitting_writes_no_row_of_history(cast, task):
    make_completion(task, cast.annotator)
    assert not Revision.objects.exists()


def test_the_history_tells_who_did_what_when(cast, api, completion):
    update_completion(completion_id=completion.pk, updated_by=cast.reviewer, ground_truth=True)
    told = history(api(cast.annotator), completion.pk)
    rows = [told["present"], *told["results"]]
    assert [(row["version"], row["action"], row["changed_by"]["email"]) for row in rows] == [
        (3, "ground_truth_set", "reviewer@example.com"),
        (2, "updated", "annotator@example.com"),
        (1, "submitted", "annotator@example.com"),
    ]
    assert [row["ground_truth"] for row in rows] == [True, False, False]
    assert [row["is_present"] for row in rows] == [True, False, False]
    assert [row["result_count"] for row in rows] == [1, 1, 1]


def test_a_version_is_told_with_its_result_and_what_it_changed(api, cast, completion):
    second = api(cast.annotator).get(f"/api/annotations/{completion.pk}/history/2").json()
    first = api(cast.annotator).get(f"/api/annotations/{completion.pk}/history/1").json()
    assert (first["result"], first["compared_with"], first["changes"]) == (choice(), None, None)
    assert (second["result"], second["compared_with"]) == (choice("Negative"), 1)
    region = {"id": "c1", "from_name": "sentiment", "type": "choices"}
    assert second["changes"] == {"added": [], "changed": [region], "removed": []}


def test_the_history_comes_in_pages_and_ends(api, cast, completion):
    page = f"/api/completions/{completion.pk}/history?page_size=1&page="
    assert api(cast.annotator).get(page + "1").json()["count"] == 1
    assert api(cast.annotator).get(page + "2").status_code == 404
    assert api(cast.annotator).get(f"/api/completions/{completion.pk}/history/9").status_code == 404


def test_a_change_that_changes_nothing_makes_no_version(cast, completion):
    again = update_completion(
        completion_id=completion.pk, updated_by=cast.reviewer, result=choice("Negative")
    )
    assert (again.version, again.updated_by, Revision.objects.count()) == (2, cast.annotator, 1)


def test_an_earlier_version_is_restored_as_a_new_one(api, cast, completion):
    answer = api(cast.annotator).post(f"/api/completions/{completion.pk}/history/1/restore", {"version": 2})
    assert answer.status_code == 200
    assert (answer.json()["result"], answer.json()["version"], answer.json()["last_action"]) == (
        choice(), 3, "restored",
    )  # fmt: skip
    assert list(Revision.objects.order_by("version").values_list("version", "action")) == [
        (1, "submitted"),
        (2, "updated"),
    ]


def test_restoring_from_a_version_that_is_no_longer_the_present_one_is_409(api, cast, completion):
    answer = api(cast.annotator).post(f"/api/completions/{completion.pk}/history/1/restore", {"version": 1})
    assert answer.status_code == 409
    assert answer.json()["conflict"]["theirs"]["version"] == 2
    completion.refresh_from_db()
    assert completion.result == choice("Negative")


def test_a_restored_version_has_the_names_of_today(db):
    project = make_project(label_config=boxes_config("Car", "Bus"))
    (task,) = make_tasks(project, [{"image": "/1.jpg"}])
    person = owner_of(project)
    completion = make_completion(task, person, result=[box("Car")])
    update_completion(completion_id=completion.pk, updated_by=person, result=[])
    renames = Renames(labels={"box": {"Car": "Auto"}})
    update_project(project_id=project.pk, label_config=boxes_config("Auto", "Bus"), renames=renames)
    assert Job.objects.filter(kind="relabeling").exists()

    restored = restore_version(completion_id=completion.pk, number=1, restored_by=person)

    assert (restored.result, restored.config_version, restored.warnings) == ([box("Auto")], 2, [])


def test_a_version_that_no_longer_fits_is_not_restored_in_a_strict_project(cast, completion):
    stale = CHOICES_CONFIG.replace("Positive", "Good")
    update_project(project_id=cast.project.pk, label_config=stale, strict_results=True, on_impact="keep")
    with pytest.raises(ValidationFailed):
        restore_version(completion_id=completion.pk, number=1, restored_by=cast.annotator)
    assert Completion.objects.get().result == choice("Negative")


class TestDeleting:
    """What is deleted is kept with its task."""

    def test_a_deleted_completion_keeps_its_history(self, cast, api, completion):
        delete_completion(completion_id=completion.pk, deleted_by=cast.reviewer)
        told = history(api(cast.annotator), completion.pk)
        assert told["present"] is None
        assert [(row["version"], row["action"], row["changed_by"]["id"]) for row in told["results"]] == [
            (3, "deleted", cast.reviewer.pk),
            (2, "updated", cast.annotator.pk),
            (1, "submitted", cast.annotator.pk),
        ]

    def test_it_is_listed_with_the_version_to_restore(self, cast, api, task, completion):
        delete_completion(completion_id=completion.pk, deleted_by=cast.reviewer)
        (row,) = api(cast.annotator).get(f"/api/tasks/{task.pk}/deleted-completions").json()
        assert (row["id"], row["last_version"], row["changed_by"]["id"]) == (
            completion.pk, 2, cast.reviewer.pk,
        )  # fmt: skip
        other = api(cast.owner).post(f"/api/completions/{completion.pk}/history/2/restore", {})
        assert other.status_code == 200
        assert api(cast.annotator).get(f"/api/tasks/{task.pk}/deleted-completions").json() == []

    def test_it_comes_back_as_it_was(self, cast, api, task):
        client_id = uuid.uuid4()
        before = make_completion(task, cast.annotator, client_id=client_id, lead_time=7.5)
        update_completion(completion_id=before.pk, updated_by=cast.reviewer, ground_truth=True)
        delete_completion(completion_id=before.pk, deleted_by=cast.annotator)
        task.refresh_from_db()
        assert (task.completions_count, task.is_labeled) == (0, False)

        answer = api(cast.annotator).post(f"/api/completions/{before.pk}/history/2/restore", {})

        after = Completion.objects.get()
        assert answer.json()["id"] == before.pk == after.pk
        assert (after.result, after.lead_time, after.ground_truth) == (choice(), 7.5, True)
        assert (after.completed_by, after.client_id, after.created_at) == (
            cast.annotator, client_id, before.created_at,
        )  # fmt: skip
        assert (after.version, after.last_action) == (4, "restored")
        task.refresh_from_db()
        assert (task.completions_count, task.ground_truths_count, task.is_labeled) == (1, 1, True)

    def test_other_annotators_neither_see_nor_restore_it(self, cast, api, task):
        completion = make_completion(task, cast.reviewer)
        delete_completion(completion_id=completion.pk, deleted_by=cast.reviewer)
        client = api(cast.annotator)
        assert client.get(f"/api/completions/{completion.pk}/history").status_code == 404
        assert client.post(f"/api/completions/{completion.pk}/history/1/restore", {}).status_code == 404
        assert client.get(f"/api/tasks/{task.pk}/deleted-completions").json() == []
        assert not Completion.objects.exists()

    def test_a_version_that_was_not_seen_is_not_deleted(self, cast, api, completion):
        answer = api(cast.annotator).delete(f"/api/completions/{completion.pk}?version=1")
        assert answer.status_code == 409
        assert Completion.objects.exists()

    def test_history_goes_with_its_task(self, cast, completion, task):
        Draft.objects.create(task=task, user=cast.annotator, completion=completion)
        Task.objects.filter(pk=task.pk)._raw_delete("default")
        assert not Revision.objects.exists()
        assert not Draft.objects.exists()
