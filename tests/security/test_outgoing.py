"""Requests that leave this server reach public addresses and what the operator allows, and nothing else."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from apps.core.errors import TooLarge
from apps.core.outgoing import Limits, OutgoingFailed, OutgoingRequest, fetch, send
from apps.core.outgoing_addresses import OutgoingRefused

ANY = Limits(seconds=10, connect_seconds=2, max_bytes=1 << 20)


@dataclass
class Canary:
    """A server inside the network that counts the connections it gets."""

    server: ThreadingHTTPServer
    connections: list[str] = field(default_factory=list)
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    answer: Callable[[BaseHTTPRequestHandler], None] = lambda handler: None

    @property
    def port(self) -> int:
        return self.server.server_port

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/") -> str:
        return f"http://{self.address}{path}"


@pytest.fixture(name="canary")
def running_canary() -> Iterator[Canary]:
    class Handler(BaseHTTPRequestHandler):
        def setup(self) -> None:
            canary.connections.append(self.client_address[0])
            super().setup()

        def do_GET(self) -> None:
            canary.requests.append((self.command, self.path, dict(self.headers)))
            canary.answer(self)

        do_POST = do_GET  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            pass

    canary = Canary(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
    canary.server.daemon_threads = True
    canary.answer = lambda handler: answered(handler, b"hello")
    thread = threading.Thread(target=canary.server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    yield canary
    canary.server.shutdown()
    canary.server.server_close()


def answered(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def read(url: str, *, allowed: str = "", limits: Limits = ANY) -> bytes:
    with fetch(url, limits=limits, allowed_hosts=frozenset({allowed})) as response:
        return response.read()


INNER = [
    "127.0.0.1", "localhost", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[fd00::1]",
    "[fe80::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "2130706433", "0x7f.1", "017700000001", "127.1",
    "224.0.0.1", "255.255.255.255", "localhost.", "LOCALHOST", "⑫7.0.0.1",
]  # fmt: skip


@pytest.mark.parametrize("host", INNER)
def test_an_inner_address_is_refused_and_gets_no_packet(canary: Canary, host: str) -> None:
    with pytest.raises(OutgoingRefused):
        read(f"http://{host}:{canary.port}/")

    assert canary.connections == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "gopher://127.0.0.1:6379/_PING", "ftp://example.com/", "dict://127.0.0.1:11211/",
        "data:text/plain,hello", "http://user:secret@example.com/", "http://example.com/\r\nX: y",
        "http://exa mple.com/", "http://example.com\\@127.0.0.1/", "http://", "http:///etc", "//example.com/",
        "http://example.com:99999/", "javascript:alert(1)", "",
    ],
)  # fmt: skip
def test_other_schemes_credentials_and_control_characters_are_refused(url: str) -> None:
    with pytest.raises(OutgoingRefused):
        read(url)


def test_a_host_and_port_that_the_operator_allows_are_reached_and_no_other(canary: Canary, settings) -> None:
    settings.OUTGOING_ALLOWED_HOSTS = [canary.address]
    assert read(canary.url()) == b"hello"

    settings.OUTGOING_ALLOWED_HOSTS = [f"127.0.0.1:{canary.port + 1}"]
    with pytest.raises(OutgoingRefused, match=f"OUTGOING_ALLOWED_HOSTS={canary.address}"):
        read(canary.url())
    assert len(canary.connections) == 1


def test_a_name_is_resolved_once_so_that_a_second_answer_gains_nothing(canary: Canary, monkeypatch) -> None:
    answers = [["203.0.113.7"], ["127.0.0.1"]]
    asked: list[str] = []
    connected: list[str] = []

    def resolver(host: str, port: int, *args: object, **kwargs: object) -> list[tuple[object, ...]]:
        if host == "rebinding.example.com.":
            asked.append(host)
            found = answers[min(len(asked) - 1, 1)]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]
        connected.append(host)
        raise OSError("unreachable")

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    monkeypatch.setattr(
        "apps.core.outgoing_addresses.is_public", lambda address: str(address) == "203.0.113.7"
    )
    with pytest.raises(OutgoingFailed):
        read(f"http://rebinding.example.com:{canary.port}/")

    assert asked == ["rebinding.example.com."]
    assert connected == ["203.0.113.7"]
    assert canary.connections == []


def test_one_inner_address_among_several_refuses_the_name(canary: Canary, monkeypatch) -> None:
    def resolver(host: str, port: int, *args: object, **kwargs: object) -> list[tuple[object, ...]]:
        addresses = ["93.184.216.34", "127.0.0.1"]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    with pytest.raises(OutgoingRefused, match="own network"):
        read(f"http://two.example.com:{canary.port}/")

    assert canary.connections == []


def test_a_redirect_to_an_inner_address_is_refused(canary: Canary) -> None:
    canary.answer = lambda handler: answered(
        handler, b"", 302, Location="http://169.254.169.254/latest/meta-data"
    )
    with pytest.raises(OutgoingRefused, match="own network"):
        read(canary.url(), allowed=canary.address)


def test_a_redirect_to_a_file_is_refused(canary: Canary) -> None:
    canary.answer = lambda handler: answered(handler, b"", 302, Location="file:///etc/passwd")
    with pytest.raises(OutgoingRefused, match="must start with"):
        read(canary.url(), allowed=canary.address)


def test_a_redirect_to_what_is_no_url_is_a_clear_failure(canary: Canary) -> None:
    canary.answer = lambda handler: answered(handler, b"", 302, Location="http://[x")
    with pytest.raises(OutgoingFailed, match="no URL"):
        read(canary.url(), allowed=canary.address)


def test_three_redirects_are_followed_and_a_fourth_is_refused(canary: Canary) -> None:
    def hop(handler: BaseHTTPRequestHandler) -> None:
        left = int(handler.path[1:])
        answered(handler, b"there" if not left else b"", 302 if left else 200, Location=f"/{left - 1}")

    canary.answer = hop
    assert read(canary.url("/3"), allowed=canary.address) == b"there"
    with pytest.raises(OutgoingRefused, match="more than 3 times"):
        read(canary.url("/4"), allowed=canary.address)


def test_secrets_do_not_follow_a_redirect_to_another_port(canary: Canary) -> None:
    other = f"localhost:{canary.port}"
    canary.answer = lambda handler: (
        answered(handler, b"", 307, Location=f"http://{other}/b")
        if handler.path == "/a"
        else answered(handler, b"x")
    )
    request = OutgoingRequest(
        canary.url("/a"), headers={"Authorization": "Token secret"},
        allowed_hosts=frozenset({canary.address, other}),
    )  # fmt: skip
    with send(request) as response:
        assert response.read() == b"x"

    assert ["Authorization" in headers for _, _, headers in canary.requests] == [True, False]


def test_an_endless_body_is_cut_at_the_limit(canary: Canary) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 65536)

    canary.answer = endless
    with pytest.raises(TooLarge, match="larger than 1,048,576 bytes"):
        read(canary.url(), allowed=canary.address)


def test_a_declared_length_over_the_limit_is_refused_before_it_is_read(canary: Canary) -> None:
    def boasting(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(1 << 40))
        handler.end_headers()

    canary.answer = boasting
    with pytest.raises(TooLarge):
        read(canary.url(), allowed=canary.address)


def test_a_gzip_bomb_is_cut_at_its_decompressed_size(canary: Canary) -> None:
    bomb = gzip.compress(b"\0" * (200 << 20))
    canary.answer = lambda handler: answered(handler, bomb, Content_Encoding="gzip")
    with pytest.raises(TooLarge, match="larger than"):
        read(canary.url(), allowed=canary.address)


def test_compressed_answers_are_decompressed(canary: Canary) -> None:
    canary.answer = lambda handler: answered(handler, gzip.compress(b"hello"), Content_Encoding="gzip")
    assert read(canary.url(), allowed=canary.address) == b"hello"


@pytest.mark.parametrize("slow_part", ["body", "headers"])
def test_a_byte_at_a_time_ends_at_the_deadline(canary: Canary, slow_part: str) -> None:
    def slow(handler: BaseHTTPRequestHandler) -> None:
        if slow_part == "body":
            handler.send_response(200)
            handler.end_headers()
        else:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        while True:
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.05)

    canary.answer = slow
    started = time.monotonic()
    with pytest.raises(OutgoingFailed, match=r"longer than 0\.5 seconds"):
        read(canary.url(), allowed=canary.address, limits=Limits(seconds=0.5))

    assert time.monotonic() - started < 30


def test_the_other_sides_words_are_not_shown(canary: Canary) -> None:
    canary.answer = lambda handler: answered(handler, b"secret of the inner network", 500)
    with pytest.raises(OutgoingFailed) as caught:
        read(canary.url(), allowed=canary.address)

    assert str(caught.value) == "The URL answered with the status 500."


def test_an_answer_that_is_no_http_is_a_clear_error(canary: Canary) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"-ERR unknown command\r\n")

    canary.answer = answer
    with pytest.raises(OutgoingFailed) as caught:
        read(canary.url(), allowed=canary.address)

    assert str(caught.value) == f"{canary.address} gave no valid answer."


def test_a_port_where_nobody_listens_is_a_clear_error() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    with pytest.raises(OutgoingFailed, match="does not accept a connection"):
        read(f"http://{address}/", allowed=address)


def test_only_the_methods_a_caller_allows_are_sent(canary: Canary) -> None:
    allowed = frozenset({canary.address})
    with (
        pytest.raises(OutgoingRefused),
        send(OutgoingRequest(canary.url(), method="POST", allowed_hosts=allowed)),
    ):
        pass
    assert canary.connections == []

    request = OutgoingRequest(
        canary.url("/p?a=ü"),
        method="POST",
        body=b"{}",
        allowed_hosts=allowed,
        allowed_methods=frozenset({"POST"}),
    )
    with send(request) as response:
        assert response.read() == b"hello"
    assert [(method, path) for method, path, _ in canary.requests] == [("POST", "/p?a=%C3%BC")]


def test_a_certificate_that_is_not_valid_is_refused(canary: Canary) -> None:
    with pytest.raises(OutgoingFailed, match="its certificate is not valid"):
        read(f"https://{canary.address}/", allowed=canary.address)
