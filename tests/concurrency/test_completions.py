"""Saves of completions that meet at the same moment: each is kept, refused with both sides, or made once."""

from __future__ import annotations

import os
import random
import uuid
from collections.abc import Callable
from functools import partial

from django.db import connection

from apps.accounts.models import User
from apps.completions.drafts import AlreadySubmitted, save_draft
from apps.completions.models import Completion, Draft, Revision
from apps.completions.restoring import duplicate_completion, restore_version, take_back_skip
from apps.completions.revisions import StaleVersion
from apps.completions.services import create_completion, delete_completion, update_completion
from apps.core.errors import NotFound, ProductError, ValidationFailed
from apps.projects.models import Project
from apps.projects.policy import Role
from apps.projects.queries import totals_of
from apps.tasks.models import Task
from tests.factories import choice, make_completion, make_member, make_project

THREADS = 20
OPERATIONS = int(os.environ.get("RANDOM_OPERATIONS", "800"))
"""Set RANDOM_OPERATIONS=10000 for a long run; the default keeps the suite quick."""


def test_a_draft_that_arrives_with_its_submit_is_not_left_behind(together):
    project = make_project(tasks=6)
    person = make_member(project, Role.ANNOTATOR)
    for task in Task.objects.order_by("pk"):
        client_id = uuid.uuid4()
        submit = partial(create_completion, task_id=task.pk, completed_by=person, result=choice())
        save = partial(save_draft, task_id=task.pk, user=person, result=choice())
        outcomes = together([partial(save, client_id=client_id)] * 3 + [partial(submit, client_id=client_id)])
        errors = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        assert all(isinstance(error, AlreadySubmitted) for error in errors)
    assert Completion.objects.count() == 6
    assert not Draft.objects.exists()


def test_a_draft_of_a_change_that_arrives_with_the_change_is_not_left_behind(together):
    project = make_project(tasks=4)
    person = make_member(project, Role.ANNOTATOR)
    for task in Task.objects.order_by("pk"):
        completion, client_id = make_completion(task, person), uuid.uuid4()
        save = partial(
            save_draft, task_id=task.pk, user=person, completion_id=completion.pk, client_id=client_id,
            result=choice("Negative"),
        )  # fmt: skip
        change = partial(
            update_completion, completion_id=completion.pk, updated_by=person, client_id=client_id,
            result=choice("Negative"),
        )  # fmt: skip
        together([save, change, save])
    assert Revision.objects.count() == 4
    assert not Draft.objects.exists()


def test_many_tabs_that_save_one_draft_leave_one(together):
    project = make_project(tasks=1)
    person, task = make_member(project, Role.ANNOTATOR), Task.objects.get()
    saved = together([partial(save_draft, task_id=task.pk, user=person, result=choice())] * 10)
    assert sum(is_new for _, is_new in saved) == 1
    assert Draft.objects.count() == 1


