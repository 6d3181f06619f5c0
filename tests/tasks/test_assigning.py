"""Tasks are assigned to members who may label, in bulk, and taken from them when they may label no more."""

from __future__ import annotations

import pytest

from apps.accounts.services import deactivate_user
from apps.audit.models import Entry
from apps.completions.handing_over import hand_over_completions
from apps.completions.services import delete_completion
from apps.core.errors import ValidationFailed
from apps.projects.membership import remove_member, set_member
from apps.projects.models import SkipRule
from apps.projects.policy import Role
from apps.tasks.assigning import assign_tasks, unassign_tasks
from apps.tasks.models import Assignment, Task
from apps.tasks.next_task import reserve_next
from apps.tasks.services import set_overlap
from tests.factories import make_completion, make_member, make_project, make_tasks, reserve_task


def assign(cast, *people, tasks=None) -> int:
    ids = [task.pk for task in tasks or Task.objects.filter(project=cast.project)]
    return assign_tasks(
        project=cast.project,
        task_ids=ids,
        user_ids=[person.pk for person in people],
        assigned_by=cast.manager,
    )


def assigned() -> list[tuple[int, int]]:
    return list(Assignment.objects.order_by("task_id", "user_id").values_list("task_id", "user_id"))


def open_for(person) -> list[int]:
    rows = Assignment.objects.filter(user=person, is_open=True).order_by("task_id")
    return list(rows.values_list("task__inner_id", flat=True))


def test_each_task_is_assigned_to_each_person_once(cast):
    assert assign(cast, cast.annotator) == 3
    assert assign(cast, cast.annotator, cast.reviewer) == 3
    assert len(assigned()) == 6


def test_assigning_thousands_takes_no_more_statements_than_one(cast, django_assert_max_num_queries):
    many = make_tasks(cast.project, [{"text": str(number)} for number in range(2_000)])
    with django_assert_max_num_queries(6):
        assert assign(cast, cast.annotator, tasks=many) == 2_000


def test_it_is_written_into_the_audit_log(cast):
    assign(cast, cast.annotator)
    entry = Entry.objects.latest("pk")
    assert (entry.actor_id, entry.project_id) == (cast.manager.pk, cast.project.pk)
    assert entry.after == {"assigned_to": [cast.annotator.pk], "tasks": 3, "assignments": 3}


@pytest.mark.parametrize("who", ["viewer", "stranger", "administrator"])
def test_whoever_does_not_label_in_the_project_gets_nothing_and_nobody_else_either(cast, who):
    with pytest.raises(ValidationFailed, match=f"User {getattr(cast, who).pk} does not label"):
        assign(cast, cast.annotator, getattr(cast, who))
    assert assigned() == []


def test_somebody_who_was_deactivated_gets_nothing(cast):
    deactivate_user(user_id=cast.annotator.pk, deactivated_by=cast.administrator)
    with pytest.raises(ValidationFailed):
        assign(cast, cast.annotator)


def test_tasks_of_another_project_are_left_out(cast):
    make_project(tasks=2)
    assert assign(cast, cast.annotator, tasks=Task.objects.all()) == 3
    assert set(Assignment.objects.values_list("project_id", flat=True)) == {cast.project.pk}


def test_tasks_are_taken_from_one_person_or_from_everybody(cast):
    assign(cast, cast.annotator, cast.reviewer)
    first, second, _ = Task.objects.order_by("pk")
    given = {"project": cast.project, "unassigned_by": cast.manager}
    assert unassign_tasks(task_ids=[first.pk], user_ids=[cast.annotator.pk], **given) == 1
    assert unassign_tasks(task_ids=[first.pk, second.pk], user_ids=None, **given) == 3
    assert {task_id for task_id, _ in assigned()} == {Task.objects.order_by("pk")[2].pk}
    assert Entry.objects.latest("pk").before == {"assigned_to": None, "tasks": 2, "assignments": 3}


def test_whoever_has_a_task_in_hand_may_finish_it_though_it_is_taken_from_them(cast):
    cast.project.handing_out = "assigned_only"
    assign(cast, cast.annotator)
    task_id = reserve_task(cast.project, cast.annotator)
    unassign_tasks(project=cast.project, task_ids=[task_id], user_ids=None)
    assert reserve_next(project=cast.project, user=cast.annotator) == task_id


