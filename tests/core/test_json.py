"""JSON that comes in can be stored in Postgres as it is; anything else is refused with its place."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.errors import ValidationFailed
from apps.core.json import dumps, loads, nests_deeper

storable_text = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
documents = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | storable_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(storable_text, inner, max_size=4),
)


@given(documents)
def test_what_is_written_is_read_back_the_same(document):
    assert loads(dumps(document)) == document


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity", "1e400", "-1e999"])
def test_numbers_that_are_not_finite_are_refused(constant):
    with pytest.raises(ValidationFailed, match="no finite number"):
        loads(f'{{"score": {constant}}}')


def test_a_nul_character_is_refused_with_its_path():
    with pytest.raises(ValidationFailed, match=r"u0000 at items\[1\]\.text"):
        loads(rb'{"items": [{"text": "a"}, {"text": "b\u0000"}]}')


def test_a_literal_backslash_u0000_is_no_nul_character():
    assert loads(rb'"\\u0000"') == "\\u0000"


def test_half_a_surrogate_pair_is_refused_and_a_whole_one_is_not():
    assert loads(rb'"\ud83d\ude00"') == "😀"
    with pytest.raises(ValidationFailed, match="surrogate"):
        loads(rb'"\ud83d"')


def test_broken_json_is_refused_with_line_and_column():
    with pytest.raises(ValidationFailed, match="line 2, column 7"):
        loads(b'{"a": 1,\n "b": }')


def test_bytes_that_are_no_utf8_are_refused():
    with pytest.raises(ValidationFailed, match="not UTF-8: byte 1"):
        loads(b'"\xff"')


@pytest.mark.parametrize("depth", [1_000, 100_000])
def test_nesting_too_deep_is_refused_without_a_crash(depth):
    with pytest.raises(ValidationFailed, match="nested deeper"):
        loads("[" * depth + "]" * depth)


@pytest.mark.parametrize("number", [2**63 - 1, 2**64 - 1, 2**64, -(2**63) - 1, 2**70])
def test_integers_beyond_64_bits_survive(number):
    read = loads(dumps(number))

    assert (read, type(read)) == (number, int)


def test_a_byte_order_mark_is_no_error():
    assert math.isclose(loads(b"\xef\xbb\xbf1.5"), 1.5)


def test_an_integer_beyond_all_floats_is_refused_like_them():
    with pytest.raises(ValidationFailed, match="no finite number"):
        loads(b"[1" + b"0" * 309 + b"]")
    assert loads(b"[1" + b"0" * 308 + b"]") == [10**308]


@pytest.mark.parametrize(
    ("document", "levels"),
    [("x", 0), ([], 0), ({"a": 1, "b": "[[["}, 0), ([[], {"a": []}], 2), ({"a": [1, {"b": {}}], "c": []}, 3)],
)
def test_nesting_is_counted_where_it_is_deepest(document, levels):
    assert not nests_deeper(document, levels)
    assert levels == 0 or nests_deeper(document, levels - 1)
