"""The command `label-studio-ml`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from label_studio_ml.cli.app import app
from label_studio_ml.cli.backend_directory import parameter
from label_studio_ml.cli.making import EXAMPLES, Example
from label_studio_ml.errors import ScriptError
from label_studio_ml.labeling_config import parse
from label_studio_ml.loading import build_model, load_model_class
from label_studio_ml.project import Project
from label_studio_ml.samples import sample_tasks
from label_studio_ml.state import State
from label_studio_ml.testing import served
from label_studio_ml.validation import checked_predictions
from tests.label_studio_ml.conftest import CHOICES, SCRIPTS

ROOT = Path(__file__).parents[2]

TWO_MODELS = """
from label_studio_ml import LabelStudioMLBase

class First(LabelStudioMLBase):
    def predict(self, tasks, **kwargs):
        return [{"result": [], "score": 1} for task in tasks]

class Second(First):
    pass

class Third(LabelStudioMLBase):
    pass
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def files_of(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


@pytest.mark.parametrize("example", list(Example), ids=lambda example: example.value)
def test_init_makes_a_directory_of_each_example(tmp_path, example):
    result = run("init", "mine", "--root-dir", tmp_path, "--example", example.value)
    assert result.exit_code == 0, result.output
    assert files_of(tmp_path / "mine") >= {
        "model.py",
        "requirements.txt",
        "Dockerfile",
        "docker-compose.yml",
        "README.md",
        "test_model.py",
        "label_config.xml",
    }
    assert "label-studio-server" in (tmp_path / "mine" / "requirements.txt").read_text()


@pytest.mark.parametrize(
    "example", [e for e in Example if e is not Example.CHAT_COMPLETION], ids=lambda e: e.value
)
def test_each_example_answers_tasks_made_up_from_its_config(tmp_path, example):
    config = (EXAMPLES / example.value / "label_config.xml").read_text()
    tasks = sample_tasks(parse(config))
    model = build_model(
        load_model_class(EXAMPLES / example.value / "model.py"), Project(State(tmp_path), "p"), config, {}
    )
    assert len(checked_predictions(model.predict(tasks), tasks, parse(config), model.model_version)) == len(
        tasks
    )


def test_what_init_makes_passes_its_own_test_and_the_linters(tmp_path):
    run("init", "mine", "--root-dir", tmp_path)
    own = tmp_path / "mine"
    tools = Path(sys.executable).parent
    for command in (
        f"{sys.executable} -m pytest -q test_model.py",
        f"{tools}/hadolint Dockerfile",
        f"{tools}/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml",
    ):
        environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        done = subprocess.run(
            command.split(), cwd=own, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_init_writes_into_no_directory_that_exists_unless_forced(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "model.py").write_text("keep me")
    refused = run("init", "mine", "--root-dir", tmp_path)
    assert isinstance(refused.exception, ScriptError)
    assert "exists" in str(refused.exception)
    assert (tmp_path / "mine" / "model.py").read_text() == "keep me"
    assert run("init", "mine", "--root-dir", tmp_path, "--force").exit_code == 0


def test_init_takes_a_script_with_what_lies_beside_it(tmp_path):
    (tmp_path / "two.py").write_text(TWO_MODELS)
    (tmp_path / "requirements.txt").write_text("numpy\n")
    result = run("init", "mine", "--root-dir", tmp_path, "--script", f"{tmp_path / 'two.py'}:Second")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "mine" / "model.py").read_text() == TWO_MODELS
    assert tomllib.loads((tmp_path / "mine" / "ml_backend.toml").read_text()) == {"class": "Second"}
    assert (tmp_path / "mine" / "requirements.txt").read_text() == "label-studio-server>=2.0,<3\nnumpy\n"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("none.py", "There is no script"),
        ("two.py", r"several models \(First, Second, Third\): say which one"),
        ("two.py:Fourth", "has no model Fourth; it has First, Second, Third"),
        ("broken.py", "cannot be imported: ZeroDivisionError"),
        ("bare.py", r'needs "no_such_library", which is not installed.*pip install -r .*requirements\.txt'),
        ("empty.py", "must define a subclass of label_studio_ml.LabelStudioMLBase"),
    ],
)
def test_a_script_without_one_model_is_refused_with_the_cause(tmp_path, script, message):
    for name, text in (("two.py", TWO_MODELS), ("broken.py", "1 / 0"), ("empty.py", "")):
        (tmp_path / name).write_text(text)
    (tmp_path / "bare.py").write_text("import no_such_library")
    result = run("init", "mine", "--root-dir", tmp_path, "--script", tmp_path / script)
    assert isinstance(result.exception, ScriptError)
    assert re.search(message, result.exception.detail)
    assert not (tmp_path / "mine").exists()


def test_a_directory_is_served_with_the_class_and_the_parameters_it_names(tmp_path):
    (tmp_path / "model.py").write_text(TWO_MODELS)
    (tmp_path / "ml_backend.toml").write_text('class = "Second"\n')
    with served(tmp_path) as backend:
        assert backend.get("/health").body["model_class"] == "Second"


def test_test_says_what_a_labeling_server_could_not_use(tmp_path):
    (tmp_path / "config.xml").write_text(CHOICES)
    (tmp_path / "tasks.json").write_text('[{"answer": {"result": [{"value": {}}]}, "text": "x"}]')
    options = ["--label-config", tmp_path / "config.xml", "--tasks", tmp_path / "tasks.json"]
    result = run("test", SCRIPTS / "obedient.py", *options)
    assert result.exit_code == 1
    assert "yes  GET /health says that it is up" in result.output
    assert "no   one task is predicted" in result.output
    assert (
        "task 1: results[0].result[0].from_name: expected a control of the labeling config (mood)"
        in result.output
    )


def test_test_says_when_nobody_answers(tmp_path):
    (tmp_path / "config.xml").write_text(CHOICES)
    result = run("test", "http://127.0.0.1:1", "--label-config", tmp_path / "config.xml")
    assert result.exit_code == 1
    assert "http://127.0.0.1:1 does not answer" in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "There is no nothing"),
        ([SCRIPTS / "obedient.py", "--with", "threshold"], "must have the form KEY=VALUE"),
        ([SCRIPTS / "obedient.py", "--basic-auth-user", "ann"], "go together"),
        (
            [SCRIPTS / "obedient.py", "--check", "--with", "fail_in_setup=true"],
            "could not be made: RuntimeError: no weights",
        ),
    ],
    ids=["no script", "no value", "no password", "check"],
)
def test_start_says_why_it_does_not(tmp_path, arguments, message):
    result = run("start", *arguments, "--model-dir", tmp_path / "data")
    assert isinstance(result.exception, Exception)
    assert message in str(result.exception)


@pytest.mark.parametrize(
    ("text", "value"),
    [("a=1", 1), ("a=0.5", 0.5), ("a=True", True), ("a=false", False), ("a=b=c", "b=c"), ("a=", "")],
)
def test_a_parameter_becomes_what_it_means(text, value):
    assert parameter(text) == ("a", value)
    assert type(parameter(text)[1]) is type(value)


def test_the_command_is_installed_with_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["scripts"]["label-studio-ml"] == "label_studio_ml.cli:main"
    assert "label_studio_ml" in project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]


def test_what_goes_wrong_is_said_in_a_line():
    done = subprocess.run(
        [sys.executable, "-m", "label_studio_ml", "start", "nothing"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == (
        "Error: There is no nothing/model.py. Make a directory with: label-studio-ml init nothing\n"
    )
