"""Let the kernel end a child when its parent dies (Linux); elsewhere the next start ends the orphans."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1

# Loaded once here: between fork and exec a child must not load libraries.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def death_signal_setter(number: signal.Signals) -> Callable[[], None] | None:
    """Return a function for `preexec_fn` that asks the kernel for `number` at the parent's death.

    The signal follows the thread that forks, so children must be started from the main thread.
    """
    if _libc is None:
        return None
    libc = _libc
    parent = os.getpid()

    def set_death_signal() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:  # the parent died before the request reached the kernel
            os._exit(1)

    return set_death_signal
