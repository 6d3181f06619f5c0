"""Servers of models, one a module, and what tests ask them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from label_studio_ml.testing import Backend

SCRIPTS = Path(__file__).parent / "scripts"

CHOICES = """<View>
  <Text name="text" value="$text"/>
  <Choices name="mood" toName="text"><Choice value="Good"/><Choice value="Bad"/></Choices>
</View>"""

LABELS = """<View>
  <Labels name="label" toName="text"><Label value="Person"/><Label value="Place"/></Labels>
  <Text name="text" value="$text"/>
</View>"""

BOXES = """<View>
  <Image name="image" value="$image"/>
  <RectangleLabels name="box" toName="image"><Label value="Car"/><Label value="Bus"/></RectangleLabels>
</View>"""

PATIENCE = 120.0


def until(holds: Callable[[], Any]) -> Any:
    """Return what `holds` returns as soon as it is true."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := holds():
            return found
        time.sleep(0.02)
    raise AssertionError("It did not come true.")


def ended(backend: Backend, job: str) -> dict[str, Any]:
    """Wait for a training, and return it."""

    def status() -> dict[str, Any] | None:
        found = backend.post("/job_status", {"job": job}).body
        return found if found["job_status"] not in ("queued", "started") else None

    found: dict[str, Any] = until(status)
    return found


def labeled(number: int, text: str, choice: str, **more: Any) -> dict[str, Any]:
    """Return a task with one completion that made a choice."""
    item = {"from_name": "mood", "to_name": "text", "type": "choices", "value": {"choices": [choice]}}
    return {"id": number, "data": {"text": text}, "completions": [{"id": number, "result": [item], **more}]}
