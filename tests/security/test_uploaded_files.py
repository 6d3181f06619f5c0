"""What people upload is stored under safe names and served so that it cannot act in the server's name."""

from __future__ import annotations

import io
import os
import re
import time
from pathlib import Path

import pytest

from apps.imports.content_types import content_type_of
from apps.imports.formats.signatures import media_type
from apps.imports.uploads import store_upload
from tests.factories import make_picture, make_upload

HOSTILE_NAMES = [
    "../../x", "..\\..\\x", "x\0.png", "a" * 300 + ".png", "\u202egnp.exe", "CON", "nul.txt", "/etc/passwd", "",
    ".", "..", ".htaccess", "a b&c;d|e$(f).png", "ümlaut 日本.json", "%2e%2e%2fx", "a\r\nSet-Cookie: x",
]  # fmt: skip


@pytest.fixture(autouse=True)
def own_media_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_hostile_name_becomes_a_safe_one_inside_the_folder_and_is_served(cast, api, settings, name):
    upload = store_upload(project=cast.project, name=name, stream=io.BytesIO(b"hello"), created_by=cast.owner)

    assert re.fullmatch(
        rf"upload/{cast.project.pk}/[0-9a-f]{{24}}-[A-Za-z0-9][A-Za-z0-9._-]{{0,79}}", upload.file
    )
    (stored,) = (path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())
    assert stored.is_relative_to(Path(settings.MEDIA_ROOT) / "upload" / str(cast.project.pk))
    response = api(cast.viewer).get(upload.url)
    assert (response.status_code, b"".join(response.streaming_content)) == (200, b"hello")
    assert "\n" not in response["Content-Disposition"]


HTML = b"<!DOCTYPE html><script>alert(1)</script>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
XSLT = b'<?xml version="1.0"?><?xml-stylesheet href="x"?><a/>'


@pytest.mark.parametrize(
    ("name", "content", "served_as", "place"),
    [
        ("page.html", HTML, "text/plain; charset=utf-8", "attachment"),
        ("photo.png", HTML, "text/plain; charset=utf-8", "attachment"),
        ("photo.png", b"  <!-- x --><script>alert(1)</script>", "text/plain; charset=utf-8", "attachment"),
        ("drawing.svg", SVG, "image/svg+xml", "attachment"),
        ("data.xml", XSLT, "application/xml", "attachment"),
        ("report.pdf", b"%PDF-1.4 <script>alert(1)</script>", "application/pdf", "attachment"),
        ("x.js", b"alert(1)", "text/plain; charset=utf-8", "inline"),
        ("x.html", b"GIF89a/*<script>alert(1)</script>", "image/gif", "inline"),
        ("x.css", b"body{}", "text/plain; charset=utf-8", "inline"),
        ("x.html", b"\x00\x01\x02<script>", "application/octet-stream", "inline"),
    ],
)  # fmt: skip
def test_what_can_hold_scripts_is_sandboxed_whatever_it_is_called(cast, api, name, content, served_as, place):
    upload = make_upload(cast.project, content, name)
    response = api(cast.annotator).get(upload.url)
    expected = "text/plain; charset=utf-8" if served_as == "application/xml" else served_as
    assert response["Content-Type"] == expected
    assert response["Content-Disposition"].startswith(place)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert "script" not in response["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (make_picture(), "image/png"),
        (make_picture(format="JPEG"), "image/jpeg"),
        (make_picture(format="GIF"), "image/gif"),
        (make_picture(format="WEBP"), "image/webp"),
        (make_picture(format="BMP"), "image/bmp"),
        (make_picture(format="TIFF"), "image/tiff"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"ID3\x03\x00", "audio/mpeg"),
        (b"\xff\xfb\x90\x64", "audio/mpeg"),
        (b"OggS\x00\x02" + b"\0" * 22 + b"\x01\x1eOpusHead", "audio/ogg"),
        (b"fLaC\x00", "audio/flac"),
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm", "video/webm"),
        ("текст".encode() * 1000, "text/plain; charset=utf-8"),
        (b"", "text/plain; charset=utf-8"),
    ],
)
def test_the_type_is_found_by_content(content, kind):
    assert content_type_of(content[:4096]) == kind


