"""docs/ml-backends.md is true: its model is served and trained, and its tables name what there is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import typer.main

import label_studio_ml
from label_studio_ml import LabelStudioMLBase
from label_studio_ml.cli.app import app
from label_studio_ml.cli.making import Example
from label_studio_ml.serving.app import create_app
from label_studio_ml.serving.settings import ServerSettings
from label_studio_ml.testing import check_backend, served
from tests.label_studio_ml.conftest import SCRIPTS, ended

GUIDE = (Path(__file__).parents[2] / "docs" / "ml-backends.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


def section(title: str) -> str:
    [found] = re.findall(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    return str(found)


def first_cells(title: str) -> str:
    return "\n".join(line.split("|")[1] for line in section(title).splitlines() if line.startswith("| `"))


def test_the_model_of_the_guide_learns_and_answers_as_shown(tmp_path):
    [script], [config] = blocks("python"), blocks("xml")
    completions, request, answer = map(json.loads, blocks("json"))
    (tmp_path / "model.py").write_text(script)
    with served(tmp_path) as backend:
        assert [check.problem for check in check_backend(backend, config) if check.problem] == []
        backend.post("/setup", {"project": "5", "schema": config})
        assert ended(backend, backend.post("/train", completions).body["job"])["job_status"] == "finished"
        assert backend.post("/predict", request).body == answer


def test_every_route_is_in_the_protocol_and_no_other(tmp_path):
    routes = create_app(ServerSettings(SCRIPTS / "today.py", tmp_path)).routes
    served_routes = {
        f"{next(iter(route.methods - {'HEAD'}))} {route.path}"  # type: ignore[attr-defined]
        for route in routes
        if route.path == "/" or not route.path.endswith("/")  # type: ignore[attr-defined]
    }
    assert set(re.findall(r"`((?:GET|POST) \S+)`", first_cells("Protocol"))) == served_routes


def test_every_name_that_a_model_uses_exists():
    model = LabelStudioMLBase()
    names = re.findall(r"self\.(\w+)", first_cells("What a model uses"))
    assert [name for name in names if not hasattr(model, name)] == []


def test_every_import_of_the_guide_works():
    for names in re.findall(r"from label_studio_ml import ([\w, ]+)", GUIDE):
        assert [name for name in names.split(", ") if not hasattr(label_studio_ml, name)] == []


def test_every_event_that_trains_is_named():
    assert [event for event in LabelStudioMLBase.TRAIN_EVENTS if f"`{event}`" not in GUIDE] == []


def test_every_example_is_listed():
    assert re.findall(r"`(\w+)`", first_cells("Five minutes")) == [example.value for example in Example]


def test_every_option_of_start_is_listed_and_no_other():
    command = typer.main.get_command(app).commands["start"]  # type: ignore[attr-defined]
    options = {max(option.opts, key=len) for option in command.params if option.param_type_name == "option"}
    shown = set(re.findall(r"`(--[\w-]+)`", first_cells("Options of `start`")))
    assert shown == (options - {"--kwargs", "--help"}) | {"--with"}
