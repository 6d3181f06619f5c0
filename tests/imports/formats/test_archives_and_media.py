"""Archives and media files: what is in them becomes tasks; traps are refused by declared limits."""

from __future__ import annotations

import bz2
import gzip
import io
import struct
import sys
import tracemalloc
import zipfile

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.imports.formats import CATALOGUE, UnreadableFile, detect
from apps.labeling.config import parse
from tests.factories import make_picture
from tests.imports.formats.packing import tarred, zipped
from tests.imports.formats.reading import (
    IMAGE,
    NOTHING,
    TEXT,
    Limits,
    Row,
    Store,
    items_of,
    problems_of,
    values_of,
)

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PICTURE = make_picture()
PACKERS = {"zip": zipped, "tar": tarred, "tgz": lambda files: tarred(files, "w:gz")}


@pytest.mark.parametrize("kind", PACKERS)
def test_the_files_of_an_archive_are_read_one_after_another_each_by_what_it_holds(kind):
    files = {
        "a.json": '[{"text": "a"}]',
        "deep/b.csv": "text\nb\n",
        "c.txt": "c\n",
        "d": '{"text": "d"}\n{"text": "e"}',
    }
    assert items_of(PACKERS[kind](files), f"all.{kind}") == [
        Row({"text": "a"}, f"all.{kind} › a.json › row 1"),
        Row({"text": "b"}, f"all.{kind} › deep/b.csv › line 2"),
        Row({"text": "c"}, f"all.{kind} › c.txt › line 1"),
        Row({"text": "d"}, f"all.{kind} › d › line 1"),
        Row({"text": "e"}, f"all.{kind} › d › line 2"),
    ]


@settings(deadline=None)
@given(
    st.dictionaries(
        st.text("abc/", min_size=1, max_size=8).map(
            lambda name: name.strip("/").replace("//", "/") + "x.jsonl"
        ),
        st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=9), min_size=1, max_size=4),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from(sorted(PACKERS)),
)
def test_what_was_packed_is_read_again(files, kind):
    packed = {
        name: b"\n".join(orjson.dumps({"text": text}) for text in texts) for name, texts in files.items()
    }
    assert values_of(PACKERS[kind](packed)) == [{"text": text} for texts in files.values() for text in texts]


@pytest.mark.parametrize(
    ("compress", "suffix"), [(gzip.compress, "gz"), (bz2.compress, "bz2"), (zstd.compress, "zst")]
)
def test_compressed_files_are_read_as_what_is_in_them(compress, suffix):
    raw = compress(b'[{"text": "a"}]') if suffix != "gz" else compress(b'[{"text":') + compress(b' "a"}]')
    assert items_of(raw, f"a.json.{suffix}") == [Row({"text": "a"}, "row 1")]
    assert values_of(compress(b"text,n\na,1\n"), f"a.csv.{suffix}") == [{"text": "a", "n": "1"}]
    with pytest.raises(UnreadableFile, match="broken or cut off"):
        items_of(compress(b"text\n" + b"abc\n" * 9_000)[:-12], f"a.csv.{suffix}")


def test_media_files_are_stored_and_hidden_files_passed_over():
    store = Store()
    raw = zipped({"cats/1.png": PICTURE, "__MACOSX/._1.png": b"x", ".DS_Store": b"x", "empty/": b""})
    assert items_of(raw, "cats.zip", store=store, config=IMAGE) == [
        Row({"image": "/data/upload/cats/1.png"}, "cats.zip › cats/1.png")
    ]
    assert store.files == {"cats/1.png": PICTURE}


