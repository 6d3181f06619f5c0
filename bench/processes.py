"""How much memory and processor time the product's processes take while something is measured."""

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
class Usage:
    """What a kind of process took: the most memory, its largest process and all together in MB, and CPU seconds.

    PostgreSQL's processes share their buffers, which the sum counts once for each of them.
    """

    processes: int = 0
    largest: float = 0.0
    together: float = 0.0
    cpu_seconds: float = 0.0


@dataclass
class ProcessWatcher:
    """Watches a supervisor's children.

    Args:
        pid: of the supervisor.
    """

    pid: int
    usage: dict[str, dict[str, Usage]] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Record the usage for the time of the block."""
        usage: dict[str, Usage] = defaultdict(Usage)
        stop = threading.Event()

        def watch() -> None:
            while not stop.wait(INTERVAL):
                self._sample(usage)

        self._sample(usage)
        before = self._processor_seconds()
        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            stop.set()
            watcher.join()
            for role, seconds in self._processor_seconds().items():
                usage[role].cpu_seconds = round(seconds - before.get(role, 0.0), 2)
            self.usage[name] = dict(usage)

    def _processor_seconds(self) -> dict[str, float]:
        """Return the seconds by role; a process that ends meanwhile takes its seconds with it."""
        seconds: dict[str, float] = defaultdict(float)
        ours = psutil.Process().cpu_times()
        seconds["client"] = ours.user + ours.system
        for process in psutil.Process(self.pid).children(recursive=True):
            try:
                times = process.cpu_times()
                seconds[_role(process)] += times.user + times.system
            except psutil.NoSuchProcess:
                continue
        return seconds

    def _sample(self, usage: dict[str, Usage]) -> None:
        sizes: dict[str, list[float]] = defaultdict(list)
        for process in psutil.Process(self.pid).children(recursive=True):
            try:
                role = _role(process)
                sizes[role].append(process.memory_info().rss / MEGABYTE)
            except psutil.NoSuchProcess:
                continue
        for role, values in sizes.items():
            used = usage[role]
            used.processes = max(used.processes, len(values))
            used.largest = max(used.largest, *values)
            used.together = max(used.together, sum(values))


def _role(process: psutil.Process) -> str:
    words = " ".join(process.cmdline()[:6])
    return next((role for word, role in ROLES.items() if word in words), "other")