def test_only_members_of_the_project_read_its_files(cast, api):
    upload = make_upload(cast.project, b"hello", "a.txt")
    codes = {name: api(person).get(upload.url).status_code for name, person in cast.people().items()}
    assert codes == dict.fromkeys(cast.people(), 200) | {"stranger": 404}
    assert api(None).get(upload.url).status_code == 401


@pytest.mark.parametrize(
    ("asked", "status", "body", "content_range"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=4-", 206, b"456789", "bytes 4-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=-99", 206, b"0123456789", "bytes 0-9/10"),
        ("bytes=0-1,4-5", 200, b"0123456789", None),
        ("bytes=-", 200, b"0123456789", None),
        ("lines=0-1", 200, b"0123456789", None),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=5-4", 416, b"", "bytes */10"),
        ("bytes=-0", 416, b"", "bytes */10"),
    ],
)
def test_players_can_seek(cast, api, asked, status, body, content_range):
    upload = make_upload(cast.project, b"0123456789", "a.txt")
    response = api(cast.viewer).get(upload.url, HTTP_RANGE=asked)
    assert response.status_code == status
    assert (b"".join(response.streaming_content) if response.streaming else response.content) == body
    assert response.get("Content-Range") == content_range
    assert response["Accept-Ranges"] == "bytes"


def test_a_file_that_the_browser_has_is_not_sent_again(cast, api):
    upload = make_upload(cast.project, b"0123456789", "a.txt")
    first = api(cast.viewer).get(upload.url)
    assert first["Cache-Control"] == "private, max-age=86400, immutable"
    again = api(cast.viewer).get(upload.url, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/data/upload/1/../../secret_key", "/data/upload/1/..%2f..%2fsecret_key", "/data/upload/1/%2e%2e/x",
        "/data/upload/../upload/1/x", "/data/upload/1//etc/passwd", "/data/../secret_key", "/media/upload/1/x",
        "/static../manage.py", "/static/..%2fmanage.py", "/data/upload/1/",
    ],
)  # fmt: skip
def test_paths_that_climb_are_not_found(cast, api, path):
    assert api(cast.administrator).get(path).status_code == 404


# --- Local files --------------------------------------------------------------------------------------------


@pytest.fixture
def root(settings, tmp_path):
    root = tmp_path / "shared"
    (root / "inner").mkdir(parents=True)
    (root / "inner" / "a.txt").write_text("inside")
    (tmp_path / "secret.txt").write_text("outside")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    (root / "linked").symlink_to(tmp_path)
    os.mkfifo(root / "pipe")
    settings.LOCAL_FILES_ROOTS = [str(root)]
    return root


def asked(api, person, path):
    return api(person).get("/data/local-files/", {"d": path})


def test_local_files_are_off_by_default(cast, api, tmp_path):
    (tmp_path / "a.txt").write_text("x")
    assert asked(api, cast.administrator, str(tmp_path / "a.txt")).status_code == 404


def test_files_below_a_root_are_served_to_people_who_are_signed_in(cast, api, root):
    for path in ("inner/a.txt", str(root / "inner" / "a.txt")):
        response = asked(api, cast.viewer, path)
        assert (response.status_code, b"".join(response.streaming_content)) == (200, b"inside")
        assert response["X-Content-Type-Options"] == "nosniff"
    assert asked(api, None, "inner/a.txt").status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt", "inner/../../secret.txt", "/etc/passwd", "link.txt", "linked/secret.txt", "inner", "", ".",
        "inner/a.txt\0", "pipe", "nothing.txt", "inner/a.txt/", "//etc/passwd", "%2e%2e/secret.txt",
    ],
)  # fmt: skip
def test_nothing_outside_the_roots_and_nothing_but_files_is_served(cast, api, root, path):
    response = asked(api, cast.administrator, path)
    if path == "inner/a.txt/":  # the same file, written with a needless slash
        assert b"".join(response.streaming_content) == b"inside"
        return
    assert response.status_code == 404


@pytest.mark.parametrize("piece", ["<!---->", "<?x?>", "<!--", "<!-- a -->\n"])
def test_a_file_of_nothing_but_comments_is_told_at_once(piece):
    head = piece * 26
    started = time.thread_time()

    kind = content_type_of(head.encode())
    shown_as = media_type(head.encode(), "a.txt")

    assert (kind, shown_as) == ("text/plain; charset=utf-8", None)
    assert time.thread_time() - started < 1
