"""`python -m bench.exports`: exports over HTTP, beside a bare COPY of the same rows on the same PostgreSQL.

What a format costs is told in processor time of the web, too: other work on the machine changes it less.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import psycopg2
import typer
from psycopg2 import extensions
from rich.console import Console

from bench.client import Client
from bench.export_rows import PICTURE_CONFIG, TEXT_CONFIG, fill
from bench.figures import Pair
from bench.processes import ProcessWatcher
from bench.product import Product, running_product
from bench.report import RESULTS, machine, save, show

# What somebody would write by hand; the product's tasks have thirty fields more.
COPY = """
COPY (
    SELECT json_build_object('id', t.id, 'data', t.data, 'annotations', answers.items)
    FROM tasks_task t
    JOIN LATERAL (
        SELECT json_agg(json_build_object(
            'id', c.id, 'completed_by', c.completed_by_id, 'result', c.result, 'lead_time', c.lead_time,
            'was_cancelled', c.was_cancelled, 'created_at', c.created_at, 'updated_at', c.updated_at
        )) AS items
        FROM completions_completion c WHERE c.task_id = t.id
    ) answers ON true
    WHERE t.project_id = %s ORDER BY t.id
) TO STDOUT
"""
FORMATS = {"JSON": False, "JSONL": False, "CSV": False, "CONLL2003": False, "COCO": True, "YOLO": True}
"""Those that are measured, and whether they are about pictures."""
WARM_UP_TASKS = 50
WARM_UPS = 4
"""Requests, so that every web process has loaded what it loads with its first export."""


def main(
    tasks: Annotated[int, typer.Option(min=1_000, help="How many tasks the projects have.")] = 100_000,
    many: Annotated[int, typer.Option(help="How many a third one has, exported as JSON alone; 0: none.")] = 0,
    formats: Annotated[str, typer.Option(help="Which formats, with commas.")] = ",".join(FORMATS),
    keep: Annotated[bool, typer.Option("--keep", help="Leave the data directory behind.")] = False,
    results: Annotated[Path, typer.Option(help="The folder that gets the JSON file.")] = RESULTS,
) -> None:
    """Measure exports of projects whose tasks have a completion each."""
    console, about = Console(), machine()
    with running_product(annotators=0, keep=keep) as product:
        connection = psycopg2.connect(product.database_url)
        watcher, pairs = ProcessWatcher(product.pid), list[Pair]()
        projects = {
            about_pictures: _project(product, connection, tasks, pictures=about_pictures)
            for about_pictures in {FORMATS[name] for name in formats.split(",")}
        }
        _warm_up(product, connection)
        for name in formats.split(","):
            project = projects[FORMATS[name]]
            with watcher.phase(name):
                rate, first_byte = _export(product, project, name, tasks)
            seconds = watcher.usage[name]["web"].cpu_seconds
            bare = _copy(connection, project, tasks)
            pairs += [
                Pair(f"{name}, rate", "tasks/s", rate, bare, more_is_better=True),
                Pair(f"{name}: share of bare COPY", "%", 100 * rate / bare),
                Pair(f"{name}: tasks a second of processor time of the web", "tasks/s", tasks / seconds),
                Pair(f"{name}: processor time of a task", "µs", _microseconds(watcher, name, tasks)),
                Pair(f"{name}, first byte", "ms", first_byte * 1000),
            ]
        if many:
            pairs += _measure_many(product, connection, watcher, pairs[0], many)
        connection.close()
    show(console, pairs, watcher.usage, about, tasks=tasks)
    console.print(f"Saved as {save(pairs, watcher.usage, {'tasks': tasks, 'many': many}, about, results)}")


def _project(product: Product, connection: extensions.connection, tasks: int, *, pictures: bool) -> int:
    config = PICTURE_CONFIG if pictures else TEXT_CONFIG
    project: int = product.owner().post("/api/projects", {"title": "Export", "label_config": config})["id"]
    fill(connection, project, tasks, pictures=pictures)
    return project


def _warm_up(product: Product, connection: extensions.connection) -> None:
    project = _project(product, connection, WARM_UP_TASKS, pictures=True)
    for _ in range(WARM_UPS):
        for name in ("JSON", "COCO"):
            _export(product, project, name, WARM_UP_TASKS)


def _export(product: Product, project: int, name: str, tasks: int) -> tuple[float, float]:
    """Download an export; return its tasks a second, and the seconds until its first byte."""
    client: Client = product.owner()
    started = time.perf_counter()
    size, first_byte = client.download(f"/api/projects/{project}/export?export_type={name}")
    seconds = time.perf_counter() - started
    client.close()
    if size < tasks:
        raise RuntimeError(f"an export of {tasks} tasks has {size} bytes")
    return tasks / seconds, first_byte


def _copy(connection: extensions.connection, project: int, tasks: int) -> float:
    """Return the rows a second of a bare COPY."""
    rows = _Rows()
    started = time.perf_counter()
    with connection, connection.cursor() as cursor:
        cursor.copy_expert(cursor.mogrify(COPY, [project]).decode(), rows)
    seconds = time.perf_counter() - started
    if rows.count != tasks:
        raise RuntimeError(f"COPY gave {rows.count} rows instead of {tasks}")
    return tasks / seconds


def _microseconds(watcher: ProcessWatcher, phase: str, tasks: int) -> float:
    """Return the processor time a task took of the web and PostgreSQL together."""
    usage = watcher.usage[phase]
    return 1e6 * (usage["web"].cpu_seconds + usage["postgres"].cpu_seconds) / tasks


class _Rows:
    """A file that counts lines and forgets them."""

    def __init__(self) -> None:
        self.count = 0

    def write(self, piece: bytes | str) -> int:
        self.count += piece.count(b"\n" if isinstance(piece, bytes) else "\n")  # type: ignore[arg-type]
        return len(piece)


def _measure_many(
    product: Product, connection: extensions.connection, watcher: ProcessWatcher, few: Pair, many: int
) -> list[Pair]:
    """Export a large project as JSON; a task must cost what it costs in a small one."""
    project = _project(product, connection, many, pictures=False)
    with watcher.phase(f"JSON of {many:,}"):
        rate, first_byte = _export(product, project, "JSON", many)
    bare = _copy(connection, project, many)
    name = f"JSON of {many:,}"
    return [
        Pair(f"{name}, rate", "tasks/s", rate, bare, more_is_better=True),
        Pair(f"{name}: time of a task, against the smaller project", "%", 100 * few.product / rate),
        Pair(f"{name}: processor time of a task", "µs", _microseconds(watcher, name, many)),
        Pair(f"{name}, first byte", "ms", first_byte * 1000),
    ]


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
