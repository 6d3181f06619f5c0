"""What is read of completions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cache

from django.db.models import Q

from apps.accounts.models import User
from apps.completions.models import Completion, Draft
from apps.completions.querysets import CompletionQuerySet
from apps.core.bounded_queries import rows_within
from apps.core.compiled_queries import CompiledQuery, number, numbers
from apps.core.errors import NotAllowed, NotFound
from apps.projects.models import Project
from apps.projects.policy import Action, allows
from apps.projects.queries import role_in
from apps.tasks.models import Task

COUNTING_TIME = timedelta(seconds=1)


def completions_of(task: Task, user: User) -> CompletionQuerySet:
    """Return the completions of a task that `user` may see, oldest first, with their people."""
    return Completion.objects.for_user(user).filter(task=task).select_related("completed_by").order_by("pk")


def completion_for(user: User, completion_id: int) -> Completion:
    """Return a completion that `user` may see, with its person.

    Raises:
        NotFound: there is none.
    """
    completion: Completion | None = (
        Completion.objects.for_user(user).select_related("completed_by").filter(pk=completion_id).first()
    )
    if completion is None:
        raise NotFound(f"There is no completion {completion_id}, or you may not see it.")
    return completion


def changeable_completion(user: User, completion_id: int) -> Completion:
    """Return a completion that `user` may change: their own, or anybody's where their role allows it.

    Raises:
        NotFound: they may not see it.
        NotAllowed: they may only see it.
    """
    completion = completion_for(user, completion_id)
    require_changing(user, completion.project_id, completion.completed_by_id)
    return completion


def require_changing(user: User, project_id: int, completed_by_id: int | None) -> None:
    """Let `user` go on to change a completion of a project they see: their own, or anybody's if the role allows it.

    Raises:
        NotAllowed: it is somebody else's, or they only look on.
    """
    role = role_in(user, project_id)
    own = completed_by_id == user.pk and allows(role, Action.LABEL)
    if not own and not allows(role, Action.CHANGE_ALL_COMPLETIONS):
        raise NotAllowed("You may change only your own completions in this project.")


def count_by_person(project: Project, user: User) -> int:
    """Return how many completions `user` submitted in `project` (skips apart)."""
    return Completion.objects.filter(project=project, completed_by=user, was_cancelled=False).count()


def count_since(project: Project, user: User, moment: datetime) -> int:
    """Return how many tasks of `project` the user answered since a moment (skips apart): a walk over one index."""
    mine = Completion.objects.filter(project=project, completed_by=user, created_at__gte=moment)
    return mine.filter(was_cancelled=False).count()


def answers_of(project: Project, user: User, *, before: int | None, limit: int) -> list[Completion]:
    """Return the latest completions and skips of `user` in `project`, newest first and without their results.

    Args:
        before: the completion of theirs behind which the list begins; None: it begins at the latest.

    Raises:
        NotFound: they have no completion `before` (any more).
    """
    mine = Completion.objects.filter(project=project, completed_by=user)
    if before is not None:
        moment = mine.filter(pk=before).values_list("created_at", flat=True).first()
        if moment is None:
            raise NotFound(f"You have no completion {before} in this project.")
        mine = mine.filter(Q(created_at__lt=moment) | Q(created_at=moment, pk__lt=before))
        mine = mine.filter(created_at__lte=moment)  # the bound that an index can walk from
    return list(mine.defer("result", "warnings").order_by("-created_at", "-pk")[:limit])


def count_all_by_person(user: User) -> int:
    """Return how many completions `user` submitted in all projects (skips apart)."""
    return Completion.objects.filter(completed_by=user, was_cancelled=False).count()


def count_by_config_version(project: Project) -> dict[int, int] | None:
    """Return how many completions are of each version of a project's labeling config (skips apart).

    None when there are too many to count while somebody waits.
    """
    rows = rows_within(
        COUNTING_TIME,
        "SELECT config_version, count(*) FROM completions_completion"
        " WHERE project_id = %(project)s AND NOT was_cancelled GROUP BY config_version",
        {"project": project.pk},
    )
    return None if rows is None else dict(rows)


@cache
def _drafts(user_role: str) -> CompiledQuery[Draft]:
    own = Draft.objects.for_user(User(pk=number("user"), role=user_role))
    return CompiledQuery("drafts", own.filter(task_id__in=numbers("tasks")).order_by("pk"))


def drafts_of(task_ids: Collection[int], user: User) -> Sequence[Draft]:
    """Return the drafts that `user` has of the given tasks, oldest first."""
    return list(_drafts(user.role).rows(user=user.pk, tasks=list(task_ids)))


def draft_for(user: User, draft_id: int) -> Draft:
    """Return a draft of `user`, with its task.

    Raises:
        NotFound: they have none of this id (any more).
    """
    drafts = Draft.objects.for_user(user).select_related("task").defer("task__data", "task__meta")
    draft: Draft | None = drafts.filter(pk=draft_id).first()
    if draft is None:
        raise NotFound(f"You have no draft {draft_id}: it was submitted or deleted.")
    return draft
