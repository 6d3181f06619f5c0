"""`python -m bench.next_task`: what reserving the next task costs in a small and in a large project.

Measures the reservation alone, without HTTP, on a private PostgreSQL: half of the tasks done, overlap 2, and a tenth
of all tasks answered by the person who asks and still open. The cost in the large project must stay near that in the
small.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import django
import typer
from rich.console import Console
from rich.table import Table

from bench.figures import Durations
from label_studio_server.embedded.layout import DataDirectory
from label_studio_server.embedded.services import services

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.projects.models import Project

WARM_UP = 10
"""Calls before those that count: PostgreSQL settles on a plan after five."""

SETTINGS: dict[str, dict[str, Any]] = {
    "one after the other": {"sampling": "sequential"},
    "at random": {"sampling": "uniform"},
    "assigned only": {"handing_out": "assigned_only"},
    "assigned first": {"handing_out": "assigned_first"},
    "every task a comparison": {"ground_truth_every": 1},
    "every tenth a comparison": {"ground_truth_every": 10},
    "lowest score first": {"sampling": "prediction-score-min"},
}
ALLOWED_RATIO = 1.5


def main(
    small: Annotated[int, typer.Option(min=1_000, help="Tasks of the small project.")] = 10_000,
    large: Annotated[int, typer.Option(min=1_000, help="Tasks of the large project.")] = 1_000_000,
    repeats: Annotated[int, typer.Option(min=10, help="How often each reservation is made.")] = 200,
    plans: Annotated[Path | None, typer.Option(help="A file that gets the plans.")] = None,
) -> None:
    """Print what reserving costs, and how many times as much in the large project as in the small."""
    with _private_database():
        measured = _measure((small, large), repeats, plans)
    table = Table("reservation", title=f"{small:,} and {large:,} tasks; ms", title_justify="left")
    for column in ("p50, small", "p50, large", "p95, small", "p95, large", "ratio of p95"):
        table.add_column(column, justify="right")
    for name, (before, after) in measured.items():
        ratio = after.percentile(95) / before.percentile(95)
        times = [
            f"{durations.percentile(percent):.2f}" for percent in (50, 95) for durations in (before, after)
        ]
        table.add_row(name, *times, f"{ratio:.2f}{'' if ratio <= ALLOWED_RATIO else ' !'}")
    Console().print(table)


@contextmanager
def _private_database() -> Iterator[None]:
    """Start an instance's PostgreSQL on a temporary data directory and make Django use it."""
    with tempfile.TemporaryDirectory(prefix="label-studio-bench-") as name:
        Path(name).chmod(0o711)  # as root, PostgreSQL runs under an account of its own and must pass through
        directory = Path(name) / "instance"
        start = "from label_studio_server.cli import main; main()"
        subprocess.run(
            [sys.executable, "-c", start, "init", str(directory)], check=True, stdout=subprocess.DEVNULL
        )
        with services(DataDirectory.at(directory), kind="cli", report=lambda text: None) as available:
            os.environ.update(available.environment)
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "label_studio_server.settings.base")
            django.setup()
            yield


@dataclass
class Asker:
    """Somebody who asks for the next task of a project.

    Attributes:
        tasks: how many the project has.
    """

    tasks: int
    project: Project
    person: User
    durations: Durations = field(default_factory=Durations)

    def ask(self) -> None:
        """Ask once, and give the task back; only asking is measured."""
        # It needs the settings, which need the addresses.
        from apps.tasks.models import Lease
        from apps.tasks.next_task import reserve_next

        started = time.perf_counter()
        reserve_next(project=self.project, user=self.person)
        self.durations.add(started)
        Lease.objects.all().delete()


def _measure(
    sizes: tuple[int, int], repeats: int, plans: Path | None
) -> dict[str, tuple[Durations, Durations]]:
    """Measure each reservation in both projects, by turns: whatever else the machine does burdens both alike."""
    from django.core.management import call_command

    from bench.queue_rows import analyze, answer_the_rest

    call_command("migrate", verbosity=0)
    fresh, late = zip(*(_filled_project(size) for size in sizes), strict=True)
    analyze()
    measured = {}
    for name, settings in SETTINGS.items():
        askers = [replace(asker, project=copy(asker.project), durations=Durations()) for asker in fresh]
        for asker in askers:
            vars(asker.project).update(settings)
        measured[name] = _by_turns(askers, repeats, plans, name)
    for asker in late:
        answer_the_rest(project=asker.project.pk, person=asker.person.pk, count=asker.tasks // 10)
    analyze()
    measured["nothing left"] = _by_turns(list(late), min(repeats, 20), plans, "nothing left")
    return measured


def _filled_project(tasks: int) -> tuple[Asker, Asker]:
    """Return somebody in the midst of a project of so many tasks, and somebody who will have answered its rest."""
    from apps.accounts.services import create_user
    from apps.projects.services import create_project
    from bench.queue_rows import fill

    owner, me, other, late = (
        create_user(email=f"{name}-{tasks}@example.com", role="manager")
        for name in ("owner", "me", "other", "late")
    )
    project = create_project(created_by=owner, title=f"{tasks} tasks", overlap=2)
    fill(project=project.pk, tasks=tasks, me=me.pk, others=[owner.pk, other.pk])
    return Asker(tasks, project, me), Asker(tasks, project, late)


def _by_turns(
    askers: list[Asker], repeats: int, plans: Path | None, name: str
) -> tuple[Durations, Durations]:
    for number in range(WARM_UP + repeats):
        for asker in askers:
            if number == WARM_UP:
                asker.durations = Durations()
            asker.ask()
    for asker in askers:
        if plans:
            with plans.open("a", encoding="utf-8") as stream:
                stream.write(f"===== {name}, {asker.tasks:,} tasks\n{_plans_of(asker)}\n")
    small, large = askers
    return small.durations, large.durations


def _plans_of(asker: Asker) -> str:
    """Return the plans of one reservation with times and buffers, as PostgreSQL tells the client."""
    from django.db import connection

    explaining = (
        "log_min_duration = 0",
        "log_analyze = on",
        "log_buffers = on",
        "log_nested_statements = on",
    )
    with connection.cursor() as cursor:
        cursor.execute("LOAD 'auto_explain'; SET client_min_messages = log")
        cursor.execute("; ".join(f"SET auto_explain.{setting}" for setting in explaining))
    connection.connection.notices.clear()
    asker.ask()
    found = "".join(connection.connection.notices)
    with connection.cursor() as cursor:
        cursor.execute("SET auto_explain.log_min_duration = -1; SET client_min_messages = warning")
    return found


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
