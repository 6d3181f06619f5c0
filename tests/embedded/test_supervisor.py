"""The supervisor: what becomes of children that die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from label_studio_server.embedded.errors import GaveUpError
from label_studio_server.embedded.processes import ProcessIdentity, StopStep, session_members, spawn
from label_studio_server.embedded.programs import Running
from label_studio_server.embedded.supervisor import Restarts, stop_flag, watch


class Script:
    """A Python one-liner as a program."""

    name = "script"
    title = "The script"
    stop_steps: Sequence[StopStep] = ((signal.SIGTERM, 5.0),)

    def __init__(self, folder: Path, code: str) -> None:
        self.log = folder / "script.log"
        self.code = code
        self.launches: list[ProcessIdentity] = []

    def launch(self) -> subprocess.Popen[bytes]:
        return spawn(
            [sys.executable, "-c", self.code], log=self.log, death_signal=signal.SIGTERM, cwd=self.log.parent
        )

    def wait_until_ready(self, child: subprocess.Popen[bytes]) -> None:
        assert child.poll() is None

    def running(self) -> Running:
        """Return it launched, with each launch written down."""
        running = Running(self, lambda name, identity: self.launches.append(identity))
        running.launch()
        return running


def test_a_child_that_is_killed_is_started_again_and_that_is_said(tmp_path: Path) -> None:
    script = Script(tmp_path, "import time; time.sleep(60)")
    child = script.running()
    reports: list[str] = []

    def kill_then_stop() -> None:
        os.kill(script.launches[0].pid, signal.SIGKILL)
        while len(script.launches) < 2:
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=kill_then_stop).start()
    with stop_flag() as stop:
        watch([child], stop=stop, report=reports.append)
    child.stop()

    assert stop.signal is signal.SIGTERM
    assert reports == [
        "The script was killed by SIGKILL; it is started again in 0.5 s.",
        "The script was started again.",
    ]
    assert [identity.process() for identity in script.launches] == [None, None]


def test_the_delay_doubles_up_to_ten_seconds_and_the_sixth_death_in_a_minute_is_the_last(
    tmp_path: Path,
) -> None:
    script = Script(tmp_path, "")
    script.log.write_text("first line\nno module named nothing\n")
    restarts = Restarts(Running(script, lambda name, identity: None))

    delays = [restarts.died(now=float(second), code=1) for second in range(5)]

    assert delays == [0.5, 1.0, 2.0, 4.0, 8.0]
    with pytest.raises(
        GaveUpError, match=r"The script died 6 times within 60 s(?s:.*)no module named nothing"
    ):
        restarts.died(now=6.0, code=1)


def test_deaths_long_ago_are_forgiven(tmp_path: Path) -> None:
    restarts = Restarts(Running(Script(tmp_path, ""), lambda name, identity: None))

    delays = [restarts.died(now=100.0 * number, code=1) for number in range(10)]

    assert delays == [0.5] * 10


def test_a_child_that_ignores_the_polite_signal_is_killed_with_its_own_children(tmp_path: Path) -> None:
    code = (
        "import signal, subprocess, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "subprocess.Popen(['sleep', '60']); open('ready', 'w').close(); time.sleep(60)"
    )
    script = Script(tmp_path, code)
    script.stop_steps = ((signal.SIGTERM, 0.2),)
    child = script.running()
    while not (tmp_path / "ready").exists():
        time.sleep(0.02)

    child.stop()

    assert session_members(script.launches[0].pid) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a death signal")
def test_a_child_gets_its_death_signal_when_its_parent_is_killed(tmp_path: Path) -> None:
    parent = (
        "import signal, sys, time, pathlib; from label_studio_server.embedded.processes import spawn; "
        "folder = pathlib.Path(sys.argv[1]); "
        "child = spawn(['sleep', '60'], log=folder / 'log', death_signal=signal.SIGTERM, cwd=folder); "
        "sys.stdout.write(f'{child.pid}\\n'); sys.stdout.flush(); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", parent, tmp_path], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    child = ProcessIdentity.of(int(process.stdout.readline()))

    process.kill()
    process.communicate()

    deadline = time.monotonic() + 60
    while child.process() is not None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert child.process() is None


def test_a_child_that_is_to_give_way_does_and_so_do_its_children(tmp_path: Path) -> None:
    code = "import os, subprocess; print(os.nice(0), flush=True); subprocess.run(['nice'])"
    log = tmp_path / "script.log"

    child = spawn(
        [sys.executable, "-c", code], log=log, death_signal=signal.SIGTERM, cwd=tmp_path, niceness=7
    )

    assert child.wait(30) == 0
    expected = min(os.nice(0) + 7, 19)
    assert [int(line) for line in log.read_text().split()] == [expected, expected]