ENDINGS = {
    "removed": lambda cast: remove_member(project_id=cast.project.pk, user_id=cast.annotator.pk),
    "made a viewer": lambda cast: set_member(
        project_id=cast.project.pk, user=cast.annotator, role=Role.VIEWER
    ),
    "deactivated": lambda cast: deactivate_user(user_id=cast.annotator.pk, deactivated_by=cast.administrator),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_whoever_may_label_no_more_loses_what_was_assigned_to_and_reserved_for_them(cast, ending):
    other = make_member(cast.project, Role.ANNOTATOR)
    assign(cast, cast.annotator, other)
    task_id = reserve_task(cast.project, cast.annotator)
    ENDINGS[ending](cast)
    assert {user_id for _, user_id in assigned()} == {other.pk}
    assert reserve_next(project=cast.project, user=other) == task_id


def test_another_role_that_labels_keeps_what_is_assigned(cast):
    assign(cast, cast.annotator)
    set_member(project_id=cast.project.pk, user=cast.annotator, role=Role.REVIEWER)
    assert len(assigned()) == 3


class TestWhatWaits:
    """An assignment is open until its person has answered or the task needs no more answers, and again after that."""

    @pytest.fixture(autouse=True)
    def assignments(self, cast):
        assign(cast, cast.annotator)

    def test_an_answer_closes_it_and_its_deletion_opens_it_again(self, cast):
        completion = make_completion(Task.objects.order_by("pk")[0], cast.annotator)
        assert open_for(cast.annotator) == [2, 3]
        delete_completion(completion_id=completion.pk, deleted_by=cast.annotator)
        assert open_for(cast.annotator) == [1, 2, 3]

    def test_a_skip_that_goes_to_others_closes_it(self, cast):
        make_completion(Task.objects.order_by("pk")[0], cast.annotator, was_cancelled=True)
        assert open_for(cast.annotator) == [2, 3]

    def test_a_skip_that_comes_back_to_the_same_person_leaves_it_open(self, cast):
        cast.project.skip_rule = SkipRule.REQUEUE_FOR_ME
        cast.project.save()
        make_completion(Task.objects.order_by("pk")[0], cast.annotator, was_cancelled=True)
        assert open_for(cast.annotator) == [1, 2, 3]

    def test_a_task_that_others_have_labeled_waits_no_more_until_it_needs_more_answers(self, cast):
        task = Task.objects.order_by("pk")[0]
        make_completion(task, cast.reviewer)
        assert open_for(cast.annotator) == [2, 3]
        set_overlap(project_id=cast.project.pk, task_ids=[task.pk], overlap=2)
        assert open_for(cast.annotator) == [1, 2, 3]

    def test_an_answer_that_is_handed_over_opens_it_for_one_and_closes_it_for_the_other(self, cast):
        other = make_member(cast.project, Role.ANNOTATOR)
        assign(cast, other)
        set_overlap(
            project_id=cast.project.pk, task_ids=list(Task.objects.values_list("pk", flat=True)), overlap=2
        )
        completion = make_completion(Task.objects.order_by("pk")[0], cast.annotator)
        hand_over_completions(completion_ids=[completion.pk], to=other, handed_over_by=cast.manager)
        assert (open_for(cast.annotator), open_for(other)) == ([1, 2, 3], [2, 3])

    def test_what_is_assigned_after_it_was_answered_does_not_wait(self, cast):
        make_completion(Task.objects.order_by("pk")[0], cast.reviewer)
        assign(cast, cast.reviewer)
        assert open_for(cast.reviewer) == [2, 3]


class TestOverRest:
    """A task's assignments over REST."""

    def test_a_manager_assigns_lists_and_takes_away(self, cast, api):
        client, task = api(cast.manager), Task.objects.order_by("pk")[0]
        address = f"/api/tasks/{task.pk}/assignments/"
        made = client.post(address, {"users": [cast.annotator.pk, cast.reviewer.pk]}, format="json")
        assert made.status_code == 201
        assert {row["user"]["id"] for row in made.json()} == {cast.annotator.pk, cast.reviewer.pk}
        assert client.delete(f"{address}?user={cast.reviewer.pk}").status_code == 204
        (row,) = client.get(address).json()
        assert (row["task"], row["user"]["email"]) == (task.pk, "annotator@example.com")
        assert (row["assigned_by"], row["is_open"]) == (cast.manager.pk, True)
        assert client.delete(address).status_code == 204
        assert client.get(address).json() == []

    @pytest.mark.parametrize(
        "body",
        [{}, {"users": []}, {"users": "all"}, {"users": [0]}, {"users": [10**30]}, {"users": [1] * 1_001}],
    )
    def test_a_body_that_names_nobody_is_refused(self, cast, api, body):
        answer = api(cast.manager).post(
            f"/api/tasks/{Task.objects.order_by('pk')[0].pk}/assignments/", body, format="json"
        )
        assert answer.status_code == 400
        assert "users" in str(answer.json()["validation_errors"])
        assert assigned() == []

    def test_a_user_that_is_no_number_is_refused(self, cast, api):
        assign(cast, cast.annotator)
        answer = api(cast.manager).delete(
            f"/api/tasks/{Task.objects.order_by('pk')[0].pk}/assignments/?user=me"
        )
        assert (answer.status_code, list(answer.json()["validation_errors"])) == (400, ["user"])
        assert len(assigned()) == 3

    def test_listing_takes_no_more_queries_for_many_people(self, cast, api, django_assert_num_queries):
        client, task = api(cast.manager), Task.objects.order_by("pk")[0]
        assign(cast, cast.annotator, cast.reviewer, cast.manager)
        client.get("/api/current-user/whoami")
        with django_assert_num_queries(4):
            assert len(client.get(f"/api/tasks/{task.pk}/assignments/").json()) == 3
