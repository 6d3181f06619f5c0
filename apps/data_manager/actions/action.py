"""What an action on many tasks is, and one run of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.core.counted import counted
from apps.data_manager.actions.option import Option
from apps.data_manager.models import ActionRun, UndoStep
from apps.data_manager.task_query import TaskQuery
from apps.exports.services import ExportStream
from apps.projects.models import Project
from apps.projects.policy import Action as Right

BULK = 1_000
"""How many tasks one transaction changes, where one statement does it."""

SINGLY = 100
"""How many tasks one transaction changes, where each answer is a service call of its own."""

MAX_REASONS = 5
"""How many different reasons are kept why something was left out."""

Report = Callable[[int], None]


@dataclass(slots=True)
class Tally:
    """What a run has done so far.

    Attributes:
        processed: things it dealt with.
        left_out: things it could not deal with, and went on.
        reasons: why, each once.
    """

    processed: int = 0
    left_out: int = 0
    reasons: list[str] = field(default_factory=list)

    def leave_out(self, reason: str, count: int = 1) -> None:
        """Count what could not be dealt with."""
        self.left_out += count
        if reason not in self.reasons and len(self.reasons) < MAX_REASONS:
            self.reasons.append(reason)


@dataclass(frozen=True, slots=True)
class Work:
    """One run of an action: on which tasks, by whom, with which options, and whom to tell of the progress.

    Attributes:
        run: the row of the run.
        report: is told after each batch how many tasks were gone over; it may raise to stop there.
    """

    query: TaskQuery
    actor: User
    options: Mapping[str, Any]
    run: ActionRun
    tally: Tally = field(default_factory=Tally)
    report: Report = lambda _done: None

    @property
    def project(self) -> Project:
        """The project of the tasks."""
        return self.query.project

    def keep(self, **step: Any) -> None:
        """Keep, in the transaction of a batch, what it takes to undo it."""
        UndoStep.objects.create(run=self.run, data=step)


def not_checked(_project: Project, _options: Mapping[str, Any]) -> None:
    """Let all options pass that are what their descriptions say."""


@dataclass(frozen=True, slots=True)
class TaskAction:
    """An action on many tasks.

    Attributes:
        right: who may do this may run it.
        question: what people confirm.
        done: what was processed, for a sentence such as "12 tasks deleted".
        at_once: up to so many tasks it runs while the caller waits; more become a job.
        run: does it, batch by batch, and counts in the tally; it may be run again after it was broken off.
        audit: under which name it is logged; None where the services it calls log it.
        options: what else it is told.
        check: refuses options that cannot be met in the project.
        undo: takes one step back and returns how many things that were; None for what cannot be undone.
        stream: of an action that answers a file: makes it, in place of `run`.
        is_destructive: something is lost that only a backup could bring back, or an undo.
    """

    id: str
    title: str
    order: int
    right: Right
    question: str
    done: str
    audit: AuditAction | None
    run: Callable[[Work], None] = lambda _work: None
    at_once: int = 5_000
    options: tuple[Option, ...] = ()
    check: Callable[[Project, Mapping[str, Any]], None] = not_checked
    undo: Callable[[ActionRun, Mapping[str, Any], User], int] | None = None
    stream: Callable[[Work], ExportStream] | None = None
    is_destructive: bool = False
    aliases: tuple[str, ...] = ()

    @property
    def confirmation(self) -> str:
        """What people confirm, with a warning where nothing brings back what is lost."""
        is_final = self.is_destructive and self.undo is None
        return f"{self.question} It cannot be undone." if is_final else self.question

    def done_with(self, number: int) -> str:
        """Return what was processed in words: "1 task deleted", "1,200 tasks deleted"."""
        noun, _, what = self.done.partition(" ")
        return f"{counted(number, noun.removesuffix('s'))} {what}"
