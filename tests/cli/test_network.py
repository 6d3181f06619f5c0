"""Ports, hosts and certificates."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from label_studio_server.cli.errors import CommandError
from label_studio_server.cli.network import check_certificate, listen


def test_the_server_listens_on_this_machine_only_unless_told_otherwise() -> None:
    endpoint = listen(None, 0, explicit_port=False, secure=False)

    assert endpoint.listener.getsockname()[0] == "127.0.0.1"
    assert endpoint.base_url == f"http://localhost:{endpoint.port}"
    assert endpoint.is_local
    endpoint.listener.close()


def test_all_networks_are_served_when_asked_for() -> None:
    endpoint = listen("0.0.0.0", 0, explicit_port=False, secure=True)

    assert endpoint.is_wildcard
    assert endpoint.base_url == f"https://localhost:{endpoint.port}"
    endpoint.listener.close()


def test_a_busy_port_gives_way_to_the_next_free_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        endpoint = listen(None, port, explicit_port=False, secure=False)

    assert port < endpoint.port <= port + 1000
    endpoint.listener.close()


def test_a_busy_port_that_was_asked_for_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(CommandError, match=f"Port {port} is busy"):
            listen(None, port, explicit_port=True, secure=False)


def test_an_address_of_another_machine_is_an_error() -> None:
    with pytest.raises(CommandError, match=r"192\.0\.2\.1 is no address of this machine"):
        listen("192.0.2.1", 0, explicit_port=True, secure=False)


def test_https_needs_both_files_and_they_must_work(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate")

    assert check_certificate(None, None) is False
    with pytest.raises(CommandError, match="HTTPS needs both --cert and --key"):
        check_certificate(broken, None)
    with pytest.raises(CommandError, match=r"broken\.pem does not work"):
        check_certificate(broken, broken)
