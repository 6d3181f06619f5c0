"""How much memory the product's processes take while something is measured."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

INTERVAL = 0.2  # seconds
MEGABYTE = 1 << 20
ROLES = {"gunicorn": "web", "celery": "worker", "postgres": "postgres", "valkey": "valkey"}


@dataclass
class Peak:
    """The most memory a kind of process took: its largest process and all of them together, in MB.

    PostgreSQL's processes share their buffers, which the sum counts once for each of them.
    """

    processes: int = 0
    largest: float = 0.0
    together: float = 0.0


@dataclass
class MemorySampler:
    """Watches a supervisor's children.

    Args:
        pid: of the supervisor.
    """

    pid: int
    peaks: dict[str, dict[str, Peak]] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Record the peaks for the time of the block."""
        peaks: dict[str, Peak] = defaultdict(Peak)
        stop = threading.Event()

        def watch() -> None:
            while not stop.wait(INTERVAL):
                self._sample(peaks)

        self._sample(peaks)
        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            stop.set()
            watcher.join()
            self.peaks[name] = dict(peaks)

    def _sample(self, peaks: dict[str, Peak]) -> None:
        sizes: dict[str, list[float]] = defaultdict(list)
        for process in psutil.Process(self.pid).children(recursive=True):
            try:
                role = _role(process)
                sizes[role].append(process.memory_info().rss / MEGABYTE)
            except psutil.NoSuchProcess:
                continue
        for role, values in sizes.items():
            peak = peaks[role]
            peak.processes = max(peak.processes, len(values))
            peak.largest = max(peak.largest, *values)
            peak.together = max(peak.together, sum(values))


def _role(process: psutil.Process) -> str:
    words = " ".join(process.cmdline()[:6])
    return next((role for word, role in ROLES.items() if word in words), "other")
