"""What this package raises; every message is a sentence for the person at the terminal."""

from __future__ import annotations

from pathlib import Path

TAIL_BYTES = 4096
TAIL_LINES = 12


class EmbeddedServerError(Exception):
    """A server of the data directory cannot be run; `str()` says why and what to do."""


class NoWheelError(EmbeddedServerError):
    """No package with this server's binaries is installed or exists for this platform."""


class StartError(EmbeddedServerError):
    """A process ended, or did not become ready in time, while it was being started."""


class GaveUpError(EmbeddedServerError):
    """A process kept dying although it was restarted again and again."""


class AlreadyRunningError(EmbeddedServerError):
    """Another `label-studio start` owns the data directory."""


def log_tail(log: Path) -> str:
    """Return the last lines of a log file, indented, to put below a message ("" when there is none)."""
    try:
        with log.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(max(0, size - TAIL_BYTES))
            text = stream.read().decode("utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    lines = text.splitlines()[-TAIL_LINES:]
    return "".join(f"\n  {line}" for line in lines)
