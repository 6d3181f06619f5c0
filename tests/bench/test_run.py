"""A whole run of the benchmark, small."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.containers import ROOT

pytestmark = pytest.mark.servers


def test_a_run_measures_everything_beside_bare_postgresql(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench", "--tasks", "1000", "--completions", "8", "--annotators", "2"]

    done = subprocess.run(
        [*command, "--results", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = tmp_path.iterdir()
    document = json.loads(path.read_text())
    compared = [figure["what"] for figure in document["figures"] if figure["bare"]]
    for people in ("1 annotator", "2 annotators"):
        for way in ("next, then submit", "submit with next"):
            assert f"label, {people}, {way}" in compared
    assert {"import", "export"} <= set(compared)
    assert {"first page of 100 tasks, p50", "last page of 100 tasks, p95"} <= set(compared)
    assert set(document["processes"]["export"]) >= {"web", "worker", "postgres", "valkey"}
