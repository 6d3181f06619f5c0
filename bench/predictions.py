"""`python -m bench.predictions`: predictions of an ML backend that answers at once, and of one that is slow.

What people feel of it is asked as people ask: eight of them, each over a connection that stays open, with a quarter to
half a second between an answer and the next request, for the next task and for a page of tasks in turn. The same eight
ask before the run, while nothing else goes on, and during it; requests that end in an error are counted.
"""

from __future__ import annotations

import json
import multiprocessing
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Annotated, Any

import psutil
import typer
from rich.console import Console

from bench.data import LABEL_CONFIG, completion, write_tasks
from bench.figures import Durations, Pair
from bench.processes import ProcessWatcher
from bench.product import Product, running_product
from bench.report import RESULTS, machine, save, show

POLL_SECONDS = 0.25
PEOPLE, PAUSES, IDLE_SECONDS = 8, (0.25, 0.5), 25.0
SLOW_SECONDS, SLOW_SLOTS, SLOW_BATCH, SLOW_ROUNDS = 1.0, 4, 10, 10
PERCENTILES = (50, 95)


def main(
    tasks: Annotated[int, typer.Option(min=1_000, help="How many tasks are predicted.")] = 100_000,
    batch: Annotated[int, typer.Option(min=1, max=1_000, help="How many tasks a request holds.")] = 500,
    results: Annotated[Path, typer.Option(help="The folder that gets the JSON file.")] = RESULTS,
) -> None:
    """Measure how fast predictions are stored, what people feel of it, and whether slow backends are kept busy."""
    console, about, pairs = Console(), machine(), list[Pair]()
    with (
        tempfile.TemporaryDirectory(prefix="label-studio-bench-data-") as name,
        running_product(annotators=1, keep=False) as product,
    ):
        watcher, file = ProcessWatcher(product.pid), Path(name) / "tasks.json"
        write_tasks(file, tasks)
        with backend_process(seconds=0) as url, watcher.phase("predicting"):
            pairs += measure_fast(product, file, tasks, batch, url)
        write_tasks(file, SLOW_SLOTS * SLOW_BATCH * SLOW_ROUNDS)
        with backend_process(seconds=SLOW_SECONDS) as url, watcher.phase("slow backend"):
            pairs += measure_slow(product, file, url)
    show(console, pairs, watcher.usage, about, tasks=tasks)
    console.print(f"Saved as {save(pairs, watcher.usage, {'tasks': tasks, 'batch': batch}, about, results)}")


def measure_fast(product: Product, file: Path, tasks: int, batch: int, url: str) -> list[Pair]:
    """Predict every task while people label and look at pages of tasks."""
    project, backend = _connected(product, file, url, batch_size=batch, concurrency=2)
    with people(product, project) as idle:
        time.sleep(IDLE_SECONDS)
    model = multiprocessing.active_children()[0].pid
    before = _processor_seconds(model)
    with people(product, project) as busy:
        seconds = _predict(product, backend)
    felt = [
        Pair(
            f"web while predicting, beside idle, p{p}",
            "ms",
            busy.durations.percentile(p),
            idle.durations.percentile(p),
        )
        for p in PERCENTILES
    ]
    return [
        Pair("predictions stored", "tasks/s", tasks / seconds, more_is_better=True),
        *felt,
        Pair("requests of people meanwhile", "", len(busy.durations.seconds)),
        Pair("of them with an error", "", len(busy.errors)),
        Pair("processor time of the backend itself", "s", _processor_seconds(model) - before),
    ]


def _processor_seconds(pid: int | None) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def measure_slow(product: Product, file: Path, url: str) -> list[Pair]:
    """Predict with a backend that takes its time for each request: its slots have nothing to wait for."""
    _, backend = _connected(product, file, url, batch_size=SLOW_BATCH, concurrency=SLOW_SLOTS)
    seconds = _predict(product, backend)
    least = SLOW_ROUNDS * SLOW_SECONDS
    return [
        Pair("slow backend, whole run beside its own work", "s", seconds, least),
        Pair("slow backend, slots busy", "%", 100 * least / seconds, more_is_better=True),
    ]


def _connected(product: Product, file: Path, url: str, **settings: Any) -> tuple[int, int]:
    owner = product.owner()
    project = int(owner.post("/api/projects", {"title": "Predictions", "label_config": LABEL_CONFIG})["id"])
    product.import_file(project, file)
    body = {"project": project, "url": url, "predict_on_new_version": False, "auto_update": False, **settings}
    return project, int(owner.post("/api/ml", body)["id"])


def _predict(product: Product, backend: int) -> float:
    """Return the seconds from the request to the end of the run."""
    owner, started = product.owner(), time.perf_counter()
    run = owner.post(f"/api/ml/{backend}/predict", {"tasks": "all"})
    while run["status"] in ("queued", "running"):
        time.sleep(POLL_SECONDS)
        run = owner.get(f"/api/ml/runs/{run['id']}")
    seconds = time.perf_counter() - started
    if run["status"] != "completed" or run["failed"]:
        raise RuntimeError(f"{run['failed']} tasks failed: {run['error']}")
    return seconds


@dataclass
class Felt:
    """What people felt of the web: how long answers took, and what went wrong."""

    durations: Durations = field(default_factory=Durations)
    errors: list[str] = field(default_factory=list)


@contextmanager
def people(product: Product, project: int) -> Iterator[Felt]:
    """Have people look around for the time of the block; what they felt is complete behind it."""
    felt, done = Felt(), threading.Event()
    threads = [
        threading.Thread(target=_look_around, args=[product, project, felt, done, random.Random(number)])
        for number in range(PEOPLE)
    ]
    for thread in threads:
        thread.start()
    try:
        yield felt
    finally:
        done.set()
        for thread in threads:
            thread.join()
        for error in felt.errors[:3]:
            print(f"A request failed: {error}")


def _look_around(
    product: Product, project: int, felt: Felt, done: threading.Event, chance: random.Random
) -> None:
    """Ask for the next task and for a page of tasks in turn, with a person's pauses."""
    client = product.owner()
    paths = (f"/api/projects/{project}/next", f"/api/tasks?project={project}&page_size=30")
    turn = chance.randrange(len(paths))
    while not done.wait(chance.uniform(*PAUSES)):
        turn += 1
        started = time.perf_counter()
        try:
            client.get(paths[turn % len(paths)])
        except (RuntimeError, OSError, ValueError) as error:  # whatever a person would have seen
            felt.errors.append(f"{type(error).__name__}: {error}")
            client = product.owner()
        else:
            felt.durations.add(started)


@contextmanager
def backend_process(*, seconds: float) -> Iterator[str]:
    """Run an ML backend in a process of its own, and yield its address.

    Args:
        seconds: how long each prediction request takes it.
    """
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve, args=[theirs, seconds], daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Any, seconds: float) -> None:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._reply({"status": "UP", "model_class": "Benchmark"})

        def do_POST(self) -> None:
            document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path != "/predict":
                self._reply({"model_version": "bench"})
                return
            time.sleep(seconds)
            results = [_prediction(task) for task in document["tasks"]]
            self._reply({"results": results, "model_version": "bench"})

        def _reply(self, document: Any) -> None:
            body = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    pipe.send(server.server_address[1])
    server.serve_forever()


def _prediction(task: dict[str, Any]) -> dict[str, Any]:
    return {"result": completion(task["data"]["text"])["result"], "score": task["id"] % 1_000 / 1_000}


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
