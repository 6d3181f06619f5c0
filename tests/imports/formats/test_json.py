"""JSON and JSON Lines are read as streams, and whatever is wrong with them is said with its place."""

from __future__ import annotations

import io
import json
import tracemalloc

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.imports.formats import CATALOGUE, ReadOptions, Source, UnreadableFile, read_rows
from apps.imports.formats import text as text_module
from tests.imports.formats.reading import TEXT, Limits, Row, items_of, problems_of, values_of

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=10,
)
tasks = st.lists(st.dictionaries(texts, json_values, max_size=4), min_size=1, max_size=12)


@settings(deadline=None, max_examples=30)
@given(
    tasks,
    st.sampled_from([None, 0, 2]),
    st.booleans(),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
def test_what_was_written_as_json_is_read_again(rows, indent, ascii_only, encoding):
    raw = json.dumps(rows, indent=indent, ensure_ascii=ascii_only).encode(encoding)
    assert values_of(raw, "tasks.json") == rows


@settings(deadline=None, max_examples=30)
@given(tasks, st.integers(1, 40))
def test_rows_are_read_whole_wherever_a_chunk_of_the_file_ends(rows, chunk):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("apps.imports.formats.json_elements.CHUNK", chunk)
        patch.setattr("apps.imports.formats.jsonl.CHUNK", chunk)
        assert values_of(json.dumps(rows), entry="JSON") == rows
        assert values_of("\n".join(json.dumps(row) for row in rows), entry="JSONL") == rows


@settings(deadline=None, max_examples=30)
@given(tasks, st.sampled_from(["\n", "\r\n", "\n\n"]), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_what_was_written_as_json_lines_is_read_again(rows, end, encoding):
    raw = end.join(json.dumps(row, ensure_ascii=False) for row in rows).encode(encoding)
    assert values_of(raw, "tasks.jsonl", "JSONL") == rows


@settings(deadline=None, max_examples=30)
@given(st.binary(max_size=60))
def test_no_bytes_whatever_make_the_json_readers_fail_otherwise_than_in_words(raw):
    for entry in ("JSON", "JSONL"):
        for prefix in (b"", b"[", b'[{"a": 1},', b'{"a":'):
            try:
                items_of(prefix + raw, entry=entry)
            except UnreadableFile as error:
                assert error.reason  # noqa: PT017 - any other error fails the test


def test_one_object_is_one_row_and_objects_after_one_another_are_many():
    assert items_of('{"text": "a"}') == [Row({"text": "a"}, "row 1")]
    assert values_of('{\n "text": "a"\n}\n{"text": "b"}') == [{"text": "a"}, {"text": "b"}]


def test_rows_are_counted_and_lines_are_named():
    assert items_of('[{"text": "a"}, 7]') == [Row({"text": "a"}, "row 1"), Row(7, "row 2")]
    assert items_of('{"text": "a"}\n\n{"text": "b"}\n', "a.jsonl") == [
        Row({"text": "a"}, "line 1"),
        Row({"text": "b"}, "line 3"),
    ]


@pytest.mark.parametrize("raw", ["[]", " [ \n ] "])
def test_an_empty_list_has_no_rows(raw):
    assert items_of(raw) == []


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", "The file is empty"),
        (b"  \n", "The file is empty"),
        (b"hello", r"is not JSON: it must start with \["),
        (b'[{"text": "a"}, {"te', "byte 20: The JSON ends in the middle of row 2: the file is cut off"),
        (b'[{"text": "a"}', "byte 14: The JSON ends in the middle of row 1: the file is cut off"),
        (b'{"text": "a"', "byte 12: The JSON ends in the middle of row 1"),
        (b'[{"text": "a"}] [1]', "byte 17: After the end of the list comes more"),
        (b'{"text": "a"} 7', "byte 15: After the end of row 1 comes something that is no task"),
        (
            b'\xff\xfe[\x00"\x00\x00\xd8"\x00]\x00',
            "near byte 6: The text is not UTF-16: illegal UTF-16 surrogate",
        ),
    ],
)
def test_a_file_that_cannot_be_read_says_where(raw, expected):
    with pytest.raises(UnreadableFile, match=expected):
        items_of(raw, entry="JSON")


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        (b'{"text": b}', "row 2 (line 2, byte 27): invalid character"),
        (b"", "row 2 (line 2, byte 18): there is nothing between two commas"),
        (b'{"n": NaN}', "row 2 (line 2, byte 24): NaN is no number in JSON; write null or a number"),
        (b'{"n": -Infinity}', "row 2 (line 2, byte 25): -Infinity is no number in JSON; write null or a number"),
        (b'{"n": 1e400}', "row 2 (line 2, byte 18): a number is too large; write it as a text"),
        (b'{"n": [1180591620717411303424]}',
         "row 2 (line 2, byte 18): a whole number does not fit into 64 bits at n[0]; write it as a text"),
        (b'{"text": "a\xffb"}', "row 2 (line 2, byte 29): byte 0xFF is no UTF-8; save the file as UTF-8"),
        (b'{"text": "\\ud800 alone"}',
         "row 2 (line 2, byte 34): it holds half of a surrogate pair (broken Unicode); mend the text"),
        (b'{"a": 1, "b": {"c": 1, "c": 2}}', 'row 2 (line 2, byte 18): the key "c" stands twice in one object'),
        (b"[" * 10_000 + b"]" * 10_000, "row 2 (line 2, byte 18): it is nested deeper than 200 levels"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_is_named_and_the_others_are_read(element, expected):
    raw = b'[{"text": "a"},\n ' + element + b', {"text": "c"}]'
    assert problems_of(raw) == [expected]
    assert [item.value for item in items_of(raw) if isinstance(item, Row)] == [{"text": "a"}, {"text": "c"}]


def test_a_line_that_cannot_be_read_is_named_and_the_others_are_read():
    raw = b'{"text": "a"}\n\n{"text": "\xff"}\n{"text": "c", "text": "d"}\n{"text"\n{"text": "e"}'
    assert problems_of(raw) == [
        "line 3, byte 11: byte 0xFF is no UTF-8; save the file as UTF-8",
        'line 4: the key "text" stands twice in one object',
        "line 5, byte 8: it is cut off",
    ]
    assert [item.value["text"] for item in items_of(raw) if isinstance(item, Row)] == ["a", "e"]


def test_the_beginning_of_a_bad_row_is_kept_for_the_report():
    (bad,) = [item for item in items_of('[ {"n": NaN} , {"n": 1}]') if not isinstance(item, Row)]
    assert bad.excerpt == '{"n": NaN}'


@pytest.mark.parametrize("depth", [199, 200, 201])
def test_the_limit_of_nesting_is_exact(depth):
    rows: object = "x"
    for _ in range(depth - 1):
        rows = [rows]
    problems = problems_of(json.dumps([{"a": rows}, {"a": 1}]))
    assert problems == (
        ["row 1 (line 1, byte 2): it is nested deeper than 200 levels"] if depth > 200 else []
    )


def test_brackets_in_texts_are_no_nesting():
    assert values_of(json.dumps([{"text": "[{" * 500}])) == [{"text": "[{" * 500}]


def test_a_row_over_the_limit_is_refused_without_reading_on():
    raw = json.dumps([{"text": "a" * 2_000_000}]).encode()
    with pytest.raises(UnreadableFile, match="Row 1 is longer than 1,000 bytes"):
        items_of(raw, limits=Limits(row_bytes=1_000))
    stream = io.BytesIO(raw)
    with pytest.raises(UnreadableFile, match="The line is longer than 1,000 bytes"):
        list(
            CATALOGUE["JSONL"].read(
                Source("", stream, len(raw)), ReadOptions(TEXT, limits=Limits(row_bytes=1_000))
            )
        )
    assert stream.tell() <= 3 * text_module.CHUNK


@pytest.mark.parametrize("entry", ["JSON", "JSONL"])
def test_memory_does_not_grow_with_the_file(tmp_path, entry):
    line = orjson.dumps({"text": "a" * 500})
    path = tmp_path / "tasks"
    with path.open("wb") as file:
        file.write(b"[" if entry == "JSON" else b"")
        file.write((b"," if entry == "JSON" else b"\n").join([line] * 20_000))
        file.write(b"]" if entry == "JSON" else b"")
    tracemalloc.start()
    with path.open("rb") as file:
        source = Source("tasks", file, path.stat().st_size)
        assert sum(1 for _ in read_rows(source, CATALOGUE[entry], ReadOptions(TEXT))) == 20_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000  # of 11 MB
