"""JSON in and out: strict where Postgres is strict, fast where the standard library is slow."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NoReturn

import orjson

from apps.core.errors import ValidationFailed

MAX_DEPTH = 200
"""Deeper documents are refused: no labeling data nests like that, and recursion has to end somewhere."""

# Postgres' jsonb holds neither NUL nor half a surrogate pair; only these escapes can bring one in.
_SUSPECT_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")

_CONTAINERS = (dict, list)

# Integers of so many digits may need more than 64 bits; the fast parser would make floats of them.
_LONG_NUMBER = re.compile(rb"[0-9]{19}")

# And of so many, they may be larger than any float; no column or drawing takes them.
_HUGE_NUMBER = re.compile(r"[0-9]{309}")


def loads(raw: bytes | str, *, what: str = "The request's body") -> Any:
    """Parse a JSON document that can be stored in jsonb as it is.

    Args:
        raw: UTF-8 bytes or text.
        what: the subject of error messages.

    Raises:
        ValidationFailed: not JSON, a number beyond all floats, a NUL or a lone surrogate, nested too deeply; the
            message says at which line and column or under which path.
    """
    blob = raw if isinstance(raw, bytes) else raw.encode("utf-8", "surrogatepass")
    try:
        document = _parsed_strictly(raw, what) if _LONG_NUMBER.search(blob) else orjson.loads(blob)
    except orjson.JSONDecodeError:
        document = _parsed_strictly(raw, what)
    if _may_hold_bad_text(blob):
        check_storable(document, what=what)
    return document


def _parsed_strictly(raw: bytes | str, what: str) -> Any:
    """Parse with the standard library, which can be asked what is wrong and knows integers of any size."""
    text = _decode(raw, what)
    refuse = partial(_refuse_number, what=what)
    parse_int = partial(_finite_int, refuse=refuse) if _HUGE_NUMBER.search(text) else None
    try:
        return json.loads(
            text,
            parse_constant=refuse,
            parse_float=partial(_finite_float, refuse=refuse),
            parse_int=parse_int,
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ValidationFailed(f"{what} is not valid JSON: {error.msg.rstrip(':')} at {place}.") from error
    except RecursionError as error:
        raise ValidationFailed(f"{what} is nested deeper than {MAX_DEPTH} levels.") from error
    except ValueError as error:  # an integer of more digits than Python converts
        raise ValidationFailed(f"{what} is not valid JSON: {error}.") from error


def _decode(raw: bytes | str, what: str) -> str:
    if isinstance(raw, str):
        return raw
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValidationFailed(
            f"{what} is not UTF-8: byte {error.start} cannot be read. Save it as UTF-8 and try again."
        ) from error


def _may_hold_bad_text(blob: bytes) -> bool:
    deep = blob.count(b"[") + blob.count(b"{") > MAX_DEPTH
    return deep or _SUSPECT_ESCAPE.search(blob) is not None


def _refuse_number(text: str, *, what: str) -> NoReturn:
    raise ValidationFailed(
        f"{what} holds {text[:40]}, which is no finite number. Write null or a number instead."
    )


def _finite_float(text: str, *, refuse: Callable[[str], NoReturn]) -> float:
    number = float(text)
    return number if math.isfinite(number) else refuse(text)


def _finite_int(text: str, *, refuse: Callable[[str], NoReturn]) -> int:
    number = int(text)
    return number if abs(number) <= sys.float_info.max else refuse(text)


def check_storable(document: Any, *, what: str) -> None:
    """Refuse text that Postgres cannot store, wherever in `document` it stands.

    Raises:
        ValidationFailed: with the path (`data.items[3].text`) of the first bad text.
    """
    for path, text in _texts(document):
        if "\x00" in text:
            raise ValidationFailed(
                f"{what} holds the character \\u0000 at {path or 'its top'}, which cannot be stored. Remove it."
            )
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise ValidationFailed(
                f"{what} holds half of a surrogate pair (broken Unicode) at {path or 'its top'}. Mend the text."
            )


def nests_deeper(document: Any, levels: int) -> bool:
    """Whether lists and objects of parsed JSON stand within one another more than `levels` deep.

    Much faster than `check_storable`, as it looks at all that stands equally deep at once.
    """
    inside = [document] if type(document) in _CONTAINERS else []
    for _ in range(levels + 1):
        inside = [
            child
            for node in inside
            for child in (node.values() if type(node) is dict else node)
            if type(child) in _CONTAINERS
        ]
        if not inside:
            return False
    return True


def _texts(document: Any) -> Iterator[tuple[str, str]]:
    """Yield every text of `document` (keys too) with its path, without recursion.

    Raises:
        ValidationFailed: nested deeper than `MAX_DEPTH`.
    """
    stack: list[tuple[str, Any, int]] = [("", document, 0)]
    while stack:
        path, node, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise ValidationFailed(f"The document is nested deeper than {MAX_DEPTH} levels at {path[:80]}….")
        if isinstance(node, str):
            yield path, node
        elif isinstance(node, dict):
            for key, value in node.items():
                inner = f"{path}.{key}" if path else key
                yield inner, key
                stack.append((inner, value, depth + 1))
        elif isinstance(node, list):
            stack.extend((f"{path}[{index}]", value, depth + 1) for index, value in enumerate(node))


def dumps(document: Any) -> bytes:
    """Serialize to UTF-8 JSON; datetimes as ISO 8601 in UTC with `Z`, an `orjson.Fragment` as it stands."""
    try:
        return orjson.dumps(document, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS, default=_encode)
    except orjson.JSONEncodeError:  # integers beyond 64 bits
        return json.dumps(document, default=_encode, ensure_ascii=False).encode()


def _encode(value: Any) -> Any:
    if isinstance(value, orjson.Fragment):
        return json.loads(orjson.dumps(value))
    if isinstance(value, str):  # lazy and marked-safe strings
        return str(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value)
