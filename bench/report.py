"""Writes what was measured: a table for people, and JSON for comparing runs."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from bench.figures import Pair
from bench.processes import Usage
from label_studio_server import __version__

RESULTS = Path(__file__).resolve().parent / "results"
ROLES = ("web", "worker", "postgres", "valkey", "client")
UsageByPhase = dict[str, dict[str, Usage]]


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "load_at_start": os.getloadavg()[0],
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "version": __version__,
    }


def show(
    console: Console,
    pairs: list[Pair],
    usage: UsageByPhase,
    about: dict[str, Any],
    *,
    tasks: int,
) -> None:
    """Print the tables."""
    title = (
        f"{tasks:,} tasks · {about['cores']} cores · {about['memory_gb']} GB · Python {about['python']}"
        f" · load before {about['load_at_start']:.1f}"
    )
    figures = Table("measurement", "unit", title=title, title_justify="left")
    for column in ("over HTTP", "bare psycopg2", "ratio"):
        figures.add_column(column, justify="right")
    for pair in pairs:
        ratio = "" if pair.ratio is None else f"{pair.ratio:.1f} x"
        figures.add_row(pair.what, pair.unit, _number(pair.product), _number(pair.bare), ratio)
    console.print(figures)

    console.print(_usage_table("Peak RSS in MB: largest process / all of its kind", usage, _memory))
    console.print(
        _usage_table("CPU seconds; bare psycopg2 is part of client and postgres", usage, _processor)
    )


def _usage_table(title: str, usage: UsageByPhase, cell: Callable[[Usage], str]) -> Table:
    table = Table("while", title=title, title_justify="left")
    for role in ROLES:
        table.add_column(role, justify="right")
    for phase, by_role in usage.items():
        table.add_row(phase, *(cell(by_role[role]) if role in by_role else "" for role in ROLES))
    return table


def _memory(used: Usage) -> str:
    return f"{used.largest:.0f} / {used.together:.0f}" if used.processes else ""


def _processor(used: Usage) -> str:
    return f"{used.cpu_seconds:.1f}"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}" if value < 1 else f"{value:.1f}"


def save(
    pairs: list[Pair],
    usage: UsageByPhase,
    options: dict[str, int],
    about: dict[str, Any],
    folder: Path,
) -> Path:
    """Write everything into a file in `folder` and return its path."""
    folder.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    document = {
        "at": now.isoformat(timespec="seconds"),
        "options": options,
        "machine": about,
        "figures": [{**asdict(pair), "ratio": pair.ratio} for pair in pairs],
        "processes": {
            phase: {role: asdict(used) for role, used in by_role.items()} for phase, by_role in usage.items()
        },
    }
    path = folder / f"{now:%Y%m%d-%H%M%S}-{options['tasks']}.json"
    path.write_text(json.dumps(document, indent=2) + "\n")
    return path
