"""Watch the children: restart one that dies, give up loudly on one that keeps dying, stop all in order."""

from __future__ import annotations

import signal
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from label_studio_server.embedded.errors import GaveUpError, log_tail
from label_studio_server.embedded.processes import kill_group
from label_studio_server.embedded.programs import Report, Running

CHECK_INTERVAL = 0.2  # seconds
MAX_DEATHS = 6
DEATH_WINDOW = 60.0  # seconds
FIRST_DELAY = 0.5  # seconds
LONGEST_DELAY = 10.0  # seconds
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopFlag:
    """Set by a signal; looked at between two checks of the children."""

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None

    def __bool__(self) -> bool:
        return self.signal is not None


@contextmanager
def stop_flag() -> Iterator[StopFlag]:
    """Turn SIGINT, SIGTERM and SIGHUP into a flag for the time of the block: stopping is never cut short.

    A signal that was ignored before (SIGHUP under nohup) stays ignored.
    """
    flag = StopFlag()

    def remember(number: int, frame: FrameType | None) -> None:
        flag.signal = signal.Signals(number)

    previous = {
        number: signal.signal(number, remember)
        for number in STOP_SIGNALS
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield flag
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


class Restarts:
    """When a program that died may start again.

    Raises:
        GaveUpError: from `died`, after 6 deaths within a minute.
    """

    def __init__(self, running: Running) -> None:
        self.running = running
        self.due: float | None = None
        self._deaths: deque[float] = deque(maxlen=MAX_DEATHS)

    def died(self, now: float, code: int) -> float:
        """Count a death and return the seconds until the restart, twice as many each time."""
        self._deaths.append(now)
        recent = sum(1 for death in self._deaths if now - death < DEATH_WINDOW)
        program = self.running.program
        if recent >= MAX_DEATHS:
            raise GaveUpError(
                f"{program.title} died {recent} times within {DEATH_WINDOW:.0f} s (last exit code {code}). "
                f"The end of {program.log}:{log_tail(program.log)}"
            )
        delay = min(FIRST_DELAY * 2.0 ** (recent - 1), LONGEST_DELAY)
        self.due = now + delay
        return delay


def watch(children: Sequence[Running], *, stop: StopFlag, report: Report) -> None:
    """Keep `children` running until a signal asks to stop.

    Args:
        children: launched children, servers first.
        stop: set by a signal.
        report: told of each death and restart.

    Raises:
        GaveUpError: a child kept dying.
        EmbeddedServerError: a child could not be started again.
    """
    restarts = [Restarts(child) for child in children]
    while not stop:
        now = time.monotonic()
        for restart in restarts:
            _check(restart, now, report)
        time.sleep(CHECK_INTERVAL)


def _check(restart: Restarts, now: float, report: Report) -> None:
    running = restart.running
    if restart.due is None:
        code = running.exit_code()
        if code is not None:
            kill_group(running.child.pid)
            delay = restart.died(now, code)
            report(f"{running.program.title} {_how(code)}; it is started again in {delay:g} s.")
    elif now >= restart.due:
        restart.due = None
        running.launch()
        report(f"{running.program.title} was started again.")


def _how(code: int) -> str:
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
