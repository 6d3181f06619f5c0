"""Exports that go on where the last one ended miss nothing, whatever happens at the same moment."""

from __future__ import annotations

import json
from threading import Event, Thread
from time import sleep
from typing import Any

import pytest
from django.db import connection, transaction

from apps.exports.cursors import next_cursor
from apps.exports.options import read_spec
from apps.exports.services import export_project
from apps.predictions.services import save_prediction
from apps.projects.models import Project
from apps.projects.policy import Action
from apps.projects.queries import project_for
from apps.tasks.models import Task
from tests.factories import choice, make_completion, make_project, make_tasks, owner_of

pytestmark = pytest.mark.django_db(transaction=True)


def changed(project: Project, since: str, **options: Any) -> tuple[list[int], str]:
    """Return the ids of the tasks that changed since a cursor, and the next cursor."""
    person = owner_of(project)
    spec = read_spec({"tasks": "all", "since": since, **options})
    stream = export_project(
        project=project_for(person, project.pk, Action.EXPORT), exported_by=person, spec=spec
    )
    return [task["id"] for task in json.loads(b"".join(stream.pieces))], stream.next_cursor


def wait_until_nobody_writes() -> None:
    """Wait for the transactions that run at this moment: tests beside this one share its server, and a cursor counts
    whatever is open on that."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        (now,) = cursor.fetchone()
        for _ in range(1_200):
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= %s", [now])
            if cursor.fetchone() == (True,):
                return
            sleep(0.05)


def test_each_change_comes_once_as_long_as_nobody_writes_meanwhile() -> None:
    project = make_project(tasks=3)
    first, second, _ = Task.objects.order_by("pk")
    wait_until_nobody_writes()
    everything, cursor = changed(project, "")
    assert len(everything) == 3

    assert changed(project, cursor)[0] == []
    make_completion(first, owner_of(project))
    (new,) = make_tasks(project, [{"text": "new"}])
    wait_until_nobody_writes()
    found, later = changed(project, cursor)
    assert found == [first.pk, new.pk]
    Task.objects.filter(pk=second.pk).update(meta={"checked": True})
    assert changed(project, later)[0] == [second.pk]


def test_a_prediction_made_anew_is_a_change_where_predictions_go_in_whole() -> None:
    project = make_project(tasks=2)
    task = Task.objects.order_by("pk")[0]
    prediction = save_prediction(task_id=task.pk, result=choice(), score=0.1)
    wait_until_nobody_writes()
    cursor = next_cursor()
    type(prediction).objects.filter(pk=prediction.pk).update(score=0.9)
    assert changed(project, cursor)[0] == []
    assert changed(project, cursor, predictions="full")[0] == [task.pk]


def test_a_change_that_is_committed_after_the_export_is_not_missed() -> None:
    project = make_project(tasks=2)
    task = Task.objects.order_by("pk")[0]
    written, go_on = Event(), Event()
    wait_until_nobody_writes()

    def change_slowly() -> None:
        try:
            with transaction.atomic():
                Task.objects.filter(pk=task.pk).update(meta={"slow": True})
                written.set()
                go_on.wait(30)
        finally:
            connection.close()

    slow = Thread(target=change_slowly)
    slow.start()
    assert written.wait(30)
    _, cursor = changed(project, "")  # sees nothing of the change yet
    go_on.set()
    slow.join()
    assert changed(project, cursor)[0] == [task.pk]
