"""What is read of tasks: pages of them, and why a person gets none."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from django.db.models import F, Value

from apps.accounts.models import GlobalRole, User
from apps.core.compiled_queries import CompiledQuery, number
from apps.core.errors import NotFound
from apps.core.prepared import Prepared
from apps.projects.models import Project
from apps.projects.policy import Role
from apps.projects.queries import TALLY_NAMES, Totals
from apps.tasks.anchors import WORTH_REMEMBERING, Anchor, Anchors
from apps.tasks.models import Task
from apps.tasks.querysets import TaskQuerySet

_NOT_FOR_LABELING = (
    "inner_id", "meta", "prediction_score", "sample_key", "file_upload", "external_id", "imported_by", "created_at",
    *(f"project__{name}" for name in (
        "title", "description", "color", "instruction", "show_instruction", "show_skip_button",
        "allow_empty_completions", "show_completions_to_annotators", "client_settings", "last_inner_id", "created_by",
        "created_at", "updated_at", "deleted_at",
    )),
)  # fmt: skip
"""What neither storing an answer nor handing out the next task asks for: each column takes its time, twice."""


@cache
def _visible_task(user_role: str) -> CompiledQuery[Task]:
    """Return the query of a task as somebody with a global role may see it."""
    visible = Task.objects.for_user(User(pk=number("user"), role=user_role)).select_related("project")
    return CompiledQuery("task", visible.filter(pk=number("task")))


@cache
def _role_at_task(user_role: str) -> CompiledQuery[Any]:
    visible = with_role(User(pk=number("user"), role=user_role)).only("project_id")
    return CompiledQuery("role_at_task", visible.filter(pk=number("task")))


@cache
def _task_to_answer(user_role: str) -> CompiledQuery[Any]:
    answered = tasks_to_answer(User(pk=number("user"), role=user_role))
    return CompiledQuery("task_to_answer", answered.filter(pk=number("task")))


def visible_task_to_answer() -> CompiledQuery[Any]:
    """Return the query of what `task_to_answer` finds for a `task` and a `user` who is no administrator."""
    return _task_to_answer(GlobalRole.MEMBER)


def with_role(user: User) -> TaskQuerySet:
    """Return the tasks that `user` may see, each with `my_role`, their role in its project."""
    role = Value(Role.OWNER.value) if user.is_administrator else F("project__memberships__role")
    tasks: TaskQuerySet = Task.objects.for_user(user).annotate(my_role=role)
    return tasks


def task_for(user: User, task_id: int) -> Task:
    """Return a task that `user` may see, with its project.

    Raises:
        NotFound: there is none.
    """
    task: Task = found_for(_visible_task, user, task_id)
    return task


def project_and_role_at(user: User, task_id: int) -> tuple[int, str]:
    """Return the id of the project of a task that `user` may see, and their role there.

    Raises:
        NotFound: there is none.
    """
    task = found_for(_role_at_task, user, task_id)
    return task.project_id, task.my_role


def tasks_to_answer(user: User) -> TaskQuerySet:
    """Return the tasks that `user` may see with `my_role`, and with what storing an answer asks of their projects."""
    tasks: TaskQuerySet = with_role(user).select_related("project").defer(*_NOT_FOR_LABELING)
    return tasks


def task_to_answer(user: User, task_id: int, *, found: Task | None = None) -> tuple[Task, str]:
    """Return a task that `user` may see, with its project's rules, and their role there; nothing is locked.

    Args:
        found: the task as `visible_task_to_answer` finds it for `user`, if it was read a moment ago.

    Raises:
        NotFound: there is none.
    """
    return with_known_role(found or found_for(_task_to_answer, user, task_id))


def with_known_role(task: Any) -> tuple[Task, str]:
    """Return one of `tasks_to_answer`, whose project then knows the role, too, and the role."""
    task.project.my_role = task.my_role
    return task, task.my_role


def found_for(query_of: Callable[[str], CompiledQuery[Any]], user: User, task_id: int) -> Any:
    """Return what the query of a global role, with the numbers `user` and `task`, finds of a task.

    Raises:
        NotFound: nothing; `user` may not know of the task.
    """
    task = query_of(user.role).first(user=user.pk, task=task_id)
    if task is None:
        raise NotFound(f"There is no task {task_id}, or you are not a member of its project.")
    return task


_BEHIND_ALL = 2**63 - 1
"""An id that no task has."""

# With the project as a range and in the order, no index but that of both has it: a plan that is kept for all projects
# would read the ids of the whole table in their order, past those of other projects, as soon as most are of one.
_FROM = """
SELECT id FROM tasks_task WHERE (project_id, id) >= (%(project)s, %(place)s) AND project_id <= %(project)s
ORDER BY project_id, id OFFSET %(steps)s LIMIT %(size)s
"""
_BEFORE = """
SELECT id FROM tasks_task WHERE (project_id, id) < (%(project)s, %(place)s) AND project_id >= %(project)s
ORDER BY project_id DESC, id DESC OFFSET %(steps)s LIMIT %(size)s
"""
_IDS_FROM, _IDS_BEFORE = Prepared("ids_from", _FROM), Prepared("ids_before", _BEFORE)

_WITH_TOTALS = (
    f"SELECT {', '.join(f'coalesce(sum({name}), 0)' for name in TALLY_NAMES)}, ARRAY({{ids}})"  # noqa: S608 - own text
    " FROM projects_projecttally WHERE project_id = %(project)s"
)
_FIRST = Prepared("first_ids", _WITH_TOTALS.format(ids=_FROM))
_LAST = Prepared("last_ids", _WITH_TOTALS.format(ids=_BEFORE))


def totals_and_ids(
    project: Project, *, start: int, size: int, descending: bool = False
) -> tuple[Totals, list[int]]:
    """Return the totals of a project, and what `page_of_ids` does, counted from the begin: of use for the first pages.

    Args:
        start: how many tasks come before in the order of ids, all of which are stepped over.
    """
    statement, place = (_LAST, _BEHIND_ALL) if descending else (_FIRST, 0)
    ((*totals, ids),) = statement.rows(project=project.pk, place=place, steps=start, size=size)
    return Totals(*map(int, totals)), ids


def page_of_ids(
    project: Project, *, start: int, size: int, total: int, descending: bool = False
) -> list[int]:
    """Return the ids of the tasks at the places `start` (from 0) to `start + size` in the order of ids.

    They are counted in an index, from the nearest place that is known: the begin, the end, or where somebody was
    before.

    Args:
        total: how many tasks the project has, from its totals; `start + size` is not beyond it.
    """
    if descending:
        return page_of_ids(project, start=total - start - size, size=size, total=total)[::-1]
    end = start + size
    below, above = Anchor(0), Anchor(total)
    anchors = Anchors(project, total) if min(start, total - end) > WORTH_REMEMBERING else None
    if anchors:
        below, above = anchors.below(start), anchors.above(end)
    steps = min(start - below.position, above.position - end)
    if start - below.position <= above.position - end:
        rows = _IDS_FROM.rows(project=project.pk, place=below.task_id or 0, steps=steps, size=size)
    else:
        place = above.task_id or _BEHIND_ALL
        rows = _IDS_BEFORE.rows(project=project.pk, place=place, steps=steps, size=size)[::-1]
    found = [pk for (pk,) in rows]
    if anchors and steps > WORTH_REMEMBERING and len(found) == size:
        anchors.remember(start, found[0])
    return found
