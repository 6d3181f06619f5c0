"""Texts in workbooks: XML has no control characters, so they are written by number (ECMA-376-1, 22.9.2.19 ST_Xstring).

A text that looks as if it were written so, such as `_x000D_`, has its first underscore written by number as well.
"""

from __future__ import annotations

import re

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_UNSAFE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b\x0c\x0e-\x1f\r\ud800-\udfff\ufffe\uffff]")


def escaped(text: str) -> str:
    """Return `text` as a workbook's XML can hold it."""
    return _UNSAFE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def unescaped(text: str) -> str:
    """Return the text that a workbook's XML means."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