def test_a_file_in_an_archive_that_cannot_be_read_is_named_and_the_others_read():
    raw = zipped({"a.json": '[{"text": "a"}, {"te', "b.bin": b"\0\1\2\xff" * 9, "c.txt": "c", "d.csv": ""})
    items = items_of(raw, "all.zip")
    assert [item.value for item in items if isinstance(item, Row)] == [{"text": "a"}, {"text": "c"}]
    assert problems_of(raw, "all.zip") == [
        "all.zip › a.json › byte 20: The JSON ends in the middle of row 2: the file is cut off",
        "all.zip › b.bin: it is of no format that can be imported",
        "all.zip › d.csv: The file is empty. Its first line must name the columns",
    ]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (zipped({"../a.json": "[]"}), r"a.zip › ../a.json: The name of a file points to outside"),
        (zipped({"/etc/a.json": "[]"}), "points to outside"),
        (zipped({"a\\..\\..\\b.json": "[]"}), "points to outside"),
        (zipped({"C:\\a.json": "[]"}), "points to outside"),
        (tarred({"../a.json": "[]"}), "points to outside"),
        (zipped({"a.json@": "/etc/passwd"}), "a.zip › a.json: The archive holds a link"),
        (tarred({"a.json@": "/etc/passwd"}), "a.zip › a.json: The archive holds a link"),
        (zipped({"a.zip": zipped({"b.json": "[]"})}), "a.zip › a.zip: There is an archive in the archive"),
        (zipped({"a.gz": gzip.compress(b"x")}), "There is an archive in the archive"),
        (gzip.compress(zipped({"b.json": "[]"})), "There is an archive in the compressed file"),
        (gzip.compress(gzip.compress(b"text")), "There is an archive in the compressed file"),
        (gzip.compress(b""), "There is nothing in the compressed file"),
        (zipped({}), "There are no files in it"),
        (zipped({"a" * 2_000 + ".txt": "x"}), "longer than 1,024 characters"),
        (zipped({f"{number}.txt": "x" for number in range(21)}), "The archive holds more than 20 files"),
        (tarred({f"{number}.txt": "x" for number in range(21)}), "The archive holds more than 20 files"),
        (zipped({"a.txt": b"\n" * 1_000_000}), r"a.zip › a.txt: It grows more than 200 times"),
        (zipped({"a.txt": bytes(range(256)) * 20_000}), "More than 4,000,000 bytes come out of it"),
        (zipped({"a.json": "[1,2,3]" * 50})[:-40], "The archive is broken or cut off"),
        (gzip.compress(b"\n" * 1_000_000), "a.zip: It grows more than 200 times"),
        (zstd.compress(b"\n" * 1_000_000), "a.zip: It grows more than 200 times"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",  # a compressed file holds the time
)  # fmt: skip
def test_traps_are_refused_in_words(raw, expected):
    limits = Limits(members=20, uncompressed_bytes=4_000_000, ratio_from_bytes=500_000)
    with pytest.raises(UnreadableFile, match=expected):
        items_of(raw, "a.zip", limits=limits)


def test_an_encrypted_archive_is_refused():
    raw = bytearray(zipped({"a.json": "[]"}))
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(UnreadableFile, match=r"The archive is encrypted\. Pack it again without a password"):
        items_of(bytes(raw), "a.zip")


