"""The tutorial of docs/ml.md is true: its commands run, its settings are taken, its numbers hold."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.labeling.templates import labeling_templates
from apps.ml.models import MLBackend
from tests.cast import Cast
from tests.ml.fake_backend import FakeBackend

GUIDE = (Path(__file__).parents[2] / "docs" / "ml.md").read_text()
TUTORIAL = GUIDE.split("## Tutorial", 1)[1].split("\n## ", 1)[0]


def blocks(language: str) -> list[str]:
    """Return the tutorial's blocks of code."""
    return re.findall(rf"^```{language}\n(.*?)^```$", TUTORIAL, re.MULTILINE | re.DOTALL)


def test_the_model_is_made_and_tried_as_shown(tmp_path: Path):
    for line in blocks("bash")[0].splitlines():
        command = [sys.executable, "-m", *line.replace("label-studio-ml", "label_studio_ml").split()]
        root = str(Path(__file__).parents[2])
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": root}
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "my_model" / "model.py").is_file()


def test_the_template_of_the_project_exists():
    (name,) = re.findall(r"--template (\w+)", TUTORIAL)
    assert name in labeling_templates()


@pytest.mark.django_db
def test_its_settings_are_taken(api: Callable[[User | None], APIClient], cast: Cast, fake: FakeBackend):
    sampling, connection = map(json.loads, blocks("json"))
    client = api(cast.owner)

    changed = client.patch(f"/api/projects/{cast.project.pk}/", sampling, format="json")
    body = {**connection, "project": cast.project.pk, "url": fake.url}
    connected = client.post("/api/ml/", body, format="json")

    assert changed.status_code == 200
    assert connected.status_code == 201, connected.json()
    assert MLBackend.objects.get(project=cast.project).train_after_completions == 20
    cast.project.refresh_from_db()
    assert cast.project.sampling == "prediction-score-min"
