"""Drafts: work that is not submitted yet survives, belongs to one person, and goes with the submit."""

from __future__ import annotations

import uuid

import pytest

from apps.completions.drafts import save_draft
from apps.completions.models import Completion, Draft
from apps.completions.services import create_completion, update_completion
from apps.imports.models import Import
from apps.imports.undo import count_undo
from apps.projects.archiving import archive_project
from apps.tasks.models import Task
from tests.factories import choice, make_completion


@pytest.fixture
def task(cast) -> Task:
    found: Task = Task.objects.order_by("pk")[0]
    return found


def test_a_draft_is_saved_read_changed_and_thrown_away(cast, api, task):
    client, address = api(cast.annotator), f"/api/tasks/{task.pk}/drafts"
    created = client.post(address, {"result": choice(), "lead_time": 2.5})
    assert created.status_code == 201
    draft = created.json()
    assert (draft["user"], draft["task"], draft["annotation"]) == (cast.annotator.pk, task.pk, None)
    assert client.post(address, {"result": []}).status_code == 200
    changed = client.patch(f"/api/drafts/{draft['id']}", {"result": choice("Negative")})
    assert (changed.status_code, changed.json()["lead_time"]) == (200, 2.5)
    assert [row["result"] for row in client.get(address).json()] == [choice("Negative")]
    assert client.get(f"/api/drafts/{draft['id']}").json()["result"] == choice("Negative")
    assert client.delete(f"/api/drafts/{draft['id']}").status_code == 204
    assert client.get(address).json() == []


def test_nobody_sees_the_drafts_of_others(cast, api, task):
    save_draft(task_id=task.pk, user=cast.annotator, result=choice())
    for person in (cast.reviewer, cast.owner, cast.administrator):
        assert api(person).get(f"/api/tasks/{task.pk}/drafts").json() == []
        assert api(person).get(f"/api/tasks/{task.pk}").json()["draft_exists"] is False


def test_two_people_have_a_draft_each(cast, api, task):
    for person, label in ((cast.annotator, "Positive"), (cast.reviewer, "Negative")):
        api(person).post(f"/api/tasks/{task.pk}/drafts", {"result": choice(label)})
    for person, label in ((cast.annotator, "Positive"), (cast.reviewer, "Negative")):
        document = api(person).get(f"/api/tasks/{task.pk}").json()
        assert document["draft_exists"] is True
        assert [row["result"] for row in document["drafts"]] == [choice(label)]


def test_pages_of_tasks_show_the_callers_drafts(cast, api, task):
    save_draft(task_id=task.pk, user=cast.reviewer, result=choice())
    address = f"/api/tasks/?project={cast.project.pk}"
    assert [row["draft_exists"] for row in api(cast.reviewer).get(address).json()["tasks"]] == [
        True, False, False,
    ]  # fmt: skip
    assert not any(row["draft_exists"] for row in api(cast.owner).get(address).json()["tasks"])


@pytest.mark.parametrize("was_cancelled", [False, True])
def test_submitting_or_skipping_takes_the_draft_along_and_leaves_those_of_others(cast, task, was_cancelled):
    save_draft(task_id=task.pk, user=cast.annotator, result=choice())
    save_draft(task_id=task.pk, user=cast.reviewer, result=choice())
    make_completion(task, cast.annotator, was_cancelled=was_cancelled)
    assert list(Draft.objects.values_list("user_id", flat=True)) == [cast.reviewer.pk]


def test_a_submit_that_is_refused_leaves_the_draft(cast, api, task):
    save_draft(task_id=task.pk, user=cast.annotator, result=choice())
    answer = api(cast.annotator).post(f"/api/tasks/{task.pk}/annotations", {"result": "no list"})
    assert answer.status_code == 400
    assert Draft.objects.count() == 1


def test_a_draft_that_arrives_after_its_submit_is_410_and_new_work_is_saved(cast, api, task):
    client, unique_id = api(cast.annotator), str(uuid.uuid4())
    client.post(f"/api/tasks/{task.pk}/annotations", {"result": choice(), "unique_id": unique_id})
    late = client.post(f"/api/tasks/{task.pk}/drafts", {"result": choice(), "unique_id": unique_id})
    assert late.status_code == 410
    assert not Draft.objects.exists()
    new = client.post(f"/api/tasks/{task.pk}/drafts", {"result": [], "unique_id": str(uuid.uuid4())})
    assert new.status_code == 201


def test_a_draft_that_was_submitted_is_404_when_it_is_saved_again(cast, api, task):
    draft, _ = save_draft(task_id=task.pk, user=cast.annotator, result=choice())
    make_completion(task, cast.annotator)
    answer = api(cast.annotator).patch(f"/api/drafts/{draft.pk}", {"result": []})
    assert answer.status_code == 404
    assert not Draft.objects.exists()


def test_a_draft_of_a_change_goes_with_the_change_and_with_nothing_else(cast, task):
    completion = make_completion(task, cast.annotator)
    save_draft(task_id=task.pk, user=cast.annotator, completion_id=completion.pk, version=1, result=choice())
    update_completion(completion_id=completion.pk, updated_by=cast.reviewer, ground_truth=True)
    update_completion(completion_id=completion.pk, updated_by=cast.annotator, lead_time=3.0)
    assert Draft.objects.get().completion_version == 1
    update_completion(completion_id=completion.pk, updated_by=cast.annotator, result=[])
    assert not Draft.objects.exists()


