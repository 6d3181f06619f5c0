"""`python -m bench.imports`: imports over HTTP beside a bare COPY of the same rows into the same tables."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from pathlib import Path
from typing import Annotated, Any

import psycopg2
import typer
from psycopg2 import extensions
from rich.console import Console

from bench.data import LABEL_CONFIG, completion, write_tasks
from bench.figures import Durations, Pair
from bench.processes import ProcessWatcher
from bench.product import Product, running_product
from bench.report import RESULTS, machine, save, show

NEXT_REPEATS = 200
QUEUE_TASKS = 1_000

# The rows of the last import, moved behind all others and into another project.
TABLES = {
    "tasks_task": (
        "id inner_id data project_id import_id external_id file_upload meta overlap completions_count skips_count"
        " answers_count ground_truths_count predictions_count is_labeled prediction_score completed_at created_at"
        " updated_at"
    ),
    "completions_completion": (
        "task_id project_id completed_by_id updated_by_id config_version result warnings was_cancelled ground_truth"
        " lead_time created_at updated_at"
    ),
    "predictions_prediction": "task_id project_id result score model_version created_at updated_at",
}


def main(
    rows: Annotated[int, typer.Option(min=1_000, help="How many tasks are imported.")] = 100_000,
    many: Annotated[int, typer.Option(min=0, help="How many in the large import; 0: none.")] = 1_000_000,
    results: Annotated[Path, typer.Option(help="The folder that gets the JSON file.")] = RESULTS,
) -> None:
    """Measure imports of texts, of texts with answers, and of very many texts while somebody labels."""
    console, about = Console(), machine()
    pairs: list[Pair] = []
    with (
        tempfile.TemporaryDirectory(prefix="label-studio-bench-data-") as name,
        running_product(annotators=1, keep=False) as product,
    ):
        folder, watcher = Path(name), ProcessWatcher(product.pid)
        with watcher.phase("texts"):
            pairs += measure(product, _texts(folder, rows), rows, "texts")
        with watcher.phase("texts with answers"):
            pairs += measure(product, _with_answers(folder, rows), rows, "with answers")
        if many:
            with watcher.phase("very many"):
                pairs += measure(product, _texts(folder, many), many, f"{many:,} texts")
            with watcher.phase("labeling meanwhile"):
                pairs += measure_labeling_meanwhile(product, _texts(folder, many))
    show(console, pairs, watcher.usage, about, tasks=rows)
    console.print(f"Saved as {save(pairs, watcher.usage, {'tasks': rows, 'many': many}, about, results)}")


def measure(product: Product, file: Path, rows: int, what: str) -> list[Pair]:
    """Import a file into a new project, then COPY the same rows into the same tables for another one."""
    project, bare_project = _new_project(product), _new_project(product)
    started = time.perf_counter()
    product.import_file(project, file)
    seconds = time.perf_counter() - started
    with tempfile.TemporaryDirectory(prefix="label-studio-bench-lines-") as folder:
        bare = _bare_copy(product, project, bare_project, Path(folder))
    return [
        Pair(f"import, {what}", "s", seconds, bare),
        Pair(f"import, {what}, rate", "tasks/s", rows / seconds, rows / bare, more_is_better=True),
        Pair(f"import, {what}, share of a bare COPY", "%", 100 * bare / seconds),
    ]


def measure_labeling_meanwhile(product: Product, file: Path) -> list[Pair]:
    """Ask for the next task, again and again: while nothing else happens, and while very much is imported."""
    project = _new_project(product)
    product.owner().post(f"/api/projects/{project}/import", [{"text": str(n)} for n in range(QUEUE_TASKS)])
    idle, busy = Durations(), Durations()
    _ask_next(product, project, idle, threading.Event(), at_least=NEXT_REPEATS)
    done = threading.Event()
    asking = threading.Thread(target=_ask_next, args=[product, project, busy, done], kwargs={"at_least": 1})
    asking.start()
    product.import_file(project, file)
    done.set()
    asking.join()
    return [
        Pair(f"next task during an import, p{p}", "ms", busy.percentile(p), idle.percentile(p))
        for p in (50, 95)
    ]


def _ask_next(
    product: Product, project: int, durations: Durations, done: threading.Event, *, at_least: int
) -> None:
    client = product.owner()
    while not done.is_set() and (at_least == 1 or len(durations.seconds) < at_least):
        started = time.perf_counter()
        client.get(f"/api/projects/{project}/next")
        durations.add(started)


def _new_project(product: Product) -> int:
    document = {"title": "Imports", "label_config": LABEL_CONFIG}
    return int(product.owner().post("/api/projects", document)["id"])


def _bare_copy(product: Product, project: int, bare_project: int, folder: Path) -> float:
    """Return the seconds of a COPY of everything in `project` into the same tables as `bare_project`."""
    connection = psycopg2.connect(product.database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(id) - min(id) + 1, max(id) FROM tasks_task WHERE project_id = %s", [project]
        )
        shift, last = cursor.fetchone() or (0, 0)
        cursor.execute("SELECT setval(pg_get_serial_sequence('tasks_task', 'id'), %s)", [last + shift])
    for table in TABLES:
        _write_lines(connection, table, project, bare_project, shift, folder / table)
    connection.commit()
    started = time.perf_counter()
    with connection, connection.cursor() as cursor:
        for table, columns in TABLES.items():
            with (folder / table).open("rb") as lines:
                cursor.copy_expert(
                    f"COPY {table} ({columns.replace(' ', ', ')}) FROM STDIN", lines, size=1 << 20
                )
    seconds = time.perf_counter() - started
    connection.close()
    return seconds


def _write_lines(
    connection: extensions.connection, table: str, project: int, bare_project: int, shift: int, path: Path
) -> None:
    moved = {"id": f"id + {shift}", "task_id": f"task_id + {shift}", "project_id": str(bare_project)}
    selected = ", ".join(moved.get(column, column) for column in TABLES[table].split())
    with path.open("wb") as lines, connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY (SELECT {selected} FROM {table} WHERE project_id = {project} ORDER BY 1) TO STDOUT", lines
        )


def _texts(folder: Path, rows: int) -> Path:
    path = folder / f"texts-{rows}.json"
    if not path.exists():
        write_tasks(path, rows)
    return path


def _with_answers(folder: Path, rows: int) -> Path:
    """Return a file in which each task has a completion and a prediction."""
    path = folder / f"answers-{rows}.json"
    with _texts(folder, rows).open(encoding="utf-8") as texts, path.open("w", encoding="utf-8") as stream:
        for line in texts:
            if not line.startswith("{"):
                stream.write(line)
                continue
            row: dict[str, Any] = json.loads(line.rstrip(",\n"))
            answer = completion(row["data"]["text"])
            row["annotations"] = [answer]
            row["predictions"] = [{"result": answer["result"], "score": 0.5, "model_version": "v1"}]
            stream.write(json.dumps(row) + (",\n" if line.endswith(",\n") else "\n"))
    return path


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
