"""The private Valkey of a data directory: queue of the worker, cache and messages between processes."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import psutil

from label_studio_server.embedded import binaries
from label_studio_server.embedded.errors import StartError, log_tail
from label_studio_server.embedded.layout import DataDirectory
from label_studio_server.embedded.processes import (
    POLL_INTERVAL,
    ProcessIdentity,
    StopStep,
    end_process,
    spawn,
)
from label_studio_server.embedded.sockets import socket_folder

SOCKET_NAME = "valkey.sock"
READY_TIMEOUT = 120.0  # seconds: a large append-only file is loaded first
REPLY_TIMEOUT = 2.0  # seconds
REPLY_BYTES = 65536


class ValkeyServer:
    """Valkey for one data directory; a `Program` of the supervisor."""

    name = "valkey"
    title = "Valkey"
    stop_steps: tuple[StopStep, ...] = ((signal.SIGTERM, 15.0),)

    def __init__(self, directory: DataDirectory) -> None:
        self._directory = directory

    @property
    def log(self) -> Path:
        return self._directory.logs / "valkey.log"

    @cached_property
    def socket_path(self) -> Path:
        """The path of the server's socket."""
        return socket_folder(self._directory.valkey, SOCKET_NAME) / SOCKET_NAME

    @property
    def url(self) -> str:
        """The address for REDIS_URL."""
        return f"unix://{quote(str(self.socket_path))}?db=0"

    def reap(self, recorded: ProcessIdentity | None = None) -> None:
        """End a server that a killed supervisor left: the recorded one, and who answers on our socket."""
        if recorded is not None:
            end_process(recorded, self.stop_steps)
        for line in self._ask(b"INFO server\r\n").splitlines():
            name, _, value = line.partition(b":")
            if name == b"process_id":
                end_process(_identity(int(value)), self.stop_steps)

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the server; see `Program`."""
        self.reap()
        # A write is in the append-only file before it is answered. Never evict: the queue lives here.
        settings = {
            "port": "0",
            "unixsocket": str(self.socket_path),
            "unixsocketperm": "700",
            "dir": str(self._directory.valkey),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        return spawn(
            [binaries.valkey_server(), *options],
            log=self.log,
            death_signal=signal.SIGTERM,
            cwd=self._directory.valkey,
        )

    def wait_until_ready(self, child: subprocess.Popen[bytes]) -> None:
        """Wait until the server has loaded its data and answers; see `Program`."""
        deadline = time.monotonic() + READY_TIMEOUT
        while not self._ask(b"PING\r\n").startswith(b"+PONG"):
            if child.poll() is not None:
                raise StartError(
                    f"Valkey ended with code {child.returncode} at its start:{log_tail(self.log)}\n"
                    f"If its files are damaged, remove {self._directory.valkey}: it holds only the queue, "
                    "and jobs are kept in PostgreSQL."
                )
            if time.monotonic() > deadline:
                raise StartError(f"Valkey was not ready after {READY_TIMEOUT:.0f} s:{log_tail(self.log)}")
            time.sleep(POLL_INTERVAL)

    def _ask(self, command: bytes) -> bytes:
        """Send one inline command and return the (beginning of the) reply; b"" when nobody answers."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(REPLY_TIMEOUT)
            try:
                connection.connect(str(self.socket_path))
                connection.sendall(command)
                return connection.recv(REPLY_BYTES)
            except OSError:
                return b""


def _identity(pid: int) -> ProcessIdentity:
    try:
        return ProcessIdentity.of(pid)
    except psutil.NoSuchProcess:
        return ProcessIdentity(pid, 0.0)
