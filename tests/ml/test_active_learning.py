"""The whole loop, with real processes and nobody's help: label, train, new scores, and next the most uncertain task."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from label_studio_ml.testing import served
from tests.crash.product import Product
from tests.ml.corpus import NEGATIVE, POSITIVE, letters

pytestmark = pytest.mark.servers

EXAMPLE = Path(__file__).parents[2] / "label_studio_ml" / "examples" / "text_classifier"
LETTERS = letters(2_000)
MOOD_OF = {letter.text: letter.mood for letter in LETTERS}
CONFIG = f"""
<View>
  <Text name="text" value="$text"/>
  <Choices name="mood" toName="text">
    <Choice value="{POSITIVE}"/>
    <Choice value="{NEGATIVE}"/>
  </Choices>
</View>
"""
PAGE = 500
ROUND = 20
"""Completions after which the model is trained."""


@dataclass
class Person:
    """Somebody who labels over the API, and looks at the project."""

    product: Product
    project: int = 0

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Return the JSON of an answer, which must be a good one."""
        status, document = self.product.ask(method, path, body)
        assert status in (200, 201), f"{method} {path} answered {status}: {document}"
        return document

    def next_task(self) -> dict[str, Any]:
        """Return the task that the queue hands out."""
        task: dict[str, Any] = self.ask("GET", f"/api/projects/{self.project}/next")
        return task

    def label_next(self) -> int:
        """Label the next task as its writer meant it, and return its id."""
        task = self.next_task()
        item = {
            "from_name": "mood",
            "to_name": "text",
            "type": "choices",
            "value": {"choices": [MOOD_OF[task["data"]["text"]]]},
        }
        self.ask("POST", f"/api/tasks/{task['id']}/annotations/", {"result": [item]})
        task_id: int = task["id"]
        return task_id

    def pages(self) -> Iterator[list[dict[str, Any]]]:
        """Return all tasks that nobody has labeled, with their predictions, by pages."""
        for page in range(1, 1 + len(LETTERS) // PAGE):
            path = f"/api/tasks/?project={self.project}&page={page}&page_size={PAGE}&fields=all"
            yield [task for task in self.ask("GET", path)["tasks"] if not task["is_labeled"]]

    def wait_for(self, version: str) -> list[dict[str, Any]]:
        """Wait until each unlabeled task stands in the queue by its score of a version; return these tasks."""
        _wait(lambda: self.ask("GET", f"/api/projects/{self.project}/")["model_version"] == version, self)
        found: list[dict[str, Any]] = []

        def are_scored() -> bool:
            found.clear()
            for page in self.pages():
                if not all(_is_scored(task, version) for task in page):
                    return False
                found.extend(page)
            return True

        _wait(are_scored, self)
        return found


def _wait(condition: Callable[[], bool], person: Person) -> None:
    deadline = time.monotonic() + 240
    while not condition():
        assert time.monotonic() < deadline, person.product.said()[-4_000:]
        time.sleep(0.5)


def _prediction(task: dict[str, Any], version: str) -> dict[str, Any] | None:
    return next((one for one in task["predictions"] if one["model_version"] == version), None)


def _is_scored(task: dict[str, Any], version: str) -> bool:
    prediction = _prediction(task, version)
    return prediction is not None and task["predictions_score"] == prediction["score"]


def _in_order_of_the_queue(tasks: list[dict[str, Any]]) -> list[int]:
    return [task["id"] for task in sorted(tasks, key=lambda task: (task["predictions_score"], task["id"]))]


def _accuracy(tasks: list[dict[str, Any]], version: str) -> float:
    """Return for which part of texts that nobody labeled a version finds the mood they were written in."""
    right = 0
    for task in tasks:
        prediction = _prediction(task, version)
        assert prediction is not None
        chosen = [item["value"]["choices"] for item in prediction["result"]]
        right += chosen == [[MOOD_OF[task["data"]["text"]]]]
    return right / len(tasks)


@pytest.fixture
def person() -> Iterator[Person]:
    """The owner of a project of 2,000 letters, which hands out first what the model is least sure of."""
    folder = Path(tempfile.mkdtemp(prefix="ls-"))
    folder.chmod(0o755)
    product = Product(folder)
    product.start("--init", "--template", "text_classification")
    person = Person(product)
    settings = {"title": "Letters", "label_config": CONFIG, "sampling": "prediction-score-min"}
    person.project = person.ask("POST", "/api/projects/", settings)["id"]
    rows = [{"text": letter.text} for letter in LETTERS]
    person.ask("POST", f"/api/projects/{person.project}/import", rows)
    yield person
    product.stop()
    shutil.rmtree(folder)


def test_a_model_learns_from_what_is_labeled_and_decides_what_is_labeled_next(person: Person) -> None:
    server = f"http://127.0.0.1:{person.product.port}"
    token = person.ask("POST", "/api/current-user/reset-token")["token"]
    environment = {"LABEL_STUDIO_URL": server, "LABEL_STUDIO_API_KEY": token}
    with served(EXAMPLE, environment=environment) as model:
        settings = {"project": person.project, "url": model.url, "train_after_completions": ROUND}
        backend = person.ask("POST", "/api/ml/", settings)["id"]
        untrained = _accuracy(person.wait_for("0.0.1"), "0.0.1")

        for _ in range(ROUND):
            person.label_next()
        scored = person.wait_for("0.0.2")
        first = _accuracy(scored, "0.0.2")
        most_uncertain = _in_order_of_the_queue(scored)[:ROUND]

        assert [person.label_next() for _ in range(ROUND)] == most_uncertain
        rescored = person.wait_for("0.0.3")

        assert person.next_task()["id"] == _in_order_of_the_queue(rescored)[0]
        assert untrained == 0
        assert 0.6 < first < _accuracy(rescored, "0.0.3")
        trainings = person.ask("GET", f"/api/ml/{backend}/trainings")["results"]
        assert [
            (one["trigger"], one["status"], one["completions"], one["version_after"]) for one in trainings
        ] == [
            ("completions", "completed", 2 * ROUND, "0.0.3"),
            ("completions", "completed", ROUND, "0.0.2"),
        ]
