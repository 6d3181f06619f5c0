"""`python -m bench`: start the product, measure it, print and keep the figures."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench.bare import Bare
from bench.data import write_tasks
from bench.figures import Pair
from bench.measurements import (
    WAYS,
    labeling_costs,
    measure_bare_labeling,
    measure_export,
    measure_found_pages,
    measure_import,
    measure_labeling,
    measure_pages,
    warm_up,
)
from bench.processes import ProcessWatcher
from bench.product import Product, running_product
from bench.report import RESULTS, machine, save, show

IDLE_SECONDS = 3.0
WARM_UP_TASKS = 10


def main(
    tasks: Annotated[int, typer.Option(min=1_000, help="How many tasks the project has.")] = 10_000,
    completions: Annotated[int, typer.Option(min=8, help="How many are labeled in each loop.")] = 1_000,
    annotators: Annotated[int, typer.Option(min=2, help="How many people label at once.")] = 8,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the data directory behind.")] = False,
    results: Annotated[Path, typer.Option(help="The folder that gets the JSON file.")] = RESULTS,
) -> None:
    """Measure import, labeling, pages and export over HTTP, each beside bare psycopg2."""
    needed = 2 * len(WAYS) * 2 * completions  # bare psycopg2 labels them in two ways, too
    if needed > tasks:
        raise typer.BadParameter(f"{needed:,} tasks are labeled; --tasks must not be fewer.")
    console, about = Console(), machine()
    with (
        tempfile.TemporaryDirectory(prefix="label-studio-bench-data-") as name,
        running_product(annotators=annotators, keep=keep) as product,
    ):
        file = Path(name) / "tasks.json"
        write_tasks(file, tasks)
        bare, watcher, pairs = Bare(product.database_url), ProcessWatcher(product.pid), list[Pair]()
        if keep:
            console.print(f"The data directory is {product.directory}")
        with watcher.phase("idle"):
            time.sleep(IDLE_SECONDS)
        with watcher.phase("import"):
            pairs += measure_import(product, bare, file, tasks)
        warm_up(product, WARM_UP_TASKS)
        for people in (1, annotators):
            pairs += _measure_ways_of_labeling(product, bare, watcher, people, completions)
        with watcher.phase("pages"):
            pairs += measure_pages(product, bare, tasks)
            pairs += measure_found_pages(product)
        with watcher.phase("export"):
            pairs += measure_export(product, bare)
    show(console, pairs, watcher.usage, about, tasks=tasks)
    options = {"tasks": tasks, "completions": completions, "annotators": annotators}
    console.print(f"Saved as {save(pairs, watcher.usage, options, about, results)}")


def _measure_ways_of_labeling(
    product: Product, bare: Bare, watcher: ProcessWatcher, people: int, completions: int
) -> list[Pair]:
    pairs: list[Pair] = []
    for way in WAYS:
        floor = measure_bare_labeling(
            bare, people, completions
        )  # anew: the machine's speed moves within a run
        with watcher.phase(phase := f"{way.name}, {people}"):
            labeled = measure_labeling(product, floor, people, completions, way)
        used = {kind: usage.cpu_seconds for kind, usage in watcher.usage[phase].items()}
        pairs += [*labeled, *labeling_costs(labeled[0].what, completions // people * people, way, used)]
    return pairs


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
