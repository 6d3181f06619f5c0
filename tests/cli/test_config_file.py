"""config.json: what is read, what is kept, what is refused."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from label_studio_server.cli.config_file import ConfigFile
from label_studio_server.cli.errors import CommandError
from label_studio_server.cli.options import ProjectOptions, Sampling
from label_studio_server.cli.project_directory import Condition, inspect, unfinished_marker, write_project
from label_studio_server.embedded.layout import DataDirectory

FLASK_ERA = {
    "title": "Label Studio",
    "description": "Street signs",
    "port": 8200,
    "host": "localhost",
    "sampling": "random-uniform",
    "label_config": "config.xml",
    "allow_delete_completions": True,
    "ml_backends": [{"url": "http://localhost:9090", "name": "old"}],
    "editor": {"debug": False},
}


def config(**values: object) -> ConfigFile:
    return ConfigFile(Path("/data/project/config.json"), dict(values))


def test_a_config_json_of_the_flask_era_is_understood() -> None:
    read = config(**FLASK_ERA)

    assert read.title_and_description("project") == ("Street signs", "")
    assert read.port == 8200
    assert read.sampling is Sampling.UNIFORM
    assert read.file("label_config") == Path("/data/project/config.xml")


@pytest.mark.parametrize(
    ("values", "title", "description"),
    [
        ({}, "project", ""),
        ({"title": "Label Studio", "description": "default"}, "project", ""),
        ({"title": "Birds"}, "Birds", ""),
        ({"title": "Birds", "description": "By colour"}, "Birds", "By colour"),
    ],
)
def test_the_title_is_what_somebody_chose(values: dict[str, str], title: str, description: str) -> None:
    assert config(**values).title_and_description("project") == (title, description)


def test_an_empty_setting_counts_as_missing() -> None:
    assert config(password="").text("password") is None
    assert config(port=None).port is None


def test_a_nul_in_a_text_is_refused() -> None:
    with pytest.raises(CommandError, match=r'"title" contains the character U\+0000'):
        config(title="a\x00b").check()


def test_a_new_project_keeps_unknown_keys_and_adds_the_options(tmp_path: Path) -> None:
    base = tmp_path / "base.json"
    base.write_text(json.dumps({**FLASK_ERA, "label_config": None}))
    directory = DataDirectory.at(tmp_path / "p")
    directory.create()
    options = ProjectOptions(directory=str(directory.root), config=base, port=9000, template="named_entity")

    write_project(directory, options)

    written = json.loads(directory.config_file.read_text())
    assert written == {**FLASK_ERA, "port": 9000, "label_config": "config.xml"}
    assert "<Labels" in (directory.root / "config.xml").read_text()
    assert stat.S_IMODE(directory.config_file.stat().st_mode) == 0o600
    assert unfinished_marker(directory).exists()


def test_each_condition_of_a_directory_is_recognised(tmp_path: Path) -> None:
    directory = DataDirectory.at(tmp_path / "p")

    assert inspect(directory) is Condition.NEW
    directory.create()
    assert inspect(directory) is Condition.NEW
    (directory.root / "holiday.jpg").touch()
    assert inspect(directory) is Condition.FOREIGN
    directory.config_file.write_text("{}")
    assert inspect(directory) is Condition.PROJECT
    unfinished_marker(directory).touch()
    assert inspect(directory) is Condition.UNFINISHED


def test_a_file_in_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p").touch()

    with pytest.raises(CommandError, match="is a file"):
        inspect(DataDirectory.at(tmp_path / "p"))