def test_a_member_that_declares_less_than_comes_out_gives_no_more_than_it_declares():
    raw = bytearray(zipped({"a.txt": b"a\n" * 500_000}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", raw, raw.index(mark) + offset, 10)
    assert problems_of(bytes(raw), "a.zip")[0].startswith("a.zip › a.txt: The compressed data is broken")


def test_memory_stays_flat_over_a_bomb():
    bomb = io.BytesIO()
    with (
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.json", "w", force_zip64=True) as file,
    ):
        for _ in range(60):
            file.write(b" " * 1_000_000)
    tracemalloc.start()
    for raw in (bomb.getvalue(), gzip.compress(b" " * 50_000_000)):
        with pytest.raises(UnreadableFile, match="grows more than 200 times"):
            items_of(raw, "a")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 55_000_000  # of 110 MB; the second bomb itself is made within


def test_a_long_header_in_a_tar_is_refused():
    header = tarred({"a.txt": "x"})[:512]
    long = bytearray(header)
    long[156:157] = b"x"
    long[124:136] = b"%011o\0" % 5_000_000
    long[148:156] = b" " * 8
    long[148:156] = b"%06o\0 " % sum(long)
    with pytest.raises(UnreadableFile, match="A header in the archive is longer"):
        items_of(bytes(long) + b"\0" * 6_000_000, "a.tar")


HEADS = {
    "image": [
        PICTURE, make_picture(format="JPEG"), make_picture(format="GIF"), make_picture(format="WEBP"),
        make_picture(format="BMP"), make_picture(format="TIFF"),
        b'<?xml version="1.0"?>\n<!-- a --><svg xmlns="http://www.w3.org/2000/svg"/>',
    ],
    "audio": [
        b"RIFF\x24\0\0\0WAVEfmt ", b"ID3\x04\0\0", b"\xff\xfb\x90\x64", b"fLaC\0\0",
        b"OggS\0\x02" + b"\0" * 22 + b"vorbis",
        b"\0\0\0\x1cftypM4A \0\0", b"FORM\0\0\0\x10AIFFCOMM", b"\xff\xf1\x50\x80",
    ],
    "video": [
        b"\0\0\0\x18ftypmp42\0\0", b"\x1aE\xdf\xa3\x01\0\0", b"RIFF\x24\0\0\0AVI LIST", b"\0\0\0\x14ftypqt  \0\0",
        b"OggS\0\x02" + b"\0" * 22 + b"\x80theora",
    ],
    "html": [b"<!DOCTYPE html><p>a</p>", b"\n<html><body>a", b"\xef\xbb\xbf<div class='a'>b</div>"],
    "pdf": [b"%PDF-1.7\n"],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "head"), [(kind, head) for kind, heads in HEADS.items() for head in heads])
def test_media_is_told_by_its_content_whatever_its_name(kind, head):
    assert detect("wrong.csv", head).name == "MEDIA"
    assert values_of(head, "wrong.csv", config=NOTHING) == [
        {kind: head.decode("utf-8-sig") if kind == "html" else "/data/upload/wrong.csv"}
    ]


@pytest.mark.parametrize(
    "head", [b"BMW is a car", b"\xff\xfeT\0e\0x\0t\0", b"<3 this", "π".encode(), b"ID,text\n1,a", b"%PD"]
)
def test_text_is_not_taken_for_media(head):
    assert detect("a.txt", head).name == "TXT"


def test_a_page_goes_into_the_task_or_by_its_address_as_the_config_shows_it():
    page = b"<html><p>a</p></html>"
    by_address = parse('<View><HyperText name="h" value="$page" valueType="url"/></View>')
    assert values_of(page, "a.html", config=by_address) == [{"page": "/data/upload/a.html"}]
    inline = parse('<View><HyperText name="h" value="$page"/></View>')
    assert values_of(page, "a.html", config=inline) == [{"page": page.decode()}]


def test_media_for_which_the_config_has_no_variable_is_refused():
    two = parse('<View><Text name="a" value="$a"/><Text name="b" value="$b"/></View>')
    with pytest.raises(
        UnreadableFile, match=r"variables \$a, \$b, and none of them is shown by a tag for image"
    ):
        items_of(PICTURE, "a.png", config=two)


@pytest.mark.parametrize("name", ["a.json", "a.csv", "a.png", "", "a.zip"])
def test_bytes_of_no_format_are_refused(name):
    with pytest.raises(UnreadableFile, match="no format that can be imported"):
        items_of(b"\0\1\2\3\xff\xfe" * 20, name)


@settings(deadline=None)
@given(st.sampled_from(sorted(CATALOGUE)), st.binary(max_size=40), st.booleans(), st.integers(0, 500))
def test_no_bytes_whatever_make_a_reader_fail_otherwise_than_in_words(entry, noise, whole, cut):
    example = CATALOGUE[entry].example
    raw = example.encode() if isinstance(example, str) else example
    for damaged in (noise, raw[:cut] + noise, raw[:cut] + noise + raw[cut + len(noise) * whole :]):
        for config in (TEXT, IMAGE):
            try:
                items_of(damaged, "file", entry, config=config)
            except UnreadableFile as error:
                assert error.reason  # noqa: PT017 - any other error fails the test
