"""What the admin panel's first page tells: projects, people at work, background work, the latest acts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Max, QuerySet
from django.utils import timezone

from apps.accounts.models import User
from apps.audit.models import Entry
from apps.core.admin_panel.filters import managed_projects
from apps.jobs.models import Job, JobStatus
from apps.jobs.queries import jobs_overview, worker_is_running
from apps.projects.models import Project
from apps.projects.queries import TALLY_NAMES, Totals, totals_of

SHOWN_PROJECTS = 12
SHOWN_PEOPLE = 12
SHOWN_ENTRIES = 10
ACTIVE_FOR = timedelta(minutes=15)
"""Somebody whose browser asked for something in this time is at work; sessions are dated to five minutes."""


@dataclass(frozen=True, slots=True)
class ProjectProgress:
    """One project and how far it is."""

    project: Project
    totals: Totals


@dataclass(frozen=True, slots=True)
class BackgroundWork:
    """Jobs and who does them; `workers` and `silent` are told to administrators only."""

    queued: int
    running: int
    failed_today: int
    worker_is_running: bool
    silent: int | None = None
    workers: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The first page for one person."""

    projects: Sequence[ProjectProgress]
    projects_count: int
    totals: Totals
    people: Sequence[User]
    people_count: int
    work: BackgroundWork
    entries: Sequence[Entry]


def dashboard_of(user: User) -> Dashboard:
    """Return what `user` may know; a fixed number of queries, however many projects there are."""
    ids = list(managed_projects(user).order_by("-pk").values_list("pk", flat=True))
    totals = totals_of(ids)
    shown = Project.objects.for_user(user).filter(pk__in=ids[:SHOWN_PROJECTS]).order_by("-pk")
    active = _active_people(user)
    return Dashboard(
        projects=[ProjectProgress(project, totals[project.pk]) for project in shown],
        projects_count=len(ids),
        totals=_sum(totals.values()),
        people=list(active[:SHOWN_PEOPLE]),
        people_count=active.count(),
        work=_background_work(user),
        entries=list(Entry.objects.for_user(user).newest_first()[:SHOWN_ENTRIES]),
    )


def _sum(totals: Iterable[Totals]) -> Totals:
    listed = list(totals)
    return Totals(**{name: sum(getattr(one, name) for one in listed) for name in TALLY_NAMES})


def _active_people(user: User) -> QuerySet[User]:
    since = timezone.now() - ACTIVE_FOR
    people = User.objects.all()
    if not user.is_administrator:
        people = people.filter(memberships__project__in=user.managed_project_ids)
    return (
        people.filter(sessions__last_seen__gte=since)
        .annotate(last_seen=Max("sessions__last_seen"))
        .order_by("-last_seen")
    )


def _background_work(user: User) -> BackgroundWork:
    today = timezone.now() - timedelta(days=1)
    mine = Job.objects.for_user(user)
    failed = mine.filter(status=JobStatus.FAILED, finished_at__gte=today).count()
    if user.is_administrator:
        overview = jobs_overview()
        return BackgroundWork(
            queued=overview.queued,
            running=overview.running,
            failed_today=failed,
            worker_is_running=overview.worker_is_running,
            silent=overview.silent,
            workers=overview.workers,
        )
    statuses = list(mine.active().values_list("status", flat=True))
    return BackgroundWork(
        queued=statuses.count(JobStatus.QUEUED),
        running=statuses.count(JobStatus.RUNNING),
        failed_today=failed,
        worker_is_running=worker_is_running(),
    )
