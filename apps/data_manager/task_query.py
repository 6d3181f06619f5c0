"""Which tasks are meant by a request, and a page of them."""

from __future__ import annotations

from dataclasses import dataclass

from apps.completions.own_tasks import own_task_condition
from apps.data_manager.conditions import EVERYBODYS, Parameters, Sight
from apps.data_manager.filters import NO_FILTERS, Group
from apps.data_manager.ordering import Ordering
from apps.data_manager.selection import EVERYTHING, Selection
from apps.projects.models import Project


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """Which tasks of a project are meant, in which order, and whose completions count for the filters.

    Attributes:
        up_to: tasks with a higher id, which came later, are left out.
        only_tasks_of: the only person whose own tasks are meant (apps.completions.own_tasks); None: everybody's.
    """

    project: Project
    filters: Group = NO_FILTERS
    ordering: Ordering = ()
    selection: Selection = EVERYTHING
    sight: Sight = EVERYBODYS
    up_to: int | None = None
    only_tasks_of: int | None = None

    @property
    def is_everything(self) -> bool:
        """Whether every task of the project is meant."""
        return not self.filters and self.has_only_filters

    @property
    def is_every_own_task(self) -> bool:
        """Whether every own task of one person is meant, in the order of the ids."""
        is_all = not self.filters and self.selection == EVERYTHING and self.up_to is None
        return is_all and self.only_tasks_of is not None and self.is_by_id

    @property
    def has_only_filters(self) -> bool:
        """Whether nothing but the filters leaves tasks out."""
        return self.selection == EVERYTHING and self.up_to is None and self.only_tasks_of is None

    @property
    def is_by_id(self) -> bool:
        """Whether the order is that of the ids, up or down."""
        return not self.ordering or self.ordering[0].is_id

    @property
    def is_descending(self) -> bool:
        """Whether the first column of the order goes down."""
        return bool(self.ordering) and self.ordering[0].descending

    def condition(self, parameters: Parameters) -> str:
        """Return what stands behind WHERE, for a task `t`."""
        project = parameters.mark(self.project.pk)
        parts = [f"t.project_id = {project}"]
        if self.only_tasks_of is not None:
            parts.append(own_task_condition(project, parameters.mark(self.only_tasks_of)))
        if self.up_to is not None:
            parts.append(f"t.id <= {parameters.mark(self.up_to)}")
        if self.selection != EVERYTHING:
            parts.append(self.selection.sql(parameters))
        if self.filters:
            parts.append(self.filters.sql(parameters, self.sight))
        return " AND ".join(parts)


@dataclass(frozen=True, slots=True)
class Page:
    """The ids of a page of tasks, and the totals of all tasks that were found.

    Attributes:
        is_lower_bound: there are more tasks than the totals count.
    """

    ids: list[int]
    total: int
    completions: int
    predictions: int
    is_lower_bound: bool = False
