"""The label stream over chosen tasks: those that pass filters, or that somebody selected, in an order of their own."""

from __future__ import annotations

from collections.abc import Iterator

from apps.accounts.models import User
from apps.data_manager.conditions import Parameters
from apps.data_manager.ordering import order_by
from apps.data_manager.searching import search
from apps.data_manager.task_query import TaskQuery
from apps.projects.models import SkipRule
from apps.tasks.next_task import reserve_chosen

BATCH = 200
BATCHES = 10
"""How many batches are looked at: so many tasks in a row that others have in hand are more than there are people."""

_STILL_OPEN = """
SELECT t.id FROM tasks_task t
WHERE {where} AND NOT t.is_labeled AND NOT EXISTS (
    SELECT FROM completions_completion c WHERE c.task_id = t.id AND c.completed_by_id = {user} {answered}
)
ORDER BY {order} OFFSET {offset} LIMIT {limit}
"""


def reserve_next_chosen(query: TaskQuery, user: User, *, besides: int | None = None) -> int | None:
    """Reserve the first task that `query` means and `user` may answer now, and return its id; None for none.

    Args:
        besides: as for `apps.tasks.next_task.reserve_next`.

    Raises:
        ValidationFailed: the tasks cannot be searched like this.
    """
    for task_ids in _batches(query, user):
        task_id = reserve_chosen(project=query.project, user=user, task_ids=task_ids, besides=besides)
        if task_id is not None:
            return task_id
    return None


def _batches(query: TaskQuery, user: User) -> Iterator[list[int]]:
    """Yield ids of tasks that need answers and have none of this person's; skips may come again where the rule says."""
    comes_again = query.project.skip_rule == SkipRule.REQUEUE_FOR_ME
    for number in range(BATCHES):
        parameters = Parameters()
        statement = _STILL_OPEN.format(
            where=query.condition(parameters),
            user=parameters.mark(user.pk),
            answered="AND NOT c.was_cancelled" if comes_again else "",
            order=order_by(query.ordering, parameters, query.sight),
            offset=number * BATCH,
            limit=BATCH,
        )
        ids = [pk for (pk,) in search(statement, parameters)]
        if ids:
            yield ids
        if len(ids) < BATCH:
            return
