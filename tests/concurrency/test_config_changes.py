"""People submit, imports run and configs change at the same moment: nothing is judged by a config it does not name."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

from django.db import connection, transaction

from apps.completions import config_impact
from apps.completions.models import Completion
from apps.completions.relabeling import wait_for_earlier_writers
from apps.completions.services import create_completion
from apps.jobs.models import Job, JobStatus
from apps.jobs.runner import run
from apps.jobs.services import cancel, retry
from apps.labeling.config import parse
from apps.labeling.results import result_warnings
from apps.projects.config_changing import OnImpact
from apps.projects.config_impact import LabelRemoved, impact_of
from apps.projects.models import ConfigVersion, Project
from apps.projects.policy import Role
from apps.projects.renames import Renames
from apps.projects.services import update_project
from apps.tasks.locks import lock_task
from apps.tasks.models import Task
from tests.completions.configs import box, boxes_config
from tests.factories import make_completion, make_member, make_project, make_tasks, owner_of

LABELS = ("Car", "Bus", "Tram", "Ship")


def make_pictures(*, tasks: int) -> Project:
    project = make_project(label_config=boxes_config(*LABELS))
    make_tasks(project, [{"image": f"/{number}.jpg"} for number in range(tasks)])
    return project


def test_each_completion_is_judged_by_the_config_it_names(together):
    project = make_pictures(tasks=10)
    people = [make_member(project, Role.ANNOTATOR) for _ in range(4)]
    tasks = list(Task.objects.order_by("pk"))

    def label(person):
        for task in tasks:
            create_completion(task_id=task.pk, completed_by=person, result=[box("Car")])

    def change():
        for number in range(12):
            labels = LABELS if number % 2 else LABELS[1:]
            update_project(project_id=project.pk, label_config=boxes_config(*labels), on_impact=OnImpact.KEEP)

    assert [
        result for result in together([*(partial(label, person) for person in people), change]) if result
    ] == []
    configs = dict(ConfigVersion.objects.values_list("number", "label_config"))
    completions = list(Completion.objects.all())
    assert len(completions) == 40
    for completion in completions:
        config = parse(configs[completion.config_version])
        assert completion.warnings == result_warnings(config, completion.result, {"image": "/1.jpg"})


def test_two_configs_saved_at_once_are_two_versions(together):
    project = make_pictures(tasks=1)
    configs = [boxes_config(*LABELS, f"Label {number}") for number in range(8)]
    saved = together(
        [partial(update_project, project_id=project.pk, label_config=config) for config in configs]
    )
    assert sorted(result.config_version for result in saved) == list(range(2, 10))
    assert ConfigVersion.objects.filter(project=project).count() == 9
    last = ConfigVersion.objects.get(project=project, number=9)
    assert last.label_config == Project.objects.get(pk=project.pk).label_config


def test_people_who_label_while_labels_are_renamed_leave_no_old_name_behind(together):
    project = make_pictures(tasks=30)
    people = [make_member(project, Role.ANNOTATOR) for _ in range(3)]
    owner, tasks = owner_of(project), list(Task.objects.order_by("pk"))
    renamed = boxes_config("Auto", *LABELS[1:])

    def label(person):
        for task in tasks:
            # As the editor does: it shows the config of the moment.
            config = Project.objects.get(pk=project.pk).label_config
            create_completion(
                task_id=task.pk, completed_by=person, result=[box("Auto" if "Auto" in config else "Car")]
            )

    def rename():
        saved = update_project(
            project_id=project.pk,
            changed_by=owner,
            label_config=renamed,
            renames=Renames(labels={"box": {"Car": "Auto"}}),
        )
        assert saved.relabeling_job is not None
        run(job_id=saved.relabeling_job.pk, worker="beside")

    assert [
        error for error in together([*(partial(label, person) for person in people), rename]) if error
    ] == []
    job = Job.objects.get()
    assert (job.status, job.error) == (JobStatus.COMPLETED, "")
    under_old = Completion.objects.filter(config_version=1)
    assert not under_old.exists(), "a completion of the old config was missed"
    assert Completion.objects.count() == 90


@contextmanager
def beside(work):
    """Run `work()` in a thread; it is in its transaction when the block begins, and ends it when the block ends."""
    inside, leave = threading.Event(), threading.Event()

    def in_transaction():
        try:
            with transaction.atomic():
                work()
                inside.set()
                leave.wait(timeout=30)
        finally:
            inside.set()
            connection.close()

    thread = threading.Thread(target=in_transaction)
    thread.start()
    assert inside.wait(timeout=30)
    try:
        yield leave
    finally:
        leave.set()
        thread.join(timeout=30)


def test_the_renaming_waits_for_answers_that_are_being_saved(together):
    project = make_pictures(tasks=1)
    task = Task.objects.get()
    looks: list[str] = []

    with beside(partial(lock_task, task.pk)) as leave:

        def look():
            looks.append("once")
            if len(looks) == 3:
                leave.set()

        wait_for_earlier_writers(look)
    assert len(looks) >= 3
    wait_for_earlier_writers(lambda: looks.append("again"))
    assert "again" not in looks, "nobody writes any more"
    assert project.config_version == 1


def lock_all_completions():
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE completions_completion IN ACCESS EXCLUSIVE MODE")


def test_an_impact_that_cannot_be_counted_in_time_is_told_as_such(together, monkeypatch):
    monkeypatch.setattr(config_impact, "TIME_LIMIT", timedelta(milliseconds=50))
    project = make_pictures(tasks=1)
    make_completion(Task.objects.get(), owner_of(project), result=[box("Car")])
    new = boxes_config(*LABELS[1:])
    with beside(lock_all_completions):
        impact = impact_of(project, new)
    assert (impact.effects, impact.is_complete) == ((LabelRemoved("box", "Car", 0, None),), False)
    assert impact.breaks
    assert impact.sentences[-1].endswith("at least so high.")
    assert impact_of(project, new).effects == (LabelRemoved("box", "Car", 1, 1),)


def test_a_renaming_that_was_cancelled_goes_on_when_it_is_retried(together):
    project = make_pictures(tasks=1)
    make_completion(Task.objects.get(), owner_of(project), result=[box("Car")])
    saved = update_project(
        project_id=project.pk,
        label_config=boxes_config("Auto", *LABELS[1:]),
        renames=Renames(labels={"box": {"Car": "Auto"}}),
    )
    job = saved.relabeling_job
    assert job is not None
    cancel(job=job)
    run(job_id=job.pk, worker="beside")
    assert Completion.objects.get().result == [box("Car")]
    retry(job=job)
    run(job_id=job.pk, worker="beside")
    assert Completion.objects.get().result == [box("Auto")]
    assert Job.objects.get().result == {"tasks": 1, "changed_completions": 1, "config_version": 2}
