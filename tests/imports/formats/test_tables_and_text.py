"""CSV, TSV and plain text, in whatever dialect and encoding."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.imports.formats import CATALOGUE, ReadOptions, Source, UnreadableFile, read_rows
from apps.labeling.config import parse
from tests.imports.formats.reading import NOTHING, TEXT, Limits, Row, Store, items_of, problems_of, values_of

cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), max_size=12)


@settings(deadline=None)
@given(
    st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=10),
    st.sampled_from(["CSV", "TSV"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_was_written_as_a_table_is_read_again(rows, entry, quoting, end):
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter="\t" if entry == "TSV" else ",", quoting=quoting, lineterminator=end)
    writer.writerows([("text", "shop", "note"), *rows])
    expected = [dict(zip(("text", "shop", "note"), row, strict=True)) for row in rows]
    assert values_of(file.getvalue(), entry=entry, encoding="utf-8") == expected


@settings(deadline=None)
@given(st.lists(cells.map(lambda cell: "x" + cell.replace("\n", " ").strip() + "x"), min_size=1, max_size=10))
def test_what_was_written_as_lines_is_read_again(lines):
    assert values_of("\n".join(lines), "a.txt", "TXT", encoding="utf-8") == [{"text": line} for line in lines]


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_no_bytes_whatever_make_the_readers_fail_otherwise_than_in_words(raw):
    for entry in ("CSV", "TSV", "TXT"):
        for prefix in (b"", b"a,b\n"):
            try:
                items_of(prefix + raw, entry=entry)
            except UnreadableFile as error:
                assert error.reason  # noqa: PT017 - any other error fails the test


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(delimiter):
    lines = [["text", "price"], ["a, b; c", "1"], ["d", "2,5"]]
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows(lines)
    assert values_of(file.getvalue(), "a.csv") == [
        {"text": "a, b; c", "price": "1"},
        {"text": "d", "price": "2,5"},
    ]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "Grüße, 世界"),
        ("utf-8-sig", "Grüße, 世界"),
        ("utf-16", "Grüße, 世界"),
        ("utf-16-le", "Grüße aus Köln"),
        ("utf-16-be", "Grüße aus Köln"),
        ("utf-32", "Grüße"),
        ("cp1252", "Die Grüße der Mädchen aus Köln, schön und groß, über Äpfel – für später"),
        ("cp1251", "Съешь же ещё этих мягких французских булок, да выпей чаю"),
        ("shift_jis", "これは日本語の文章です。文字コードを判定します。"),
    ],
)
def test_the_encoding_is_found_out(encoding, text):
    raw = ("text\n" + "\n".join([f'"{text}"'] * 20)).encode(encoding)
    assert values_of(raw, "a.csv") == [{"text": text}] * 20
    assert values_of(raw, "a.txt")[1:] == [{"text": f'"{text}"'}] * 20


def test_a_named_encoding_is_taken_and_an_unknown_one_refused():
    assert values_of("text\nñ".encode("cp850"), "a.csv", encoding="cp850") == [{"text": "ñ"}]
    with pytest.raises(UnreadableFile, match='no encoding named "utf-9"'):
        items_of("text\na", "a.csv", encoding="utf-9")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_end_of_line_will_do(end):
    assert values_of(f"text,n{end}a,1{end}b,2{end}", "a.csv") == [
        {"text": "a", "n": "1"},
        {"text": "b", "n": "2"},
    ]
    assert values_of(f"a{end}{end} b {end}", "a.txt") == [{"text": "a"}, {"text": "b"}]


def test_a_cell_may_hold_lines_and_rows_are_named_by_their_first():
    raw = 'text,n\n"a\nb",1\n\nc,2\nd\n'
    assert items_of(raw, "a.csv")[:2] == [
        Row({"text": "a\nb", "n": "1"}, "line 2"),
        Row({"text": "c", "n": "2"}, "line 5"),
    ]
    assert problems_of(raw, "a.csv") == ["line 6: it has 1 cell, the header has 2"]


def test_ragged_rows_are_named_and_the_others_read():
    raw = "text,n\na,1\nb\nc,2,3\nd,4"
    assert problems_of(raw, "a.csv") == [
        "line 3: it has 1 cell, the header has 2",
        "line 4: it has 3 cells, the header has 2",
    ]
    assert [item.value["text"] for item in items_of(raw, "a.csv") if isinstance(item, Row)] == ["a", "d"]


def test_broken_utf8_is_named_by_line_and_byte_and_the_others_read():
    raw = "text,n\nGrüße,1\nübel".encode() + b"\xff,2\nd,4"
    assert problems_of(raw, "a.csv") == [
        'line 3: "text" is not UTF-8 (byte 6 of it, 0xFF); save the file as UTF-8'
    ]
    assert problems_of("Grüße\nübel".encode() + b"\xff\nd", "a.txt") == [
        "line 2: it is not UTF-8 (byte 6 of it, 0xFF); save the file as UTF-8"
    ]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("", "The file is empty"),
        ("text,n\n", "a header but no row"),
        ("text,n", "a header but no row"),
        ("\n\n", "Its first line must name the columns"),
        ("text,text\na,b", 'header: Two columns are named "text"'),
        ('text\n"a' + "b\n" * 200, r"line \d+: A cell is too long; a quotation mark"),
        ("c" * 70 + ",a" * 20, "header: The table has 21 columns; 10 are allowed"),
    ],
)
def test_a_table_that_cannot_be_read_says_why(raw, expected):
    with pytest.raises(UnreadableFile, match=expected):
        items_of(raw, "a.csv", "CSV", limits=Limits(row_bytes=150, columns=10))


def test_a_column_without_a_name_is_called_after_its_place():
    assert values_of(",text\n0,a\n", "a.csv") == [{"column 1": "0", "text": "a"}]


def test_columns_fill_variables():
    assert values_of("body,n\na,1\n", "a.csv", columns={"text": "body"}) == [{"n": "1", "text": "a"}]
    assert problems_of("body,n\na,1\n", "a.csv", columns={"text": "title"}) == [
        'line 2: it has no column "title", which is to fill a variable'
    ]


def test_a_table_can_be_one_tasks_time_series():
    store = Store()
    raw = "time,value\n1,2\n"
    assert items_of(raw, "a.csv", csv_as="time series", store=store, config=NOTHING) == [
        Row({"csv": "/data/upload/a.csv"}, "a.csv")
    ]
    assert store.files == {"a.csv": raw.encode()}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ('[{"text": "a"}]', "JSON"),
        ('{"text": "a"}\n{"text": "b"}', "JSONL"),
        ("text,n\na,1\n", "CSV"),
        ("text\tn\na\t1\n", "TSV"),
        ("a parcel, they say\nit broke\n", "TXT"),
        ("only one line, with a comma", "TXT"),
    ],
)
def test_pasted_text_is_told_apart_by_what_it_holds(raw, expected):
    items = items_of(raw)
    assert items == items_of(raw, entry=expected)


def test_a_long_line_is_refused_without_reading_it_to_its_end():
    stream = io.BytesIO(b"a" * 5_000_000)
    options = ReadOptions(TEXT, limits=Limits(row_bytes=1_000))
    with pytest.raises(UnreadableFile, match="line 1: The line is longer than 1,000 bytes"):
        list(read_rows(Source("a.txt", stream, 5_000_000), CATALOGUE["TXT"], options))
    assert stream.tell() < 1_000_000


def test_plain_text_needs_one_variable_to_go_to():
    two = parse('<View><Text name="a" value="$a"/><Text name="b" value="$b"/></View>')
    with pytest.raises(UnreadableFile, match=r"several variables as <Text> \(\$a, \$b\)"):
        items_of("x", "a.txt", config=two)
    assert values_of("x", "a.txt", config=NOTHING) == [{"text": "x"}]
