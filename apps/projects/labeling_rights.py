"""What upper rooms must put in order before a member may no longer label, in the same transaction."""

from __future__ import annotations

from typing import Protocol

from apps.accounts.models import User


class Step(Protocol):
    """One thing to put in order."""

    def __call__(self, *, project_id: int, user: User, ended_by: User | None) -> None:
        """Do it.

        Args:
            user: whose role is about to be taken, or changed to one that does not label.
            ended_by: who decided it; None is the system.
        """


_steps: list[Step] = []


def before_labeling_ends(step: Step) -> None:
    """Have `step` run whenever a member loses the right to label; meant for `AppConfig.ready`."""
    if step not in _steps:
        _steps.append(step)


def prepare_end_of_labeling(*, project_id: int, user: User, ended_by: User | None) -> None:
    """Run every step, in the order in which they were added."""
    for step in _steps:
        step(project_id=project_id, user=user, ended_by=ended_by)
