"""Folders on this machine are read in the order of their files' names, links and hidden files passed over."""

from __future__ import annotations

import pytest

from apps.imports.formats import CATALOGUE, ReadOptions, UnreadableFile, UnreadableRow
from apps.imports.formats.archives import read_container
from apps.imports.formats.folder import FolderContainer
from tests.factories import make_picture
from tests.imports.formats.reading import IMAGE, Limits, Row, Store

PICTURE = make_picture()


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "data"
    files = {
        "b.json": b'[{"text": "b"}]',
        "a/1.json": b'{"text": "a"}',
        "a/broken.json": b"[{",
        "c.txt": b"c\n\nd\n",
        "a/2": PICTURE,
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


def test_each_file_is_read_as_what_it_is(folder):
    store = Store()
    container = FolderContainer(folder, Limits(), store)
    assert list(read_container(container, ReadOptions(IMAGE), CATALOGUE)) == [
        Row({"text": "b"}, "data › b.json › row 1"),
        Row({"image": "c"}, "data › c.txt › line 1"),
        Row({"image": "d"}, "data › c.txt › line 3"),
        Row({"text": "a"}, "data › a/1.json › row 1"),
        Row({"image": "/data/upload/a/2"}, "data › a/2"),
        UnreadableRow(
            "The JSON ends in the middle of row 1: the file is cut off", "data › a/broken.json › byte 2"
        ),
    ]
    assert store.files == {"a/2": PICTURE}


def test_an_annotated_set_in_a_folder_is_read_as_a_whole(tmp_path):
    for name, content in {
        "classes.txt": b"cat",
        "images/1.png": PICTURE,
        "labels/1.txt": b"0 .5 .5 1 1",
    }.items():
        (tmp_path / "set" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / name).write_bytes(content)
    container = FolderContainer(tmp_path / "set", Limits(), Store())
    (row,) = read_container(container, ReadOptions(IMAGE), CATALOGUE)
    assert isinstance(row, Row)
    assert row.value["data"] == {"image": "/data/upload/images/1.png"}
    assert row.value["predictions"][0]["result"][0]["value"]["rectanglelabels"] == ["cat"]


def test_no_folder_and_too_many_files_are_refused(folder):
    with pytest.raises(UnreadableFile, match="There is no such folder"):
        FolderContainer(folder / "gone", Limits(), Store())
    with pytest.raises(UnreadableFile, match="The folder holds more than 3 files"):
        FolderContainer(folder, Limits(members=3), Store())
