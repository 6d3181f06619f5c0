"""Excel workbooks and Parquet and Arrow files are read row by row."""

from __future__ import annotations

import datetime
import decimal
import io
import zipfile

import openpyxl
import pyarrow
import pyarrow.ipc
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.imports.formats import UnreadableFile, detect
from tests.imports.formats.packing import zipped
from tests.imports.formats.reading import Limits, Row, items_of, problems_of, values_of

cells = (
    st.text(st.characters(exclude_categories=["C"], exclude_characters="_"), min_size=1, max_size=10).filter(
        lambda text: not text.startswith("=") and text.strip() == text
    )
    | st.integers(-(2**31), 2**31)
    | st.booleans()
    | st.sampled_from([0.5, -2.25, 1e10])
)


def workbook(*rows: tuple) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def rebuilt(raw: bytes, **parts: bytes) -> bytes:
    """Return a workbook with some of its parts replaced, by the last piece of their names."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    for part, content in parts.items():
        name = next((name for name in files if name.endswith(f"/{part}.xml")), f"xl/{part}.xml")
        files[name] = content
    return zipped(files)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=6))
def test_what_was_written_as_a_workbook_is_read_again(rows):
    raw = workbook(("text", "n"), *rows)
    assert values_of(raw, "a.xlsx") == [{"text": text, "n": number} for text, number in rows]


def test_a_workbook_is_told_by_its_parts_in_whatever_order_and_whatever_its_name():
    with zipfile.ZipFile(io.BytesIO(workbook(("text",), ("a",)))) as archive:
        parts = {name: archive.read(name) for name in sorted(archive.namelist(), reverse=True)}
    assert detect("a.zip", zipped(parts)).name == "XLSX"
    assert values_of(zipped(parts)) == [{"text": "a"}]
    assert detect("a.zip", zipped({"photos/xl/theme/a.png": "x", "b.txt": "xl"})).name == "ZIP"


def test_every_row_of_a_long_sheet_is_read():
    rows = [(f"text {number}", number) for number in range(3_000)]
    assert values_of(workbook(("text", "n"), *rows)) == [{"text": text, "n": number} for text, number in rows]


def test_dates_are_iso_8601_and_empty_cells_empty_texts_and_empty_rows_passed_over():
    raw = workbook(
        ("text", "when", "n"), ("a", datetime.datetime(2024, 5, 6, 7, 8), None), (), (None, None, 2)
    )
    assert items_of(raw, "a.xlsx") == [
        Row({"text": "a", "when": "2024-05-06T07:08:00", "n": ""}, "row 2"),
        Row({"text": "", "when": "", "n": 2}, "row 4"),
    ]


def test_a_row_with_more_cells_than_the_header_is_named():
    raw = workbook(("text",), ("a", "b"), ("c",))
    assert problems_of(raw, "a.xlsx") == ["row 2: it has 2 cells, the header has 1"]
    assert Row({"text": "c"}, "row 3") in items_of(raw, "a.xlsx")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (workbook(), "The first sheet is empty"),
        (workbook(("text",)), "a header but no row"),
        (workbook(("text", "text"), ("a", "b")), 'Two columns are named "text"'),
        (zipped({"[Content_Types].xml": "", "xl/workbook.xml": ""}), "The workbook cannot be read"),
        (workbook(("text",), ("a",))[:-100], "broken or cut off"),
        (rebuilt(workbook(("text",), ("a",)), sheet1=b"<worksheet><sheetData><row><c>"), "The workbook cannot be read"),
        (rebuilt(workbook(("text",), ("a",)), sheet1=b"<!DOCTYPE a [<!ENTITY b 'c'>]><worksheet/>"), "a declaration"),
        (rebuilt(workbook(("text",), ("a",)), sharedStrings=b" " * 3_000_000), "It grows more than 200 times"),
        (rebuilt(workbook(("text",), ("a",)), sharedStrings=bytes(range(256)) * 800), "is longer than 100,000 bytes"),
        (rebuilt(workbook(("text",), ("a",)), sheet1=b"<row>" + bytes(range(256)) * 800), "A row is longer"),
    ],
)  # fmt: skip
def test_a_workbook_that_cannot_be_read_says_why(raw, expected):
    limits = Limits(ratio_from_bytes=1_000_000, shared_strings_bytes=100_000, row_bytes=50_000)
    with pytest.raises(UnreadableFile, match=expected):
        items_of(raw, "a.xlsx", limits=limits)


def test_a_number_that_is_infinite_is_named():
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>' + (
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>n</t></is></c></row><row r="2"><c r="A2"><v>1e400</v></c></row>'
        b"</sheetData></worksheet>"
    )
    raw = rebuilt(workbook(("text",), ("a",)), sheet1=sheet)
    assert problems_of(raw, "a.xlsx") == ['row 2: "n" is a number that is too large; write it as a text']


def arrow(table: pyarrow.Table, kind: str) -> bytes:
    file = io.BytesIO()
    if kind == "parquet":
        pyarrow.parquet.write_table(table, file)
    else:
        writer = pyarrow.ipc.new_file if kind == "arrow" else pyarrow.ipc.new_stream
        with writer(file, table.schema) as opened:
            opened.write_table(table, max_chunksize=2)
    return file.getvalue()


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "text": st.text(st.characters(exclude_categories=["Cs"]), max_size=9),
                "n": st.none() | st.integers(-(2**63), 2**63 - 1),
                "tags": st.lists(st.text("ab", max_size=3), max_size=3),
            }
        ),
        min_size=1,
        max_size=7,
    ),
    st.sampled_from(["parquet", "arrow", "arrow stream"]),
)
def test_what_was_written_as_parquet_or_arrow_is_read_again(rows, kind):
    schema = pyarrow.schema(
        [("text", pyarrow.string()), ("n", pyarrow.int64()), ("tags", pyarrow.list_(pyarrow.string()))]
    )
    assert values_of(arrow(pyarrow.Table.from_pylist(rows, schema), kind), "data") == rows


def test_values_that_json_does_not_have_are_written_in_its_way():
    row = {
        "when": datetime.datetime(2024, 5, 6, 7, 8, tzinfo=datetime.UTC),
        "price": decimal.Decimal("1.50"),
        "raw": b"\0\1",
        "nan": float("nan"),
        "box": {"x": 1},
    }
    assert values_of(arrow(pyarrow.Table.from_pylist([row]), "parquet")) == [
        {"when": "2024-05-06T07:08:00+00:00", "price": "1.50", "raw": "AAE=", "nan": None, "box": {"x": 1}}
    ]


def test_an_infinite_number_is_named():
    raw = arrow(pyarrow.table({"n": [1.0, float("inf")]}), "parquet")
    assert problems_of(raw) == ["row 2: an infinite number has no place in JSON"]


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_a_broken_file_says_so(kind):
    raw = arrow(pyarrow.table({"text": ["a"] * 100}), kind)
    with pytest.raises(UnreadableFile, match="The file is broken"):
        items_of(raw[:-20], "a")
    with pytest.raises(UnreadableFile, match="There is no row"):
        items_of(arrow(pyarrow.table({"text": pyarrow.array([], pyarrow.string())}), kind), "a")
    with pytest.raises(UnreadableFile, match="The table has 3 columns; 2 are allowed"):
        items_of(arrow(pyarrow.table({"a": [1], "b": [1], "c": [1]}), kind), "a", limits=Limits(columns=2))
