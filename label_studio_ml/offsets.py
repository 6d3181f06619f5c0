"""Offsets in a text: browsers count an emoji as two, Python as one."""

from __future__ import annotations

from bisect import bisect_left


class Offsets:
    """Translates offsets of one text."""

    def __init__(self, text: str) -> None:
        """Count once; each question is cheap then."""
        self._browser = [0]
        for character in text:
            self._browser.append(self._browser[-1] + (2 if ord(character) > 0xFFFF else 1))

    def to_browser(self, offset: int) -> int:
        """Return where a browser sees what Python has at `offset`."""
        return self._browser[offset]

    def to_python(self, offset: int) -> int:
        """Return where Python has what a browser sees at `offset`; the end of the text for what lies behind it."""
        return min(bisect_left(self._browser, offset), len(self._browser) - 1)
