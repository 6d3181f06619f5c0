"""What upper rooms must put in order before somebody's access ends, in the same transaction.

A published event would come after the commit: too late for a rule that must hold at every moment.
"""

from __future__ import annotations

from typing import Protocol

from apps.accounts.models import User


class Step(Protocol):
    """One thing to put in order."""

    def __call__(self, *, person: User, ended_by: User | None, erased: bool) -> None:
        """Do it.

        Args:
            person: who is about to be locked out; their row is locked.
            ended_by: who decided it; None is the system.
            erased: whether their personal data go as well.
        """


_steps: list[Step] = []


def before_access_ends(step: Step) -> None:
    """Have `step` run whenever a person is deactivated or erased; meant for `AppConfig.ready`."""
    if step not in _steps:
        _steps.append(step)


def prepare_departure(*, person: User, ended_by: User | None, erased: bool = False) -> None:
    """Run every step, in the order in which they were added."""
    for step in _steps:
        step(person=person, ended_by=ended_by, erased=erased)
