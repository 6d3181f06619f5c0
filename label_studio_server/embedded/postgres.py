"""The private PostgreSQL of a data directory: made once, run as a child, reached over a Unix socket."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import time
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg2
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT

from label_studio_server.embedded.atomic import write_atomically
from label_studio_server.embedded.cluster import create_cluster, refuse_other_major
from label_studio_server.embedded.errors import StartError, log_tail
from label_studio_server.embedded.layout import DataDirectory
from label_studio_server.embedded.processes import (
    POLL_INTERVAL,
    Account,
    ProcessIdentity,
    StopStep,
    end_process,
    spawn,
)
from label_studio_server.embedded.programs import Report
from label_studio_server.embedded.server_account import cluster_home, programs_for
from label_studio_server.embedded.sockets import socket_folder

ROLE = "label_studio"
DATABASE = "label_studio"
SOCKET_NAME = ".s.PGSQL.5432"
READY_TIMEOUT = 600.0  # seconds: after a crash a large log is replayed first
PATIENCE = 5.0  # seconds of waiting after which the person at the terminal is told why

# A laptop's share, for one product: 8 web threads, a worker with 2 processes, beat, some commands.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "synchronous_commit": "on",
    "checkpoint_timeout": "15min",
    "max_wal_size": "1GB",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",  # compiling costs more than it saves on short queries
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
    "idle_in_transaction_session_timeout": "10min",
}


class PostgresServer:
    """PostgreSQL for one data directory; a `Program` of the supervisor.

    Args:
        directory: the data directory.
        report: told when something takes longer than a person expects.
    """

    name = "postgres"
    title = "PostgreSQL"
    # SIGINT is the "fast" shutdown: it ends sessions and writes a checkpoint. SIGQUIT skips that.
    stop_steps: tuple[StopStep, ...] = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0))

    def __init__(self, directory: DataDirectory, report: Report) -> None:
        self._directory = directory
        self._report = report

    @property
    def log(self) -> Path:
        return self._directory.logs / "postgres.log"

    @cached_property
    def _home(self) -> tuple[Path, Account | None]:
        return cluster_home(self._directory)

    @cached_property
    def _programs(self) -> Path:
        return programs_for(self._home[1]) / "bin"

    @property
    def data(self) -> Path:
        """The cluster's folder (PGDATA)."""
        return self._home[0] / "data"

    @cached_property
    def socket_folder(self) -> Path:
        """The folder that holds the server's socket."""
        home, account = self._home
        return socket_folder(home / "run", SOCKET_NAME, (account.uid, account.gid) if account else None)

    @property
    def url(self) -> str:
        """The address for DATABASE_URL."""
        password, host = quote(self._password(), safe=""), quote(str(self.socket_folder), safe="")
        return f"postgresql://{ROLE}:{password}@{host}/{DATABASE}"

    def reap(self) -> None:
        """End a server that a killed supervisor left behind, and wait until its last process is gone."""
        stale = self._recorded_pid()
        if stale is None:
            return
        orphans = self._processes_in_data()
        for orphan in orphans:
            if orphan.pid == stale:
                end_process(orphan, self.stop_steps)
        for orphan in orphans:  # children end by themselves; until then they hold the shared memory
            end_process(orphan, ((signal.SIGTERM, 5.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)))

    def launch(self) -> subprocess.Popen[bytes]:
        """Make the cluster when there is none and start the server; see `Program`."""
        home, account = self._home
        if not self.data.exists():
            create_cluster(
                home, programs=self._programs, account=account, role=ROLE, password=self._password()
            )
        refuse_other_major(self.data, self._programs)
        self.reap()
        environment = _clean_environment()
        stale = self._recorded_pid()
        if stale is not None:
            # The number may be an unrelated process's by now: let PostgreSQL ignore a lock file of it.
            environment["PG_GRANDPARENT_PID"] = str(stale)
        folder = str(self.socket_folder).replace('"', '""')
        settings = SETTINGS | {"unix_socket_directories": f'"{folder}"'}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return spawn(
            [self._programs / "postgres", "-D", self.data, *options],
            log=self.log,
            death_signal=signal.SIGINT,
            cwd=Path("/"),
            environment=environment,
            account=account,
        )

    def wait_until_ready(self, child: subprocess.Popen[bytes]) -> None:
        """Wait until the server takes connections and our database exists; see `Program`."""
        started = time.monotonic()
        told = False
        while not self._is_ready(child.pid):
            waited = time.monotonic() - started
            if child.poll() is not None:
                raise StartError(
                    f"PostgreSQL ended with code {child.returncode} at its start:{log_tail(self.log)}"
                )
            if waited > READY_TIMEOUT:
                raise StartError(f"PostgreSQL was not ready after {READY_TIMEOUT:.0f} s:{log_tail(self.log)}")
            if waited > PATIENCE and not told:
                told = True
                self._report("PostgreSQL is still starting; after a crash it replays its log first.")
            time.sleep(POLL_INTERVAL)
        self._ensure_database()

    def _ensure_database(self) -> None:
        connection = psycopg2.connect(
            host=str(self.socket_folder),
            dbname="postgres",
            user=ROLE,
            password=self._password(),
            connect_timeout=30,
        )
        try:
            connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            connection.close()

    def _password(self) -> str:
        path = self._home[0] / "password"
        try:
            return path.read_text().strip()
        except FileNotFoundError:
            if self.data.exists():
                raise StartError(f"The password of the private PostgreSQL is missing: {path}.") from None
        password = secrets.token_urlsafe(32)
        write_atomically(path, password, mode=0o600, durable=True)
        return password

    def _is_ready(self, pid: int) -> bool:
        lines = self._pid_file_lines()
        # A stale file of a killed server says "ready", too: the first line must be our child.
        return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"

    def _recorded_pid(self) -> int | None:
        lines = self._pid_file_lines()
        first = lines[0].strip() if lines else ""
        return int(first) if first.isdecimal() else None

    def _pid_file_lines(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text(errors="replace").splitlines()
        except FileNotFoundError:
            return []

    def _processes_in_data(self) -> list[ProcessIdentity]:
        """Return PostgreSQL processes of our cluster: each has it as its working directory."""
        found = []
        data = os.path.realpath(self.data)
        for process in psutil.process_iter(["name"]):
            try:
                if process.info["name"].startswith("postgres") and process.cwd() == data:
                    found.append(ProcessIdentity(process.pid, process.create_time()))
            except psutil.Error:
                continue
        return found


def _clean_environment() -> dict[str, str]:
    """Our environment without what would change PostgreSQL's own defaults."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return kept | {"LC_ALL": "C"}
