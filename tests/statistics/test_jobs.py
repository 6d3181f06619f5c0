"""The job that counts what pages leave to it, the one that checks the counts, and both beside people who label."""

from __future__ import annotations

from functools import partial

from apps.jobs.models import Job, JobStatus
from apps.jobs.runner import run
from apps.jobs.services import enqueue
from apps.projects.policy import Role
from apps.statistics.counting import count_block
from apps.statistics.freshness import COUNT_STATISTICS, bring_up_to_date
from apps.statistics.jobs import CHECK_STATISTICS
from apps.statistics.models import AnswerCount, ChangedBlock, TaskCount
from apps.statistics.sums import merge_sums, recount_project
from apps.tasks.models import Task
from tests.concurrency.conftest import together
from tests.concurrency.test_completions import Worker
from tests.factories import make_completion, make_member, make_project, make_tasks, owner_of
from tests.statistics.recounting import assert_counts_are_right, count_what_changed

__all__ = ["together"]


def done(kind: str) -> Job:
    job = enqueue(kind=kind)
    run(job_id=job.pk, worker="test")
    job.refresh_from_db()
    assert job.status == JobStatus.COMPLETED, job.error
    return job


def test_the_job_counts_every_block_and_everything_of_new_projects(db: None) -> None:
    project = make_project(tasks=3)
    make_completion(Task.objects.earliest("pk"), owner_of(project))
    TaskCount.objects.all().delete()
    ChangedBlock.objects.all().delete()
    ChangedBlock.objects.create(project_id=project.pk, block=None)
    assert bring_up_to_date(project.pk).exact is False

    done(COUNT_STATISTICS)

    assert bring_up_to_date(project.pk).exact is True
    assert_counts_are_right()


def test_the_job_merges_rows_that_many_writes_left(db: None) -> None:
    project = make_project()
    for number in range(120):
        make_tasks(project, [{"text": str(number)}])

    done(COUNT_STATISTICS)

    assert TaskCount.objects.count() <= 2  # the tasks came within one quarter of an hour, or two
    assert_counts_are_right()


def test_the_check_finds_counts_that_are_wrong_and_has_them_counted_anew(db: None) -> None:
    wrong, right = make_project(tasks=2), make_project(tasks=2)
    for project in (wrong, right):
        make_completion(project.tasks.order_by("pk")[0], owner_of(project))
    count_what_changed()
    AnswerCount.objects.filter(project_id=wrong.pk).update(completions=7)

    job = done(CHECK_STATISTICS)

    assert job.result == {"recounted_projects": [wrong.pk]}
    assert_counts_are_right()


def test_the_check_forgets_projects_that_are_gone(db: None) -> None:
    TaskCount.objects.create(project_id=999_999, quarter="2026-01-01T00:00Z", added=3, labeled=0)

    done(CHECK_STATISTICS)

    assert not TaskCount.objects.exists()


def test_counting_beside_people_who_label_loses_nothing(together) -> None:
    project = make_project(tasks=8, overlap=3)
    people = [make_member(project, Role.REVIEWER) for _ in range(4)]
    labeling = [partial(Worker(project, person, seed).work, 40) for seed, person in enumerate(people)]
    counting = [partial(_count_again_and_again, project.pk) for _ in range(3)]

    errors = together([*labeling, *counting])

    assert errors == [None] * 7
    assert_counts_are_right()


def _count_again_and_again(project_id: int) -> None:
    for _ in range(25):
        bring_up_to_date(project_id)
        noted = ChangedBlock.objects.filter(project_id=project_id).values_list("block", flat=True)
        for block in {block for block in noted if block is not None}:
            count_block(project_id, block)
        merge_sums(project_id)
        recount_project(project_id)
