"""`manage.py export_completions` and `label-studio export` write to files, buckets and standard output."""

from __future__ import annotations

import io
import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.audit.models import Entry
from apps.exports.storing import PART
from apps.projects.models import Project
from label_studio_server.cli.export_options import ExportCommandOptions
from label_studio_server.cli.exporting import arguments, run_export
from tests.factories import make_completion, make_project, make_user, owner_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(db: None) -> Project:
    make_user("admin@example.com", role="administrator")
    project = make_project(tasks=3)
    make_completion(project.tasks.order_by("pk")[0], owner_of(project))
    return project


def run(*given: object) -> str:
    """Run the command and return what it says on standard error."""
    said = io.StringIO()
    call_command("export_completions", *map(str, given), stderr=said)
    return said.getvalue()


def test_a_file_appears_under_its_name_and_the_next_cursor_is_told(project: Project, tmp_path: Path) -> None:
    said = run(project.pk, "--all", "--output", tmp_path / "out.json")
    assert len(json.loads((tmp_path / "out.json").read_text())) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]
    assert said.startswith(f"Wrote 3 tasks to {tmp_path / 'out.json'} (")
    cursor = said.split("Next cursor: ")[1].strip()
    assert "Wrote 3 tasks" in run(project.pk, "--all", "--since", "2020-01-01", "-o", tmp_path / "b.json")
    assert run(project.pk, "--all", "--since", cursor, "-o", tmp_path / "c.json").startswith("Wrote")


def test_standard_output_takes_it_without_a_word_between(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr(sys, "stdout", out)
    run(project.pk)
    out.flush()
    assert len(json.loads(out.buffer.getvalue())) == 1


def test_an_export_that_breaks_off_leaves_the_earlier_file(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out.json").write_text("earlier")

    def broken(*_: Any) -> Iterator[str]:
        yield '{"id": 1}'
        raise OSError("The connection broke.")

    monkeypatch.setattr("apps.exports.writing.exported_tasks", broken)
    with pytest.raises(CommandError, match="The connection broke"):
        run(project.pk, "--output", tmp_path / "out.json")
    assert (tmp_path / "out.json").read_text() == "earlier"
    assert not list(tmp_path.glob(f"*{PART}"))


def test_options_say_what_goes_in_and_are_in_the_audit_log(project: Project, tmp_path: Path) -> None:
    run(
        project.pk, "--format", "jsonl", "--anonymous", "--no-skipped", "--ids", "1,2", "-o", tmp_path / "out"
    )
    assert Entry.objects.latest("pk").after == {
        "format": "JSONL", "identities": "pseudonyms", "skipped": False, "ids": [1, 2], "by": "command line",
    }  # fmt: skip


def test_the_only_project_needs_no_name_and_several_are_listed(project: Project, tmp_path: Path) -> None:
    assert run("--output", tmp_path / "out.json").startswith("Wrote 1 task")
    second = make_project(title="Second")
    with pytest.raises(CommandError) as refusal:
        run("--output", tmp_path / "other.json")
    assert str(refusal.value) == (
        f"Which project? Give its id.\n  {project.pk}  Sentiments\n  {second.pk}  Second"
    )


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (["--split", "train"], "split looks like"),
        (["--since", "yesterday"], "since must be a cursor"),
        (["--filter", "[]"], "filters must be a JSON object"),
        (["--media"], "cannot hold media"),
        (["--output", "s3://bucket"], "names no object"),
    ],
    ids=["split", "since", "filter", "media", "bucket"],
)
def test_what_cannot_be_done_is_said(project: Project, given: list[str], problem: str) -> None:
    with pytest.raises(CommandError, match=problem):
        run(project.pk, *given)


class _Bucket(BaseHTTPRequestHandler):
    """Takes objects as S3 does, and refuses those of a bucket that does not exist."""

    objects: dict[str, bytes]

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        known = self.path.startswith("/data/")
        if known:
            self.objects[self.path] = content
        answer = (
            b"" if known else b"<Error><Code>NoSuchBucket</Code><Message>There is none.</Message></Error>"
        )
        self.send_response(200 if known else 404)
        self.send_header("ETag", '"0"')
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bytes]]:
    """The objects of a server that speaks what boto3 needs to write one."""
    objects: dict[str, bytes] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bucket", (_Bucket,), {"objects": objects}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    environment = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_address[1]}", "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
    }  # fmt: skip
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    yield objects
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_object_of_a_bucket_is_written_as_a_whole(project: Project, bucket: dict[str, bytes]) -> None:
    said = run(project.pk, "--output", "s3://data/nightly/out.json")
    assert list(bucket) == ["/data/nightly/out.json"]
    assert len(json.loads(bucket["/data/nightly/out.json"])) == 1
    assert "Wrote 1 task to s3://data/nightly/out.json" in said


def test_a_bucket_that_refuses_is_said(project: Project, bucket: dict[str, bytes]) -> None:
    with pytest.raises(CommandError, match=r"s3://nowhere/out\.json could not be written: .*NoSuchBucket"):
        run(project.pk, "--output", "s3://nowhere/out.json")
    assert bucket == {}


def test_label_studio_export_hands_its_options_on() -> None:
    options = ExportCommandOptions(
        directory="dir", project=7, format="CSV", output="-", as_="ada@example.com", all=True, split_key="-x"
    )
    assert arguments(options) == [
        "7", "--format=CSV", "--output=-", "--as=ada@example.com", "--all", "--split-key=-x",
    ]  # fmt: skip


def test_each_option_of_label_studio_export_is_one_of_the_command(project: Project) -> None:
    everything = ExportCommandOptions(
        directory="dir", project=project.pk, output="-", as_="admin@example.com", all=True, view=1, filter="{}",
        ids="1", since="2026-01-01", completions="newest", people="1", no_skipped=True, predictions="none",
        anonymous=True, media=True, split="a=1", split_key="x", split_seed="y",
    )  # fmt: skip
    with pytest.raises(
        CommandError, match="cannot hold media"
    ):  # all were understood: JSON is what is refused
        run(*arguments(everything))


def test_a_directory_without_a_project_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LABEL_STUDIO_DIR", "")  # put back behind the test, for the command sets it
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    assert run_export(ExportCommandOptions(directory=str(tmp_path))) == 1
    assert "There is no project in" in capsys.readouterr().err
