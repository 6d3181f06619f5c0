"""`--ml-backends`: how models are named on the command line and in config.json, and how they are connected."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from apps.ml.models import BackendState, MLBackend
from label_studio_server.cli.bootstrap import connect_backends
from label_studio_server.cli.config_file import ConfigFile
from label_studio_server.cli.errors import CommandError
from label_studio_server.cli.ml_backends import NamedBackend, ml_environment, spread
from tests.cast import Cast
from tests.cli.conftest import Run
from tests.ml.fake_backend import fake_backend


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("start p --ml-backends http://a", "start p --ml-backends http://a"),
        (
            "start p --ml-backends http://a b=https://c:1 --init",
            "start p --ml-backends http://a --ml-backends b=https://c:1 --init",
        ),
        ("start --ml-backends http://a p", "start --ml-backends http://a p"),
        (
            "start --ml-backends http://a --ml-backends http://b",
            "start --ml-backends http://a --ml-backends http://b",
        ),
        ("start http://a", "start http://a"),
    ],
    ids=["one", "two", "before-the-directory", "repeated", "none"],
)
def test_several_urls_may_follow_the_option(given: str, expected: str) -> None:
    assert " ".join(spread(given.split())) == expected


@pytest.mark.parametrize(
    ("text", "backend"),
    [
        ("http://localhost:9090", NamedBackend("http://localhost:9090")),
        ("mood=http://localhost:9090/", NamedBackend("http://localhost:9090", "mood")),
        ("https://m.example.com/a=b", NamedBackend("https://m.example.com/a=b")),
    ],
    ids=["bare", "named", "equals-in-path"],
)
def test_a_backend_may_have_a_name(text: str, backend: NamedBackend) -> None:
    assert NamedBackend.parse(text) == backend


@pytest.mark.parametrize("text", ["localhost:9090", "ftp://a", "http://", "http://a:99999999", "x=y"])
def test_what_names_no_backend_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="--ml-backends takes URLs"):
        NamedBackend.parse(text)


def test_a_start_with_a_wrong_url_makes_nothing(label_studio: Run, place: Path) -> None:
    done = label_studio("start", "p", "--init", "--ml-backends", "localhost:9090")
    assert done.returncode == 1
    assert "--ml-backends takes URLs, as http://localhost:9090" in done.stderr
    assert list(place.iterdir()) == []


def test_config_files_of_the_flask_era_name_them_too(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"ml_backends": [{"url": "http://a:1", "name": "mood"}, "http://b:2"]}))
    assert ConfigFile.read(path).ml_backends == [
        NamedBackend("http://a:1", "mood"),
        NamedBackend("http://b:2"),
    ]


@pytest.mark.parametrize("value", ["http://a", [1], [{"name": "mood"}]], ids=["text", "number", "no-url"])
def test_a_config_file_that_names_none_says_where(tmp_path: Path, value: Any) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"ml_backends": value}))
    with pytest.raises(CommandError, match="ml_backends"):
        ConfigFile.read(path).check()


def test_the_operators_backends_are_allowed_whatever_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ML_ALLOWED_HOSTS", "inner:1")
    monkeypatch.delenv("ML_ALLOW_LOOPBACK", raising=False)
    backends = [NamedBackend("http://10.0.0.7:9090"), NamedBackend("https://[fd00::1]")]
    assert ml_environment(backends, is_private=False) == {
        "ML_ALLOWED_HOSTS": "inner:1,10.0.0.7:9090,[fd00::1]:443"
    }


def test_in_multisession_mode_each_new_project_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ML_ALLOWED_HOSTS", raising=False)
    monkeypatch.delenv("ML_BACKENDS_FOR_NEW_PROJECTS", raising=False)
    backends = [
        NamedBackend("http://a:1", "mood"),
        NamedBackend("http://b:2", "a: b"),
        NamedBackend("http://a:1", "mood"),
    ]
    chosen = ml_environment(backends, is_private=False, for_new_projects=True)
    assert chosen["ML_BACKENDS_FOR_NEW_PROJECTS"] == "mood=http://a:1,http://b:2"


def test_this_machine_is_allowed_where_nobody_else_reaches_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ML_ALLOW_LOOPBACK", raising=False)
    monkeypatch.delenv("LABEL_STUDIO_HOST", raising=False)
    assert ml_environment([], is_private=True) == {"ML_ALLOW_LOOPBACK": "true"}
    assert ml_environment([], is_private=False) == {}
    monkeypatch.setenv("LABEL_STUDIO_HOST", "https://label.example.com")
    assert ml_environment([], is_private=True) == {}


def test_backends_are_connected_once_and_a_dead_one_is_a_warning(
    cast: Cast, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.ML_ALLOW_LOOPBACK = True
    with fake_backend() as fake, fake_backend() as dead:
        dead.stop()
        named = [NamedBackend(fake.url, "mood"), NamedBackend(dead.url)]
        connect_backends(named)
        connect_backends(named)
    states = dict(MLBackend.objects.filter(project=cast.project).values_list("title", "state"))
    assert states == {
        "mood": BackendState.CONNECTED,
        dead.url.removeprefix("http://"): BackendState.DISCONNECTED,
    }
    said = capsys.readouterr()
    told = " ".join((said.out + said.err).split())
    assert "Connected the ML backend mood (v1)." in told
    assert "does not accept a connection" in told
    assert told.count("mood") == 1
