"""Folders on this machine are read in the order of their files' names, links and hidden files passed over."""

from __future__ import annotations

import pytest

from apps.imports.formats import CATALOGUE, LIMITS, ReadOptions, UnreadableFile, UnreadableRow
from apps.imports.formats.directories import read_folder
from tests.factories import make_picture
from tests.imports.formats.reading import IMAGE, TEXT, Limits, Row, Store

PICTURE = make_picture()


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "data"
    files = {
        "b.json": b'[{"text": "b"}]',
        "a/1.json": b'{"text": "a"}',
        "a/broken.json": b"[{",
        "c.txt": b"c\n\nd\n",
        "1.png": PICTURE,
        "a/2": PICTURE,
        "tune.wav": b"RIFF\x24\0\0\0WAVEfmt ",
        ".hidden.json": b"[1]",
        ".git/x.json": b"[1]",
    }
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    (tmp_path / "secret.json").write_bytes(b'[{"text": "secret"}]')
    (root / "link.json").symlink_to(tmp_path / "secret.json")
    (root / "up").symlink_to(tmp_path)
    return root


def read(path, kind, config=TEXT, limits=LIMITS, **options):
    return list(read_folder(path, kind, ReadOptions(config, limits=limits), CATALOGUE, **options))


def test_a_folder_of_json_files(folder):
    assert read(folder, "json-dir") == [
        Row({"text": "b"}, "data › b.json › row 1"),
        Row({"text": "a"}, "data › a/1.json › row 1"),
        UnreadableRow(
            "The JSON ends in the middle of row 1: the file is cut off", "data › a/broken.json › byte 2"
        ),
    ]


def test_a_folder_of_texts(folder):
    for name in ("1.png", "a/2", "tune.wav"):
        (folder / name).unlink()
    texts = [item.value["text"] for item in read(folder, "text-dir") if isinstance(item, Row)]
    assert texts == ['[{"text": "b"}]', "c", "d", '{"text": "a"}', "[{"]


def test_a_folder_of_images_is_stored_or_served_from_where_it_lies(folder):
    store = Store()
    assert read(folder, "image-dir", IMAGE, store_media=store) == [
        Row({"image": "/data/upload/1.png"}, "data › 1.png"),
        Row({"image": "/data/upload/a/2"}, "data › a/2"),
    ]
    assert store.files == {"1.png": PICTURE, "a/2": PICTURE}
    served = read(
        folder, "image-dir", IMAGE, address=lambda path: f"/data/local-files/?d={path.relative_to(folder)}"
    )
    assert [item.value["image"] for item in served] == [
        "/data/local-files/?d=1.png",
        "/data/local-files/?d=a/2",
    ]


def test_a_folder_of_recordings(folder):
    assert [item.place for item in read(folder, "audio-dir", store_media=Store())] == ["data › tune.wav"]


def test_a_folder_of_anything_reads_each_file_as_what_it_is(folder):
    items = read(folder, None, IMAGE, store_media=Store())
    assert [item.place for item in items if isinstance(item, Row)] == [
        "data › 1.png", "data › b.json › row 1", "data › c.txt › line 1", "data › c.txt › line 3",
        "data › tune.wav",
        "data › a/1.json › row 1", "data › a/2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("xml-dir", r'no kind of folder "xml-dir". There are json-dir, text-dir'),
        ("audio-dir", "no file for audio-dir"),
    ],
)
def test_a_folder_without_such_files_is_refused(folder, kind, expected):
    (folder / "tune.wav").unlink()
    with pytest.raises(UnreadableFile, match=expected):
        read(folder, kind)


def test_no_folder_and_too_many_files_are_refused(folder):
    with pytest.raises(UnreadableFile, match="There is no such folder"):
        read(folder / "gone", None)
    with pytest.raises(UnreadableFile, match="The folder holds more than 3 files"):
        read(folder, "json-dir", limits=Limits(members=3))
