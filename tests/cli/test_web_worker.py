"""The processes of the web server share the connections among them, and threads keep to theirs while they may."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import TConn

from label_studio_server.client_socket import ClientSocket
from label_studio_server.web_worker import EvenThreadWorker, SharedCounts, Threads

OURS, ANOTHER, GONE = 1, 2, 3
LONG = 600.0


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


@pytest.fixture
def worker(listener, monkeypatch) -> EvenThreadWorker:
    monkeypatch.setattr(EvenThreadWorker, "counts", SharedCounts())
    config = Config()
    made = EvenThreadWorker(OURS, 0, [listener], None, 30, config, Logger(config))
    monkeypatch.setattr(made, "enqueue_req", lambda connection: None)
    return made


def test_the_fewest_connections_are_those_of_another_process_that_lives() -> None:
    counts = SharedCounts()
    for place, count in ((OURS, 1), (ANOTHER, 5), (GONE, 0)):
        counts.write(place, count)

    counts.clear(GONE)

    assert counts.fewest_beside(OURS) == 5
    assert counts.fewest_beside(ANOTHER) == 1


def test_a_process_that_is_alone_gives_way_to_nobody() -> None:
    counts = SharedCounts()
    counts.write(OURS, 7)

    assert counts.fewest_beside(OURS) is None


def test_a_process_with_more_connections_leaves_a_new_one_to_the_other(worker, listener, monkeypatch) -> None:
    worker.nr_conns = 3
    worker.counts.write(ANOTHER, 2)
    taken_by_the_other = []
    monkeypatch.setattr(
        "label_studio_server.web_worker.time.sleep",
        lambda seconds: taken_by_the_other.append(listener.accept()),
    )

    with socket.create_connection(listener.getsockname()):
        worker.accept(listener)

    assert (worker.nr_conns, len(taken_by_the_other)) == (3, 1)


def test_a_process_takes_what_the_other_leaves(worker, listener, monkeypatch) -> None:
    worker.nr_conns = 3
    worker.counts.write(ANOTHER, 2)
    monkeypatch.setattr("label_studio_server.web_worker.time.sleep", lambda seconds: None)

    with socket.create_connection(listener.getsockname()):
        worker.accept(listener)

    assert worker.nr_conns == 4


def test_a_process_with_as_few_connections_as_any_waits_for_nobody(worker, listener, monkeypatch) -> None:
    worker.nr_conns = 2
    worker.counts.write(ANOTHER, 2)
    monkeypatch.setattr("label_studio_server.web_worker.time.sleep", lambda seconds: pytest.fail("it waited"))

    with socket.create_connection(listener.getsockname()):
        worker.accept(listener)

    assert worker.nr_conns == 3
    assert worker.counts.fewest_beside(ANOTHER) == 3


def test_a_connection_of_the_worker_saves_system_calls(worker, listener, monkeypatch) -> None:
    taken: list[TConn] = []
    monkeypatch.setattr(worker, "enqueue_req", taken.append)

    with socket.create_connection(listener.getsockname()) as client:
        worker.accept(listener)

        assert isinstance(taken[0].sock, ClientSocket)
        assert (taken[0].client, taken[0].server) == (client.getsockname(), listener.getsockname())


@pytest.fixture
def connection() -> Iterator[tuple[socket.socket, socket.socket]]:
    server, client = socket.socketpair()
    with server, client:
        yield server, client


def test_a_thread_stays_at_its_connection_until_the_next_request(connection) -> None:
    threads, (server, client) = Threads(1), connection
    threads.expect_one()

    with threads.one_busy():
        client.send(b"GET / HTTP/1.1")

        assert threads.stay_at(server, LONG) is True


def test_a_thread_does_not_stay_while_another_request_waits(connection) -> None:
    threads = Threads(1)
    threads.expect_one()

    with threads.one_busy():
        threads.expect_one()

        assert threads.stay_at(connection[0], LONG) is False


def test_a_thread_that_stays_is_called_back_for_another_request(connection) -> None:
    threads, answers = Threads(1), []

    def serve() -> None:
        with threads.one_busy():
            answers.append(threads.stay_at(connection[0], LONG))

    threads.expect_one()
    thread = threading.Thread(target=serve)
    thread.start()
    threads.expect_one()
    thread.join()

    assert answers == [False]


def test_a_thread_stays_while_others_are_free_for_another_request(connection) -> None:
    threads, (server, client) = Threads(2), connection
    threads.expect_one()

    with threads.one_busy():
        threads.expect_one()
        with threads.one_busy():
            client.send(b"GET / HTTP/1.1")

            assert threads.stay_at(server, LONG) is True


def test_a_thread_leaves_a_silent_connection_after_a_while(connection) -> None:
    threads = Threads(1)
    threads.expect_one()

    with threads.one_busy():
        assert threads.stay_at(connection[0], 0.0) is False
