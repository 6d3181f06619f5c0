"""What `label-studio` refuses, and that it touches nothing then."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from tests.cli.conftest import Run

GOOD_CONFIG = (
    '<View><Text name="t" value="$text"/><Choices name="c" toName="t"><Choice value="a"/></Choices></View>'
)


def tree(folder: Path) -> dict[str, bytes | None]:
    """Return every path below a folder with its content."""
    return {str(path): path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))}


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("init", "p", "--source", "s3"), "--source"),
        (("init", "p", "-t", "s3-completions"), "--target"),
        (("start", "p", "--source", "s3"), "--source"),
        (("start-multi-session", "--root-dir", "p", "--source", "s3"), "--source"),
    ],
)
def test_what_the_flask_era_had_and_we_do_not_yet_is_refused_by_name(
    label_studio: Run, place: Path, arguments: tuple[str, ...], name: str
) -> None:
    done = label_studio(*arguments)

    assert done.returncode == 2
    assert done.stderr == f"Error: {name} is not available yet.\n"
    assert tree(place) == {}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("-i", "tasks.json"),
            "takes no --input-path: each person imports tasks into a project of their own.",
        ),
        (("--force",), "takes no --force: it would delete the projects of everybody."),
        (("--template", "image_box"), 'Did you mean "image_bbox"?'),
        (("--label-config", "missing.xml"), "missing.xml cannot be read"),
    ],
)
def test_what_a_multisession_cannot_follow_is_refused_with_the_reason(
    label_studio: Run, place: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = label_studio("start-multi-session", "--root-dir", "sessions", *arguments)

    assert done.returncode == 1
    assert message in done.stderr
    assert tree(place) == {}


def test_a_multisession_needs_to_know_where(label_studio: Run) -> None:
    done = label_studio("start-multi-session")

    assert done.returncode == 2
    assert "Missing option '--root-dir'" in done.stderr


def test_a_multisession_leaves_the_projects_of_a_flask_era_server_alone(
    label_studio: Run, place: Path
) -> None:
    (place / "sessions" / "8b3c" / "f00d").mkdir(parents=True)
    (place / "sessions" / "8b3c" / "f00d" / "config.json").write_text("{}")
    before = tree(place)

    done = label_studio("start-multi-session", "--root-dir", "sessions")

    assert done.returncode == 1
    assert "was not made by this server" in done.stderr
    assert tree(place) == before


def test_a_start_without_a_project_says_how_to_make_one(label_studio: Run, place: Path) -> None:
    done = label_studio("start", "new")

    assert done.returncode == 1
    assert (
        f"There is no project in {place / 'new'}. Make one with: label-studio start new --init" in done.stderr
    )
    assert tree(place) == {}


@pytest.mark.parametrize(
    "arguments", [("init", "holiday"), ("start", "holiday", "--init"), ("init", "holiday", "--force")]
)
def test_a_directory_with_other_things_in_it_is_left_alone(
    label_studio: Run, place: Path, arguments: tuple[str, ...]
) -> None:
    (place / "holiday").mkdir()
    (place / "holiday" / "beach.jpg").write_bytes(b"sand")
    before = tree(place)

    done = label_studio(*arguments)

    assert done.returncode == 1
    assert "exists and is no project" in done.stderr
    assert tree(place) == before


def test_init_over_a_project_needs_force(label_studio: Run, place: Path) -> None:
    (place / "p").mkdir()
    (place / "p" / "config.json").write_text('{"title": "Old", "mine": 1}')
    before = tree(place)

    done = label_studio("init", "p")

    assert done.returncode == 1
    assert "is a project already. Start it, or make it anew with --force." in done.stderr
    assert tree(place) == before


def test_a_wrong_labeling_config_is_reported_line_by_line_and_nothing_is_made(
    label_studio: Run, place: Path
) -> None:
    (place / "bad.xml").write_text('<View>\n<Txt name="t" value="$text"/>\n<Choices name="c"/>\n</View>')

    done = label_studio("init", "p", "--label-config", "bad.xml")

    assert done.returncode == 1
    assert "bad.xml cannot be used" in done.stderr
    assert "line 2" in done.stderr
    assert "line 3" in done.stderr
    assert not (place / "p").exists()


def test_an_unknown_template_is_answered_with_the_nearest(label_studio: Run, place: Path) -> None:
    done = label_studio("init", "p", "--template", "image_box")

    assert done.returncode == 1
    assert 'There is no template "image_box". Did you mean "image_bbox"?' in done.stderr
    assert "text_classification" in done.stderr
    assert not (place / "p").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "config.json is no JSON: line 1, column 2"),
        ("[]", "config.json must hold a JSON object"),
        ('{"port": "http"}', '"port" must be a number from 0 to 65535, and is "http".'),
        ('{"sampling": "random"}', '"sampling" must be one of sequential, uniform'),
        ('{"title": 7}', '"title" must be a text, and is 7.'),
    ],
)
def test_a_config_json_with_a_mistake_is_refused(
    label_studio: Run, place: Path, content: str, message: str
) -> None:
    (place / "config.json").write_text(content)

    done = label_studio("init", "p", "--config", "config.json")

    assert done.returncode == 1
    assert message in done.stderr
    assert not (place / "p").exists()


@pytest.mark.servers
def test_a_bad_input_file_leaves_no_project_behind(label_studio: Run, place: Path) -> None:
    (place / "cut.json").write_text('[{"text": "one"}, {"te')
    (place / "good.xml").write_text(GOOD_CONFIG)

    done = label_studio("init", "p", "-l", "good.xml", "-i", "cut.json")

    assert done.returncode == 1
    assert "cut.json: byte 22: The JSON ends in the middle of row 2" in done.stderr
    assert not (place / "p").exists()


@pytest.mark.servers
def test_a_busy_port_that_was_asked_for_is_an_error_and_makes_no_project(
    label_studio: Run, place: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        done = label_studio("start", "p", "--init", "--no-browser", "--port", str(port))

    assert done.returncode == 1
    assert f"Port {port} is busy" in done.stderr
    assert not (place / "p").exists()


@pytest.mark.servers
def test_force_makes_the_project_anew_and_keeps_what_is_no_part_of_it(label_studio: Run, place: Path) -> None:
    (place / "p" / "completions").mkdir(parents=True)
    (place / "p" / "config.json").write_text('{"title": "First"}')
    (place / "p" / "notes.txt").write_text("mine")

    done = label_studio("init", "p", "--force", "--initial-project-description", "Second")

    assert done.returncode == 0, done.stderr
    assert json.loads((place / "p" / "config.json").read_text())["title"] == "Second"
    assert (place / "p" / "notes.txt").read_text() == "mine"
    assert not (place / "p" / "completions").exists()


def test_version_and_help_answer_at_once(label_studio: Run) -> None:
    assert label_studio("version").stdout == label_studio("--version").stdout == "2.0.0\n"
    assert "--initial-project-description" in label_studio("start", "--help").stdout