def test_a_draft_of_what_one_may_not_change_is_refused(cast, api, task):
    others = make_completion(task, cast.reviewer)
    body = {"result": choice(), "annotation": others.pk}
    assert api(cast.annotator).post(f"/api/tasks/{task.pk}/drafts", body).status_code == 404
    assert not Draft.objects.exists()


@pytest.mark.parametrize("body", [{}, {"result": "x"}, {"result": [1]}, {"result": [], "lead_time": -1}, []])
def test_a_draft_that_is_none_is_400(cast, api, task, body):
    assert api(cast.annotator).post(f"/api/tasks/{task.pk}/drafts", body).status_code == 400
    assert not Draft.objects.exists()


def test_who_has_the_page_open_when_the_project_is_archived_loses_nothing(cast, api, task):
    archive_project(project_id=cast.project.pk, archived_by=cast.owner)
    answer = api(cast.annotator).post(f"/api/tasks/{task.pk}/drafts", {"result": choice()})
    assert answer.status_code == 201


def test_undoing_an_import_leaves_tasks_that_somebody_has_begun(cast, task):
    save_draft(task_id=task.pk, user=cast.annotator, result=choice())
    counts = count_undo(Import.objects.get(pk=task.imported_by_id))
    assert (counts.would_stay, counts.would_go) == (1, 2)


class TestTakingASkipBack:
    """The task is open again to whoever skipped it, with what they had."""

    def test_the_skip_becomes_a_draft_of_who_skipped(self, cast, api, task):
        skip = make_completion(task, cast.annotator, was_cancelled=True)
        answer = api(cast.annotator).post(f"/api/annotations/{skip.pk}/take-back-skip")
        assert answer.status_code == 200
        assert answer.json()["draft"]["result"] == choice()
        assert not Completion.objects.exists()
        task.refresh_from_db()
        assert task.skips_count == 0
        assert api(cast.annotator).get(f"/api/projects/{cast.project.pk}/next").json()["id"] == task.pk

    def test_a_reviewer_who_takes_it_back_does_not_see_the_draft(self, cast, api, task):
        skip = make_completion(task, cast.annotator, was_cancelled=True)
        answer = api(cast.reviewer).post(f"/api/annotations/{skip.pk}/take-back-skip")
        assert answer.json() == {"task": task.pk, "draft": None}
        assert Draft.objects.get().user == cast.annotator

    def test_an_answer_is_no_skip(self, cast, api, task):
        completion = make_completion(task, cast.annotator)
        answer = api(cast.annotator).post(f"/api/annotations/{completion.pk}/take-back-skip")
        assert answer.status_code == 400
        assert Completion.objects.exists()


class TestLeadTime:
    """Seconds of each session are added up; without a session the client says the total."""

    def save(self, task, person, session, seconds, **options):
        draft, _ = save_draft(
            task_id=task.pk, user=person, result=choice(), session=session, lead_time=seconds, **options
        )
        return draft.lead_time

    def test_seconds_of_one_session_replace_each_other_and_sessions_add_up(self, cast, task):
        first, second = uuid.uuid4(), uuid.uuid4()
        spent = [self.save(task, cast.annotator, first, seconds) for seconds in (5.0, 9.0, 10.0)]
        spent += [self.save(task, cast.annotator, second, seconds) for seconds in (1.0, 4.0)]
        assert spent == [5.0, 9.0, 10.0, 11.0, 14.0]

    @pytest.mark.parametrize(("same_session", "total"), [(True, 13.0), (False, 17.0)])
    def test_submitting_adds_the_sessions_before(self, cast, task, same_session, total):
        first, second = uuid.uuid4(), uuid.uuid4()
        self.save(task, cast.annotator, first, 10.0)
        self.save(task, cast.annotator, second, 4.0)
        completion, _ = create_completion(
            task_id=task.pk, completed_by=cast.annotator, result=choice(), lead_time=3.0,
            session=second if same_session else uuid.uuid4(),
        )  # fmt: skip
        assert completion.lead_time == total
        assert Completion.objects.get().lead_time == total

    def test_without_a_session_the_client_says_the_total(self, cast, task):
        self.save(task, cast.annotator, None, 10.0)
        assert make_completion(task, cast.annotator, lead_time=12.0).lead_time == 12.0

    def test_a_client_that_does_not_measure_keeps_what_the_draft_knows(self, cast, task):
        self.save(task, cast.annotator, uuid.uuid4(), 10.0)
        assert make_completion(task, cast.annotator).lead_time == 10.0

    def test_changing_an_answer_in_another_session_adds_to_its_time(self, cast, task):
        completion = make_completion(task, cast.annotator, lead_time=20.0)
        session = uuid.uuid4()
        assert self.save(task, cast.annotator, session, 2.0, completion_id=completion.pk) == 22.0
        changed = update_completion(
            completion_id=completion.pk, updated_by=cast.annotator, result=[], session=session, lead_time=5.0
        )
        assert changed.lead_time == 25.0
