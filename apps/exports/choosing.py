"""Which tasks an export is about: those that a tab, filters and a selection of the data manager leave."""

from __future__ import annotations

from apps.accounts.models import User
from apps.core.errors import ValidationFailed
from apps.data_manager.conditions import Parameters
from apps.data_manager.parameters import read_query, sight_of
from apps.data_manager.searching import search
from apps.data_manager.tabs import view_for
from apps.data_manager.task_query import TaskQuery
from apps.exports.options import ExportSpec
from apps.exports.statements import Chosen
from apps.projects.models import Project


def chosen_tasks(spec: ExportSpec, *, project: Project, user: User) -> Chosen:
    """Return the tasks that pass the tab, the filters and the selection which `spec` names.

    Args:
        project: read for `user`.

    Raises:
        NotFound: the tab may not be seen.
        ValidationFailed: it is of another project, or a filter or the selection is wrong.
    """
    document = {"filters": spec.filters, "selectedItems": spec.selected}
    return tasks_of(read_query(project, sight_of(user, project), document, _tab(spec, project, user)))


def tasks_of(query: TaskQuery) -> Chosen:
    """Return the tasks that a query of the data manager means.

    Raises:
        ValidationFailed: a regular expression is none; found out now rather than in the middle of a file.
    """
    for pattern in query.filters.patterns:
        parameters = Parameters()
        search(f"SELECT '' ~ {parameters.mark(pattern)}", parameters)
    parameters = Parameters()
    return Chosen(query.condition(parameters), parameters)


def _tab(spec: ExportSpec, project: Project, user: User) -> dict[str, object]:
    if spec.view is None:
        return {}
    view = view_for(user, spec.view)
    if view.project_id != project.pk:
        message = f"There is no tab {spec.view} in this project."
        raise ValidationFailed(message, fields={"view": [message]})
    data: dict[str, object] = view.data
    return data
