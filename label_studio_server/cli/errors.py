"""What ends a command with a message instead of a traceback."""

from __future__ import annotations


class CommandError(Exception):
    """The command cannot do what was asked; `str()` says what was wrong, where, and what to do."""
