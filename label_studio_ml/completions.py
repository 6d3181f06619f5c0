"""The completions of labeled tasks, whichever era of the protocol brought them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

Task = dict[str, Any]
Completion = dict[str, Any]


def both_names(tasks: Iterable[Task]) -> list[Task]:
    """Return tasks with their completions under both names: `completions` of the Flask era, and `annotations`.

    Each task also gets `data`: an early form of the protocol sent it flat.
    """
    return [_with_both_names(task) for task in tasks]


def _with_both_names(task: Task) -> Task:
    found = task.get("completions") or task.get("annotations") or []
    return {**task, "completions": found, "annotations": found}


def is_skipped(task: Task) -> bool:
    """Whether a task has no completion, or its first one was skipped."""
    found = completions_of(task)
    return not found or _was_skipped(found[0])


def completions_of(task: Task) -> list[Completion]:
    """Return the completions of a task under either name, skipped ones too."""
    return task.get("completions") or task.get("annotations") or []


def answers_of(task: Task) -> list[Completion]:
    """Return the completions that answer the task: not skipped."""
    return [completion for completion in completions_of(task) if not _was_skipped(completion)]


def _was_skipped(completion: Completion) -> bool:
    return bool(completion.get("was_cancelled") or completion.get("skipped"))


def items_of(task: Task, from_name: str) -> Iterator[dict[str, Any]]:
    """Yield the result items that answer one control, of all completions of the task."""
    for completion in answers_of(task):
        for item in completion.get("result") or []:
            if item.get("from_name") == from_name:
                yield item


def get_choice(task: Task) -> str:
    """Return the first choice in a task's first completion.

    Raises:
        ValueError: it holds none.
    """
    found = completions_of(task)
    for item in found[0].get("result") or [] if found else []:
        if chosen := item.get("value", {}).get("choices"):
            return str(chosen[0])
    raise ValueError(f"Task {task.get('id')} has no choice in its first completion.")


def majority_choice(task: Task, from_name: str) -> str | None:
    """Return the choice that most completions of a task made; None without any. Of equals, the first."""
    chosen = [
        item["value"]["choices"][0] for item in items_of(task, from_name) if item["value"].get("choices")
    ]
    return max(dict.fromkeys(chosen), key=chosen.count) if chosen else None
