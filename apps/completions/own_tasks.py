"""A person's own tasks: all that annotators see of a project's tasks.

Their own is what they answered or skipped, what they began (a draft), what was handed out or is assigned to them, and
where they commented or somebody mentions them. Everybody else's tasks do not exist for them, unless the project shows
its annotators each other's completions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from django.db import connection
from django.db.models import BooleanField, Model, QuerySet
from django.db.models.expressions import RawSQL

from apps.accounts.models import User
from apps.core.errors import NotFound
from apps.projects.models import Project
from apps.projects.policy import Action, allows, roles_that_may
from apps.projects.queries import role_in
from apps.tasks.models import Task
from apps.tasks.next_task import reserve_chosen
from apps.tasks.queries import task_for

Row = TypeVar("Row", bound=Model)

# A draft and a deleted answer know their project by their task alone; all else is found in indexes of the project's
# people. An answer of theirs that was deleted can be brought back in its task.
_IDS = """
    SELECT task_id FROM completions_completion WHERE project_id = {project} AND completed_by_id = {person}
    UNION ALL SELECT d.task_id FROM completions_draft d JOIN tasks_task of_draft ON of_draft.id = d.task_id
    WHERE d.user_id = {person} AND of_draft.project_id = {project}
    UNION ALL SELECT task_id FROM tasks_lease WHERE project_id = {project} AND user_id = {person}
    UNION ALL SELECT task_id FROM tasks_assignment WHERE project_id = {project} AND user_id = {person}
    UNION ALL SELECT m.task_id FROM comments_mention n JOIN comments_comment m ON m.id = n.comment_id
    WHERE n.user_id = {person} AND m.project_id = {project}
    UNION ALL SELECT task_id FROM comments_comment WHERE project_id = {project} AND author_id = {person}
    UNION ALL SELECT r.task_id FROM completions_revision r JOIN tasks_task of_deleted ON of_deleted.id = r.task_id
    WHERE r.completed_by_id = {person} AND r.action = 'deleted' AND of_deleted.project_id = {project}
"""

# Of one task, where each of the tables has an index by its task.
_IS_OWN = """
EXISTS (SELECT FROM completions_completion o WHERE o.task_id = {task} AND o.completed_by_id = {person})
OR EXISTS (SELECT FROM completions_draft o WHERE o.task_id = {task} AND o.user_id = {person})
OR EXISTS (SELECT FROM tasks_lease o WHERE o.task_id = {task} AND o.user_id = {person})
OR EXISTS (SELECT FROM tasks_assignment o WHERE o.task_id = {task} AND o.user_id = {person})
OR EXISTS (SELECT FROM completions_revision o
           WHERE o.task_id = {task} AND o.completed_by_id = {person} AND o.action = 'deleted')
OR EXISTS (SELECT FROM comments_comment o WHERE o.task_id = {task} AND o.author_id = {person})
OR EXISTS (SELECT FROM comments_mention n JOIN comments_comment o ON o.id = n.comment_id
           WHERE n.user_id = {person} AND o.task_id = {task})
"""
_SEES_ALL = """
EXISTS (SELECT FROM projects_project WHERE id = {table}.project_id AND show_completions_to_annotators)
OR EXISTS (SELECT FROM projects_membership WHERE project_id = {table}.project_id AND user_id = %s AND role = ANY (%s))
"""


def own_task_condition(project: str, person: str) -> str:
    """Return the condition in SQL that a task `t` is a person's own.

    Args:
        project: what stands for the id of the task's project in the statement.
        person: what stands for the person's id.
    """
    return f"t.id IN ({_IDS.format(project=project, person=person)})"


_OWN_IDS = _IDS.format(project="%(project)s", person="%(person)s")
_PAGE = f"""
WITH own AS MATERIALIZED (SELECT DISTINCT task_id FROM ({_OWN_IDS}) AS found),
page AS MATERIALIZED (SELECT task_id FROM own ORDER BY task_id {{way}} OFFSET %(start)s LIMIT %(size)s)
SELECT (SELECT count(*) FROM own), ARRAY(SELECT task_id FROM page),
       coalesce(sum(completions_count), 0), coalesce(sum(predictions_count), 0)