def test_of_two_saves_from_one_version_one_is_stored_and_one_is_told_both_sides(together, api):
    project = make_project(tasks=1)
    person = make_member(project, Role.ANNOTATOR)
    completion = make_completion(Task.objects.get(), person)
    clients = [api(person), api(person)]
    bodies = [{"result": choice("Negative"), "version": 1}, {"result": [], "version": 1}]

    answers = together(
        partial(client.patch, f"/api/annotations/{completion.pk}", body)
        for client, body in zip(clients, bodies, strict=True)
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    stored = Completion.objects.get()
    lost = next(index for index, answer in enumerate(answers) if answer.status_code == 409)
    conflict = answers[lost].json()["conflict"]
    assert conflict["mine"] == {"result": bodies[lost]["result"]}
    assert (conflict["theirs"]["result"], conflict["theirs"]["version"]) == (stored.result, 2)
    assert conflict["base"] == {"version": 1, "result": choice()}
    assert stored.result == bodies[1 - lost]["result"]


def test_one_change_sent_ten_times_at_once_is_made_once(together):
    project = make_project(tasks=1)
    person = make_member(project, Role.ANNOTATOR)
    completion = make_completion(Task.objects.get(), person)
    change = partial(
        update_completion, completion_id=completion.pk, updated_by=person, version=1, client_id=uuid.uuid4(),
        result=choice("Negative"),
    )  # fmt: skip
    answers = together([change] * 10)
    assert [answer.version for answer in answers] == [2] * 10
    assert Revision.objects.count() == 1


def test_one_client_id_for_two_tasks_at_once_is_stored_once(together):
    project = make_project(tasks=2)
    person, client_id = make_member(project, Role.ANNOTATOR), uuid.uuid4()
    submit = partial(create_completion, completed_by=person, client_id=client_id, result=choice())
    outcomes = together([partial(submit, task_id=task.pk) for task in Task.objects.all()])
    refused = [outcome for outcome in outcomes if isinstance(outcome, ProductError)]
    assert [error.status_code for error in refused] == [422]
    assert Completion.objects.count() == 1


class Worker:
    """Somebody who does one random thing after another to the completions of a few tasks."""

    def __init__(self, project: Project, person: User, seed: int) -> None:
        self._tasks = list(Task.objects.filter(project=project).values_list("pk", flat=True))
        self._person = person
        self._random = random.Random(seed)

    def work(self, operations: int) -> None:
        """Do so many things; what a race makes impossible is passed over."""
        moves = [self._create, self._create, self._change, self._change, self._skip, self._mark]
        moves += [self._delete, self._restore, self._duplicate, self._take_back, self._draft]
        for _ in range(operations):
            try:
                self._random.choice(moves)()
            except (NotFound, StaleVersion, ValidationFailed):
                continue

    def _any_of(self, column: str, rows: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {column} FROM {rows} ORDER BY random() LIMIT 1")
            row = cursor.fetchone()
        if row is None:
            raise NotFound("There is nothing yet.")
        return int(row[0])

    def _completion(self) -> int:
        return self._any_of("id", "completions_completion")

    def _create(self) -> None:
        create_completion(
            task_id=self._random.choice(self._tasks), completed_by=self._person, result=choice(),
            was_cancelled=self._random.random() < 0.3, ground_truth=self._random.random() < 0.1,
        )  # fmt: skip

    def _change(self) -> None:
        result = choice(self._random.choice(["Positive", "Negative"]))
        version = self._random.choice([None, 1])
        update_completion(
            completion_id=self._completion(), updated_by=self._person, result=result, version=version
        )

    def _skip(self) -> None:
        skipped = self._random.random() < 0.5
        update_completion(completion_id=self._completion(), updated_by=self._person, was_cancelled=skipped)

    def _mark(self) -> None:
        marked = self._random.random() < 0.5
        update_completion(completion_id=self._completion(), updated_by=self._person, ground_truth=marked)

    def _delete(self) -> None:
        delete_completion(completion_id=self._completion(), deleted_by=self._person)

    def _restore(self) -> None:
        completion_id = self._any_of("completion_id", "completions_revision")
        restore_version(completion_id=completion_id, number=1, restored_by=self._person)

    def _duplicate(self) -> None:
        duplicate_completion(completion_id=self._completion(), duplicated_by=self._person)

    def _take_back(self) -> None:
        take_back_skip(completion_id=self._completion(), taken_back_by=self._person)

    def _draft(self) -> None:
        save_draft(task_id=self._random.choice(self._tasks), user=self._person, result=choice())


def test_counters_equal_a_recount_after_random_operations_by_twenty_people(together):
    project = make_project(tasks=12, overlap=3)
    people = [make_member(project, Role.REVIEWER) for _ in range(THREADS)]
    workers = [Worker(project, person, seed) for seed, person in enumerate(people)]

    errors = together([_working(worker, OPERATIONS // THREADS) for worker in workers])

    assert errors == [None] * THREADS
    assert_counted(project, overlap=3)
    _assert_histories_without_gaps()


def _working(worker: Worker, operations: int) -> Callable[[], None]:
    return partial(worker.work, operations)


def assert_counted(project: Project, *, overlap: int) -> None:
    """Hold the counters of tasks and the totals of their project against a recount."""
    rows = list(Completion.objects.values_list("task_id", "completed_by_id", "was_cancelled", "ground_truth"))
    for task in Task.objects.all():
        mine = [row for row in rows if row[0] == task.pk]
        people = {person for _, person, skipped, _ in mine if not skipped}
        assert task.completions_count == sum(not skipped for _, _, skipped, _ in mine)
        assert task.skips_count == sum(skipped for _, _, skipped, _ in mine)
        assert task.ground_truths_count == sum(truth for _, _, _, truth in mine)
        assert (task.answers_count, task.is_labeled) == (len(people), len(people) >= overlap)
    totals = totals_of([project.pk])[project.pk]
    assert totals.completions == sum(not skipped for _, _, skipped, _ in rows)
    assert totals.skips == sum(skipped for _, _, skipped, _ in rows)
    assert totals.ground_truths == sum(truth for _, _, _, truth in rows)
    assert totals.labeled_tasks == Task.objects.filter(is_labeled=True).count()
    assert totals.tasks_with_completions == Task.objects.filter(completions_count__gt=0).count()


def _assert_histories_without_gaps() -> None:
    versions: dict[int, list[int]] = {}
    for completion_id, version in Revision.objects.order_by("version").values_list(
        "completion_id", "version"
    ):
        versions.setdefault(completion_id, []).append(version)
    for completion_id, version in Completion.objects.values_list("pk", "version"):
        assert [*versions.pop(completion_id, []), version] == list(range(1, version + 1))
    for numbers in versions.values():  # of those that are deleted
        assert numbers == list(range(1, len(numbers) + 1))
