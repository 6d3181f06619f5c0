"""Opens the page for one person: which tab, which state, and which tasks that means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from apps.accounts.models import User
from apps.core.errors import NotFound, ValidationFailed
from apps.core.ids import id_in
from apps.data_manager.conditions import Sight
from apps.data_manager.listing import find_page
from apps.data_manager.models import View
from apps.data_manager.parameters import read_query, sight_of
from apps.data_manager.tabs import view_for
from apps.data_manager.task_query import Page, TaskQuery
from apps.projects.models import Project
from apps.web.data_manager.filter_words import problems_of
from apps.web.data_manager.offered_columns import new_state
from apps.web.data_manager.state import PageState, query_string, read_page, read_state, state_of_tab

_NOTHING = Page(ids=[], total=0, completions=0, predictions=0)


@dataclass(frozen=True, slots=True)
class Opened:
    """The page as one address asks for it.

    Attributes:
        tab: the saved tab it shows; None for all tasks.
        base: what it shows when its address says no more.
        problem: why the address cannot be shown, apart from its filters.
        filter_problems: what is wrong with which filter, by its path.
    """

    project: Project
    user: User
    tab: View | None
    base: PageState
    state: PageState
    page: int = 1
    problem: str = ""
    filter_problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_right(self) -> bool:
        """Whether it says which tasks are meant."""
        return not self.problem and not self.filter_problems

    @property
    def is_changed(self) -> bool:
        """Whether it shows something else than its tab keeps, or than a new page shows."""
        return self.state != self.base

    @property
    def sight(self) -> Sight:
        """Whose completions count."""
        return sight_of(self.user, self.project)

    def address(self, *, page: int = 1, **changes: Any) -> str:
        """Return the query string of this page with some parts of its state changed."""
        tab = self.tab.pk if self.tab else None
        return query_string(self.state.changed(**changes), self.base, tab=tab, page=page)

    def query(self, selection: Any = None) -> TaskQuery:
        """Return which tasks are meant, or which of them are selected.

        Raises:
            ValidationFailed: a filter or the selection is wrong.
        """
        document = {"filters": self.state.all_filters, "ordering": list(self.state.ordering)}
        return read_query(self.project, self.sight, document | {"selectedItems": selection})


def open_page(project: Project, user: User, parameters: QueryDict) -> Opened:
    """Return the page that an address asks for.

    Raises:
        NotFound: it names a tab that this person does not see in this project.
    """
    tab = _tab(project, user, parameters.get("tab", ""))
    base, problem = new_state(project), ""
    if tab is not None:
        try:
            base = state_of_tab(tab, base)
        except ValidationFailed as error:
            problem = f"The tab cannot be shown as it was saved: {error.message}"
    state = base
    try:
        state = read_state(parameters, base)
    except ValidationFailed as error:
        problem = error.message
    if not state.columns:
        state = state.changed(columns=new_state(project).columns)
    page = read_page(parameters)
    return Opened(project, user, tab, base, state, page, problem, problems_of(state.filters))


def _tab(project: Project, user: User, text: str) -> View | None:
    if not text:
        return None
    tab_id = id_in(text)
    if tab_id is None:
        raise NotFound(f"There is no tab “{text[:40]}”.")
    tab = view_for(user, tab_id)
    if tab.project_id != project.pk:
        raise NotFound(f"There is no tab {text} in this project.")
    return tab


@dataclass(frozen=True, slots=True)
class Found:
    """The tasks of a page.

    Attributes:
        page: its number; the last one when the address names one past the end.
        problem: why they cannot be searched.
    """

    tasks: Page
    page: int = 1
    problem: str = ""


def find_tasks(opened: Opened) -> Found:
    """Return the tasks that a page shows; none, with the reason, when they cannot be searched."""
    if not opened.is_right:
        return Found(_NOTHING, problem=opened.problem or opened.filter_problems.get("", ""))
    size = opened.state.page_size
    try:
        found = find_page(opened.query(), page=opened.page, page_size=size)
        if found.ids or opened.page == 1:
            return Found(found, opened.page)
        last = max(1, -(-found.total // size))
        return Found(find_page(opened.query(), page=last, page_size=size), last)
    except ValidationFailed as error:
        return Found(_NOTHING, problem=error.message)
