"""What can be done to many tasks at once: the catalogue of actions, which the API and the page read.

Rooms that the data manager does not know add theirs with `register_action`.
"""

from __future__ import annotations

from apps.core.errors import NotFound
from apps.data_manager.actions.action import Tally, TaskAction, Work
from apps.data_manager.actions.assigning import ASSIGN, UNASSIGN
from apps.data_manager.actions.completing import (
    COMPLETE_FROM_PREDICTIONS,
    SET_GROUND_TRUTH,
    UNSET_GROUND_TRUTH,
)
from apps.data_manager.actions.data_keys import CHANGE_DATA_KEY
from apps.data_manager.actions.deleting import (
    DELETE_COMPLETIONS,
    DELETE_PREDICTIONS,
    DELETE_TASKS,
    REMOVE_DUPLICATES,
)
from apps.data_manager.actions.exporting import EXPORT_SELECTION
from apps.data_manager.actions.option import Choice, Option
from apps.data_manager.actions.queueing import SET_OVERLAP

ACTIONS: list[TaskAction] = [
    ASSIGN,
    UNASSIGN,
    EXPORT_SELECTION,
    COMPLETE_FROM_PREDICTIONS,
    SET_GROUND_TRUTH,
    UNSET_GROUND_TRUTH,
    SET_OVERLAP,
    CHANGE_DATA_KEY,
    REMOVE_DUPLICATES,
    DELETE_TASKS,
    DELETE_COMPLETIONS,
    DELETE_PREDICTIONS,
]

# Aliases are what the Flask era called them.
_BY_ID = {name: action for action in ACTIONS for name in (action.id, *action.aliases)}


def register_action(action: TaskAction) -> None:
    """Add an action of another room to the catalogue; meant for `AppConfig.ready`."""
    if action.id not in _BY_ID:
        ACTIONS.append(action)
        _BY_ID.update(dict.fromkeys((action.id, *action.aliases), action))


def find_action(name: str) -> TaskAction:
    """Return the action called `name`.

    Raises:
        NotFound: there is none.
    """
    action = _BY_ID.get(name)
    if action is None:
        known = ", ".join(action.id for action in ACTIONS)
        raise NotFound(f'There is no action "{name[:80]}". Use one of {known}.')
    return action


__all__ = ["ACTIONS", "Choice", "Option", "Tally", "TaskAction", "Work", "find_action", "register_action"]
