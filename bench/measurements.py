"""The measurements: each does something over HTTP, then the same with bare psycopg2, and returns the pairs."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.bare import Bare
from bench.client import Client
from bench.data import completion
from bench.figures import Durations, Pair
from bench.product import Product

PAGE_SIZE = 100
PAGE_REPEATS = 30
MEGABYTE = 1e6
JOB_POLL = 0.5  # seconds


def measure_import(product: Product, bare: Bare, file: Path, tasks: int) -> list[Pair]:
    """Import a JSON file as the body of one request; a large one becomes a job."""
    started = time.perf_counter()
    imported = product.import_file(product.project, file)
    seconds = time.perf_counter() - started
    if imported != tasks:
        raise RuntimeError(f"{imported} tasks were imported instead of {tasks}")
    bare_seconds = bare.import_tasks(file)
    return [
        Pair("import", "s", seconds, bare_seconds),
        Pair("import, rate", "tasks/s", tasks / seconds, tasks / bare_seconds, more_is_better=True),
    ]


def warm_up(product: Product, count: int) -> None:
    """Let every web process load what it loads with its first requests."""
    for token in product.tokens:
        client = Client(product.port, token)
        label(client, product.project, count, Durations(), Durations())
        client.close()


@dataclass(frozen=True)
class Way:
    """A way to label one task after the other.

    Args:
        name: which requests make it.
        label: labels so many tasks of a project; adds how long each request took, those for tasks (None: the submits
            bring them along) and the submits.
        requests: how many a task takes.
    """

    name: str
    label: Callable[[Client, int, int, Durations, Durations], None]
    requests: int


def label(client: Client, project: int, count: int, asked: Durations, submitted: Durations) -> None:
    """Take and answer `count` tasks; durations of both requests are added."""
    for _ in range(count):
        started = time.perf_counter()
        task = client.get(f"/api/projects/{project}/next")
        asked.add(started)
        answer = completion(task["data"]["text"])
        started = time.perf_counter()
        client.post(f"/api/tasks/{task['id']}/completions", answer)
        submitted.add(started)


def label_on(client: Client, project: int, count: int, asked: Durations, submitted: Durations) -> None:
    """Answer `count` tasks, each submit bringing the next task along; the first one is asked for before."""
    task = client.get(f"/api/projects/{project}/next")
    for _ in range(count):
        answer = completion(task["data"]["text"])
        started = time.perf_counter()
        task = client.post(f"/api/tasks/{task['id']}/completions?with_next=1", answer)["next"]["task"]
        submitted.add(started)


WAYS = (Way("next, then submit", label, 2), Way("submit with next", label_on, 1))


@dataclass(frozen=True)
class Floor:
    """How bare psycopg2 labels.

    Args:
        rate: tasks a second, each reserved in one transaction and answered in another.
        locked_rate: tasks a second in one transaction each: what no two requests could do, as nobody may hold a
            transaction open for somebody who is labeling.
        durations: how long each took of those that were reserved.
    """

    rate: float
    locked_rate: float
    durations: Durations


def measure_bare_labeling(bare: Bare, people: int, completions: int) -> Floor:
    """Let people label with psycopg2 alone, at the same time, each with a connection of their own."""
    each, durations = completions // people, Durations()
    bare.vacuum()
    seconds = _together(lambda number: durations.extend(bare.label(number, each)), people)
    bare.vacuum()
    locked_seconds = _together(lambda number: bare.label_locked(number, each), people)
    return Floor(each * people / seconds, each * people / locked_seconds, durations)


def measure_labeling(product: Product, floor: Floor, people: int, completions: int, way: Way) -> list[Pair]:
    """Let people label over HTTP, at the same time, each with a connection of their own; wall-clock seconds."""
    each, asked, submitted = completions // people, Durations(), Durations()

    def work(number: int) -> None:
        client = Client(product.port, product.tokens[number])
        mine_asked, mine_submitted = Durations(), Durations()
        way.label(client, product.project, each, mine_asked, mine_submitted)
        client.close()
        with lock:
            asked.extend(mine_asked)
            submitted.extend(mine_submitted)

    lock = threading.Lock()
    seconds = _together(work, people)
    rate = each * people / seconds
    name = f"label, {people} annotator{'s' if people > 1 else ''}, {way.name}"
    waits = [
        a + b for a, b in zip(asked.seconds or [0.0] * len(submitted.seconds), submitted.seconds, strict=True)
    ]
    pairs = [
        Pair(name, "tasks/s", rate, floor.rate, more_is_better=True),
        Pair(f"{name}: share of bare psycopg2", "%", 100 * rate / floor.rate),
        Pair(f"{name}: share of it in one transaction a task", "%", 100 * rate / floor.locked_rate),
    ]
    for percent in (50, 95):
        bare_wait = floor.durations.percentile(percent)
        pairs.append(
            Pair(f"{name}: a task, p{percent}", "ms", Durations(waits).percentile(percent), bare_wait)
        )
        for what, durations in (("next", asked), ("submit", submitted)):
            if durations.seconds and way.requests > 1:
                pairs.append(Pair(f"{name}: {what}, p{percent}", "ms", durations.percentile(percent)))
    return pairs


def labeling_costs(name: str, tasks: int, way: Way, seconds: Mapping[str, float]) -> list[Pair]:
    """Return the processor time that a task took: other work on the machine changes it less than the time on the wall.

    Args:
        seconds: of all processes of a kind, by its name.
    """
    costs = [
        Pair(f"{name}: processor time of {kind}, a task", "ms", seconds[kind] / tasks * 1000)
        for kind in ("web", "postgres", "client")
    ]
    request = seconds["web"] / tasks / way.requests
    return [*costs, Pair(f"{name}: processor time of web, a request", "ms", request * 1000)]


def _together(work: Callable[[int], object], people: int) -> float:
    started = time.perf_counter()
    with ThreadPoolExecutor(max_workers=people) as pool:
        list(pool.map(work, range(people)))
    return time.perf_counter() - started


def measure_pages(product: Product, bare: Bare, tasks: int) -> list[Pair]:
    """Read the first, a middle and the last page of a project's tasks."""
    last = max(1, -(-tasks // PAGE_SIZE))
    pairs: list[Pair] = []
    for name, page in (("first", 1), ("middle", (last + 1) // 2), ("last", last)):
        durations, owner = Durations(), product.owner()
        path = f"/api/tasks?project={product.project}&page={page}&page_size={PAGE_SIZE}"
        for _ in range(PAGE_REPEATS):
            started = time.perf_counter()
            rows = owner.get(path)["tasks"]
            durations.add(started)
        if len(rows) != min(PAGE_SIZE, tasks - (page - 1) * PAGE_SIZE):
            raise RuntimeError(f"page {page} has {len(rows)} tasks")
        bare_durations = bare.page((page - 1) * PAGE_SIZE, PAGE_SIZE, PAGE_REPEATS)
        pairs += [
            Pair(
                f"{name} page of {PAGE_SIZE} tasks, p{percent}",
                "ms",
                durations.percentile(percent),
                bare_durations.percentile(percent),
            )
            for percent in (50, 95)
        ]
    return pairs


FOUND_PAGES: dict[str, dict[str, Any]] = {
    "ordered by a data key": {"ordering": ["tasks:data.source"]},
    "filtered on a data key": {
        "filters": {"items": [{"filter": "tasks:data.text", "operator": "contains", "value": "lisbon"}]}
    },
    "filtered on a rare value": {
        "filters": {"items": [{"filter": "tasks:data.source", "operator": "equal", "value": "article-7"}]}
    },
    "filtered on a rare word": {
        "filters": {"items": [{"filter": "tasks:data.source", "operator": "contains", "value": "article-77"}]}
    },
    "filtered on a label": {
        "filters": {"items": [{"filter": "tasks:labels", "operator": "contains", "value": "Person"}]}
    },
}


def measure_found_pages(product: Product) -> list[Pair]:
    """Read the first page of tasks in another order, and of those that pass a filter."""
    pairs: list[Pair] = []
    for name, document in FOUND_PAGES.items():
        durations, owner = Durations(), product.owner()
        query = urlencode({"project": product.project, "page_size": PAGE_SIZE, "query": json.dumps(document)})
        owner.get(f"/api/tasks?{query}")
        wait_for_jobs(owner, product.project)  # the first search has keys of the data indexed
        for _ in range(PAGE_REPEATS):
            started = time.perf_counter()
            rows = owner.get(f"/api/tasks?{query}")["tasks"]
            durations.add(started)
        if not rows:
            raise RuntimeError(f"no tasks were found on the page {name}")
        pairs += [
            Pair(f"page of {PAGE_SIZE} tasks {name}, p{percent}", "ms", durations.percentile(percent))
            for percent in (50, 95)
        ]
    return pairs


def wait_for_jobs(owner: Client, project: int) -> None:
    """Return when nothing is done in the background for a project."""
    while owner.get(f"/api/dm/project?project={project}")["jobs_running"]:
        time.sleep(JOB_POLL)


def measure_export(product: Product, bare: Bare) -> list[Pair]:
    """Download all tasks as JSON."""
    started = time.perf_counter()
    size, first_byte = product.owner().download(
        f"/api/projects/{product.project}/export?export_type=JSON&download_all_tasks=true"
    )
    seconds = time.perf_counter() - started
    bare_size, bare_first, bare_seconds = bare.export()
    return [
        Pair("export", "s", seconds, bare_seconds),
        Pair(
            "export, rate",
            "MB/s",
            size / MEGABYTE / seconds,
            bare_size / MEGABYTE / bare_seconds,
            more_is_better=True,
        ),
        Pair("export, size", "MB", size / MEGABYTE),
        Pair("export, first byte", "ms", first_byte * 1000, bare_first * 1000),
    ]
