"""Whatever is killed, nothing that was acknowledged is missing afterwards."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from label_studio_server.cli.project_directory import unfinished_marker
from label_studio_server.embedded.ownership import State
from tests.cli.conftest import Run
from tests.crash.product import Annotators, Product

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    """The product with one project of two tasks; it runs again after each test."""
    folder = Path(tempfile.mkdtemp(prefix="ls-"))
    folder.chmod(0o755)
    (folder / "tasks.json").write_text(json.dumps([{"text": "first"}, {"text": "second"}]))
    product = Product(folder)
    product.start("--init", "--template", "text_classification", "-i", str(folder / "tasks.json"))
    yield product
    product.stop()
    shutil.rmtree(folder)


def task_ids(product: Product) -> list[int]:
    status, document = product.ask("GET", "/api/tasks/?project=1")
    assert status == 200
    return [task["id"] for task in document["tasks"]]


def stored(product: Product) -> set[int]:
    """Return the ids of all completions that the product has."""
    found = set()
    for task_id in task_ids(product):
        status, completions = product.ask("GET", f"/api/tasks/{task_id}/annotations/")
        assert status == 200
        found |= {completion["id"] for completion in completions}
    return found


def is_alive(process: psutil.Process) -> bool:
    """Whether a process still runs, rather than waits for its parent to hear of its end."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("name", ["postgres", "valkey", "web", "worker"])
def test_a_killed_part_is_started_again_and_no_acknowledged_completion_is_missing(
    product: Product, name: str
) -> None:
    before = State.read(product.directory.state)
    assert before is not None

    with Annotators(product, task_ids(product)) as annotators:
        annotators.wait_for(20)
        product.kill(name)
        while (after := State.read(product.directory.state)) is None or (
            after.processes[name] == before.processes[name]
        ):
            time.sleep(0.05)
        annotators.wait_for(20)

    assert set(annotators.acknowledged) - stored(product) == set()
    assert "was killed by SIGKILL; it is started again in" in product.said()


@pytest.mark.parametrize("kill", [Product.kill_supervisor, Product.kill_everything])
def test_after_a_kill_the_next_start_has_every_acknowledged_completion(
    product: Product, kill: object
) -> None:
    assert callable(kill)
    with Annotators(product, task_ids(product)) as annotators:
        annotators.wait_for(40)
        kill(product)
    acknowledged = set(annotators.acknowledged)

    product.start()

    assert acknowledged - stored(product) == set()


def test_a_second_start_names_the_address_of_the_first(product: Product, label_studio: Run) -> None:
    done = label_studio("start", str(product.directory.root), "--no-browser")

    assert done.returncode == 1
    assert f"at http://localhost:{product.port} (process" in done.stderr


def test_sigterm_stops_every_process(product: Product) -> None:
    processes = product.tree()

    assert product.stop() == 0

    assert [process for process in processes if is_alive(process)] == []
    assert not product.directory.state.exists()
    product.start()


def test_a_project_whose_making_was_killed_is_finished_by_the_next_start(place: Path) -> None:
    (place / "tasks.json").write_text(json.dumps([{"text": "first"}, {"text": "second"}]))
    arguments = ("--init", "--template", "text_classification", "-i", str(place / "tasks.json"))
    product = Product(place)
    making = product.launch(*arguments)
    while not unfinished_marker(product.directory).exists():
        assert making.poll() is None, product.said()
        time.sleep(0.02)
    making.kill()
    making.wait()

    product.start(*arguments)
    ids = task_ids(product)
    product.stop()

    assert len(ids) == 2
    assert not unfinished_marker(product.directory).exists()
