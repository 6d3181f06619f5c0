"""A client's connection: the head of an answer waits for its body, a timeout is set when it is about to count."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from label_studio_server.client_socket import ClientSocket

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"


@pytest.fixture
def ends() -> Iterator[tuple[ClientSocket, socket.socket]]:
    accepted, client = socket.socketpair()
    client.setblocking(False)
    with ClientSocket.of(accepted) as server, client:
        yield server, client


def test_the_head_of_an_answer_goes_out_with_its_body(ends) -> None:
    server, client = ends

    server.sendall(HEAD)
    with pytest.raises(BlockingIOError):
        client.recv(100)
    server.sendall(b"ok")

    assert client.recv(100) == HEAD + b"ok"


def test_the_next_piece_of_a_body_goes_out_at_once(ends) -> None:
    server, client = ends
    for piece in (HEAD, b"o"):
        server.sendall(piece)
    client.recv(100)

    server.sendall(b"k")

    assert client.recv(100) == b"k"


def test_an_answer_without_a_body_is_its_head(ends) -> None:
    server, client = ends
    server.sendall(HEAD)

    server.flush()
    server.flush()

    assert client.recv(100) == HEAD


def test_a_file_follows_its_head(ends, tmp_path: Path) -> None:
    server, client = ends
    server.setblocking(True)
    (tmp_path / "file").write_bytes(b"ok")
    server.sendall(HEAD)

    with (tmp_path / "file").open("rb") as file:
        server.sendfile(file)

    client.setblocking(True)
    assert client.recv(len(HEAD)) + client.recv(100) == HEAD + b"ok"


def test_reading_waits_as_long_as_was_set_last(ends) -> None:
    server, _ = ends
    server.settimeout(600)
    server.settimeout(0.01)

    with pytest.raises(TimeoutError):
        server.recv(100)

    assert server.gettimeout() == 0.01


def test_reading_without_waiting_says_that_nothing_has_come(ends) -> None:
    server, client = ends
    server.setblocking(True)
    server.setblocking(False)

    with pytest.raises(BlockingIOError):
        server.recv(100)
    client.send(b"GET")

    assert server.recv(100) == b"GET"


def test_a_long_answer_waits_for_a_slow_client_no_longer_than_was_set(ends) -> None:
    server, _ = ends
    server.settimeout(0.01)

    with pytest.raises(TimeoutError):
        server.sendall(b"x" * 10_000_000)
