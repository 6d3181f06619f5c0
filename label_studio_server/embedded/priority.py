"""Who gives way when there is too little processor for all."""

from __future__ import annotations

import os
from contextlib import suppress

_OWN_GROUP = "/proc/self/autogroup"


def lower_priority(niceness: int) -> None:
    """Have this process, and what it starts, give way to others that want the processor.

    Fit for a child between fork and exec, where little may be done.

    Args:
        niceness: from 1 to 19, where 19 is what gets only what is left over.
    """
    os.nice(niceness)
    # Linux may share the processor among sessions first: then niceness counts only within a session, and a session has
    # a niceness of its own. A kernel that does not has no such file, or does not heed it.
    with suppress(OSError):
        group = os.open(_OWN_GROUP, os.O_WRONLY)
        os.write(group, str(niceness).encode())
        os.close(group)
