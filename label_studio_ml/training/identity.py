"""Telling a process from a later one with the same id."""

from __future__ import annotations

import psutil

TOLERANCE_SECONDS = 2.0
"""The start of a process is reckoned from that of the machine, which moves a little when the clock is set right."""


def process_identity() -> str:
    """Return what this process goes by: its id and when it started."""
    process = psutil.Process()
    return f"{process.pid}@{process.create_time():.2f}"


def find_process(identity: str | None) -> psutil.Process | None:
    """Return the process that goes by `identity`, if it still runs."""
    if identity is None:
        return None
    pid, _, started = identity.partition("@")
    try:
        process = psutil.Process(int(pid))
        same = abs(process.create_time() - float(started)) <= TOLERANCE_SECONDS
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.Error:
        return None
