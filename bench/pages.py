"""`python -m bench.pages`: what a page of tasks costs in a small and in a large project, over HTTP.

Every list is read in both projects by turns, its first page and one in its middle. A page of the large project must
take no more than one and a half times as long as that of the small one.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer
from rich.console import Console
from rich.table import Table

from bench.data import LABEL_CONFIG, write_tasks
from bench.figures import Durations
from bench.measurements import FOUND_PAGES, PAGE_SIZE, label_on, wait_for_jobs
from bench.processes import ProcessWatcher
from bench.product import Product, running_product

WARM_UP = 8
"""Requests of a page before those that count, for each web process and PostgreSQL's plans."""

ALLOWED_RATIO = 1.5

LISTS: dict[str, dict[str, Any]] = {
    "all": {},
    **FOUND_PAGES,
    "ordered by completed_at": {"ordering": ["tasks:completed_at"]},
    "ordered by completed_at, descending": {"ordering": ["-tasks:completed_at"]},
    "ordered by two keys": {"ordering": ["tasks:data.language", "-tasks:data.text"]},
    "filtered on a frequent value": {
        "filters": {"items": [{"filter": "tasks:data.language", "operator": "equal", "value": "ja"}]}
    },
    "filtered on a frequent value, in the order of another key": {
        "filters": {"items": [{"filter": "tasks:data.language", "operator": "equal", "value": "ja"}]},
        "ordering": ["tasks:data.source"],
    },
    "filtered on a frequent word, in the order of another key": {
        "filters": {"items": [{"filter": "tasks:data.text", "operator": "contains", "value": "lisbon"}]},
        "ordering": ["tasks:data.source"],
    },
    "filtered on a rare word, in the order of another key": {
        "filters": {
            "items": [{"filter": "tasks:data.source", "operator": "contains", "value": "article-77"}]
        },
        "ordering": ["tasks:data.text"],
    },
    "filtered on a label, ordered by completed_at": {
        "filters": {"items": [{"filter": "tasks:labels", "operator": "contains", "value": "Person"}]},
        "ordering": ["-tasks:completed_at"],
    },
}


@dataclass
class Reader:
    """Reads one page of one project again and again.

    Attributes:
        processor: seconds that the web processes and PostgreSQL worked for those that count.
    """

    product: Product
    address: str
    durations: Durations = field(default_factory=Durations)
    processor: float = 0.0

    def read(self, times: int) -> None:
        """Read the page so many times, over one connection."""
        client, watcher = self.product.owner(), ProcessWatcher(self.product.pid)
        with watcher.phase("page"):
            for _ in range(times):
                started = time.perf_counter()
                client.get(self.address)
                self.durations.add(started)
        client.close()
        usage = watcher.usage["page"]
        self.processor += usage["web"].cpu_seconds + usage["postgres"].cpu_seconds

    @property
    def milliseconds(self) -> float:
        """The processor time of a page."""
        return 1000 * self.processor / len(self.durations.seconds)


def main(
    small: Annotated[int, typer.Option(min=1_000, help="Tasks of the small project.")] = 10_000,
    large: Annotated[int, typer.Option(min=1_000, help="Tasks of the large project.")] = 1_000_000,
    labeled: Annotated[int, typer.Option(min=100, help="How many are labeled in each project.")] = 500,
    repeats: Annotated[int, typer.Option(min=10, help="How often each page is read.")] = 60,
) -> None:
    """Print what pages cost, and how many times as much in the large project as in the small."""
    with running_product(annotators=1, keep=False) as product:
        projects = [filled_project(product, tasks, labeled) for tasks in (small, large)]
        table = measured_pages(product, projects, repeats)
    table.title = f"pages of {PAGE_SIZE} of {small:,} and {large:,} tasks; ms"
    Console().print(table)


def filled_project(product: Product, tasks: int, labeled: int) -> int:
    """Return a new project with so many tasks, of which the owner has labeled some."""
    owner = product.owner()
    project = int(owner.post("/api/projects", {"title": f"{tasks}", "label_config": LABEL_CONFIG})["id"])
    with tempfile.TemporaryDirectory(prefix="label-studio-bench-data-") as name:
        file = Path(name) / "tasks.json"
        write_tasks(file, tasks)
        product.import_file(project, file)
    label_on(product.owner(), project, labeled, Durations(), Durations())
    return project


def measured_pages(
    product: Product,
    projects: list[int],
    repeats: int,
    lists: Mapping[str, Mapping[str, Any]] = LISTS,
) -> Table:
    """Return a table of what the pages of lists cost in a small and in a large project."""
    table = Table("page", title_justify="left")
    for column in ("p50, small", "large", "ratio", "processor time, small", "large", "ratio"):
        table.add_column(column, justify="right")
    for name, document in lists.items():
        pages = [dict(_pages(product, project, document)) for project in projects]
        for which in [one for one in pages[0] if one in pages[1]]:
            small, large = (Reader(product, one[which]) for one in pages)
            _read_by_turns(small, large, repeats)
            table.add_row(f"{name}, {which}", *_compared(small, large))
    return table


def _pages(product: Product, project: int, document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the address of the first page, of one in the middle, and of the last where all are counted."""
    owner = product.owner()
    query = urlencode({"project": project, "page_size": PAGE_SIZE, "query": json.dumps(document)})
    owner.get(f"/api/tasks?{query}")
    wait_for_jobs(owner, project)  # the first search has keys of the data indexed
    found = owner.get(f"/api/tasks?{query}")
    if not found["tasks"]:
        raise RuntimeError(f"No tasks were found by {document}")
    last = max(1, -(-found["total"] // PAGE_SIZE))
    numbers = {1: "first"}
    numbers.setdefault((last + 1) // 2, "middle")
    if not found["total_is_lower_bound"]:
        numbers.setdefault(last, "last")
    for page, which in numbers.items():
        yield which, f"/api/tasks?{query}&page={page}"


def _read_by_turns(small: Reader, large: Reader, repeats: int) -> None:
    for reader in (small, large):
        reader.read(WARM_UP)
        reader.durations, reader.processor = Durations(), 0.0
    turns = 6
    for _ in range(turns):
        for reader in (small, large):
            reader.read(-(-repeats // turns))


def _compared(small: Reader, large: Reader) -> list[str]:
    figures: list[str] = []
    for one, other in (
        (small.durations.percentile(50), large.durations.percentile(50)),
        (small.milliseconds, large.milliseconds),
    ):
        ratio = other / one
        figures += [f"{one:.1f}", f"{other:.1f}", f"{ratio:.2f}{' !' if ratio > ALLOWED_RATIO else ''}"]
    return figures


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
