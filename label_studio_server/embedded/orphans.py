"""End the processes that a killed supervisor left behind, clients before servers."""

from __future__ import annotations

import signal

import psutil

from label_studio_server.embedded.ownership import Ownership
from label_studio_server.embedded.processes import ProcessIdentity, StopStep, end_process, session_members

CLIENT_STEPS: tuple[StopStep, ...] = ((signal.SIGTERM, 2.0), (signal.SIGKILL, 5.0))
MARKER = "LABEL_STUDIO_DIR"


def reap_clients(ownership: Ownership, server_names: frozenset[str]) -> None:
    """End what the previous owner ran beside its servers: web and worker processes and their children.

    Args:
        ownership: our right to do so; its `previous` state names the processes.
        server_names: names of the servers, which find and end their own orphans.
    """
    if ownership.previous is None:
        return
    directory = str(ownership.directory.root)
    for name, leader in ownership.previous.processes.items():
        if name in server_names:
            continue
        end_process(leader, CLIENT_STEPS)
        for member in session_members(leader.pid):
            if _belongs_to(member, directory):
                end_process(member, ((signal.SIGKILL, 5.0),))


def _belongs_to(identity: ProcessIdentity, directory: str) -> bool:
    """Tell whether a process has our directory in its environment: its number could be a stranger's."""
    process = identity.process()
    if process is None:
        return False
    try:
        return process.environ().get(MARKER) == directory
    except psutil.Error:
        return False