FROM tasks_task WHERE id = ANY (ARRAY(SELECT task_id FROM page))
"""  # noqa: S608 - its parts stand above


@dataclass(frozen=True, slots=True)
class OwnTasks:
    """A page of a person's own tasks.

    Attributes:
        total: how many they have.
        completions, predictions: how many the tasks of the page have.
    """

    ids: list[int]
    total: int
    completions: int
    predictions: int


def page_of_own_tasks(
    project: Project, person_id: int, *, start: int, size: int, descending: bool = False
) -> OwnTasks:
    """Return some of a person's own tasks in the order of their ids: read from indexes but for the page itself.

    Args:
        start: how many come before, from 0.
    """
    parameters = {"project": project.pk, "person": person_id, "start": start, "size": size}
    with connection.cursor() as cursor:
        cursor.execute(_PAGE.format(way="DESC" if descending else "ASC"), parameters)
        total, ids, completions, predictions = cursor.fetchone()
    return OwnTasks(ids, total, int(completions), int(predictions))


def sees_all_tasks(project: Project, role: str | None) -> bool:
    """Whether a member with `role` sees every task of a project, and not only their own."""
    return allows(role, Action.VIEW_ALL_TASKS) or project.show_completions_to_annotators


_ASKED_OF_ONE = _IS_OWN.format(task="%(task)s", person="%(person)s")


def is_own_task(task_id: int, user: User) -> bool:
    """Whether a task is among the own tasks of `user`."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_ASKED_OF_ONE}", {"task": task_id, "person": user.pk})
        return bool(cursor.fetchone()[0])


def readable_task(user: User, task_id: int) -> Task:
    """Return a task that `user` may read, with its project: for annotators one of their own.

    Raises:
        NotFound: there is none.
    """
    task = task_for(user, task_id)
    if not sees_all_tasks(task.project, role_in(user, task.project_id)) and not is_own_task(task.pk, user):
        raise NotFound(
            f"Task {task_id} is not one of yours. You see tasks that you answered or began, that were handed out or"
            " assigned to you, and those where you commented or are mentioned."
        )
    return task


def on_readable_tasks(rows: QuerySet[Row], user: User) -> QuerySet[Row]:
    """Return those of `rows`, each of a task and its project, whose task `user` may read: for annotators their own.

    Args:
        rows: of projects the person belongs to.
    """
    if user.is_administrator:
        return rows
    table = rows.model._meta.db_table
    person = str(int(user.pk))
    condition = (
        _SEES_ALL.format(table=table) + " OR " + _IS_OWN.format(task=f"{table}.task_id", person=person)
    )
    roles = [str(role) for role in roles_that_may(Action.VIEW_ALL_TASKS)]
    return rows.filter(RawSQL(condition, [user.pk, roles], BooleanField()))  # noqa: S611 - own text and a number


def task_to_open_for_labeling(project: Project, user: User, task_id: int) -> Task:
    """Return a task that a link asks `user` to label; one that was not theirs is reserved for them, if it is open.

    Args:
        project: read for `user`.

    Raises:
        NotFound: the project has no such task, or has none that the queue could give them.
    """
    task = task_for(user, task_id)
    if task.project_id != project.pk:
        raise NotFound(f"Project {project.pk} has no task {task_id}.")
    if sees_all_tasks(project, project.my_role) or is_own_task(task.pk, user):
        return task
    if project.archived_at or reserve_chosen(project=project, user=user, task_ids=[task.pk]) is None:
        raise NotFound(
            f"Task {task_id} is not one of yours and cannot become one: it has its answers, is in other people's"
            " hands, or is assigned to others."
        )
    return task


_NEIGHBOURS = f"""
WITH own AS MATERIALIZED ({_OWN_IDS})
SELECT (SELECT max(task_id) FROM own WHERE task_id < %(task)s), (SELECT min(task_id) FROM own WHERE task_id > %(task)s)
"""  # noqa: S608 - its parts stand above


def own_neighbours_of(task: Task, user: User) -> tuple[int | None, int | None]:
    """Return the ids of the own tasks of `user` before and after one in its project; None at the ends."""
    with connection.cursor() as cursor:
        cursor.execute(_NEIGHBOURS, {"project": task.project_id, "person": user.pk, "task": task.pk})
        before, after = cursor.fetchone()
    return before, after
