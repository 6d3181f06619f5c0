"""The address the product is reached at: its socket, its certificate, and whether it answers."""

from __future__ import annotations

import errno
import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from label_studio_server.cli.errors import CommandError

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8080
PORTS_TRIED = 1000
HEALTH_PATH = "/api/health"
HEALTH_TIMEOUT = 5.0  # seconds for one question
HEALTH_INTERVAL = 0.05  # seconds between two
MAX_PORT = 65535


@dataclass(frozen=True)
class Endpoint:
    """Where we listen, and how people write that.

    Args:
        host: the name or address given by the operator.
        listener: the bound socket; it stays open, so that a restarted web process loses no connection.
        secure: whether HTTPS is spoken.
    """

    host: str
    listener: socket.socket
    secure: bool

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    @property
    def base_url(self) -> str:
        """The address to open in a browser on this machine."""
        name = "localhost" if self.is_local or self.is_wildcard else self.host
        if ":" in name:
            name = f"[{name}]"
        return f"{'https' if self.secure else 'http'}://{name}:{self.port}"

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        return bool(ipaddress.ip_address(self.listener.getsockname()[0]).is_loopback)

    @property
    def is_wildcard(self) -> bool:
        """Whether it listens on every network of this machine."""
        return bool(ipaddress.ip_address(self.listener.getsockname()[0]).is_unspecified)


def listen(host: str | None, port: int | None, *, explicit_port: bool, secure: bool) -> Endpoint:
    """Bind the port, or the next free one when nobody insisted on it.

    Args:
        host: name or address to bind; None means this machine only.
        port: the wanted port, 0 for any; None means 8080.
        explicit_port: whether the operator named the port on the command line.
        secure: whether HTTPS will be spoken.

    Raises:
        CommandError: the port is busy and was insisted on, or the host is none of this machine's.
    """
    host = host or DEFAULT_HOST
    first = DEFAULT_PORT if port is None else port
    last = first if explicit_port or first == 0 else min(first + PORTS_TRIED, MAX_PORT)
    for candidate in range(first, last + 1):
        listener = _bind(host, candidate)
        if listener is not None:
            return Endpoint(host, listener, secure)
    if first == last:
        raise CommandError(
            f"Port {first} is busy: another program uses it. Stop that one or choose another --port."
        )
    raise CommandError(f"The ports from {first} to {last} are all busy. Choose another --port.")


def _bind(host: str, port: int) -> socket.socket | None:
    """Return a socket bound to the port, or None when that is busy."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            "127.0.0.1" if host == "localhost" else host,
            port,
            type=socket.SOCK_STREAM,
            flags=socket.AI_PASSIVE,
        )[0]
    except (socket.gaierror, UnicodeError) as error:
        raise CommandError(f"--host {host}: no such name or address.") from error
    listener = socket.socket(family, kind)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            return None
        if error.errno == errno.EACCES:
            raise CommandError(f"This account may not use port {port}. Choose one above 1023.") from error
        raise CommandError(
            f"--host {host} is no address of this machine ({error.strerror}). "
            "Use 0.0.0.0 for all networks; behind a proxy set LABEL_STUDIO_HOST to the public address."
        ) from error
    return listener


def check_certificate(cert: Path | None, key: Path | None) -> bool:
    """Return whether HTTPS is wanted, after making sure that its files work.

    Raises:
        CommandError: one of the two is missing, or they cannot be used.
    """
    if cert is None and key is None:
        return False
    if cert is None or key is None:
        raise CommandError("HTTPS needs both --cert and --key.")
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(cert, key, password="")
    except (OSError, ValueError) as error:
        raise CommandError(f"HTTPS with {cert} and {key} does not work: {error}") from error
    return True


def wait_until_healthy(endpoint: Endpoint, *, seconds: float, still_wanted: Callable[[], bool]) -> bool:
    """Ask for the server's health until it answers 200.

    Args:
        endpoint: whom to ask.
        seconds: how long.
        still_wanted: asked before each question; raises, or returns False, to stop asking.

    Returns:
        Whether it answered.
    """
    deadline = time.monotonic() + seconds
    while still_wanted() and time.monotonic() < deadline:
        if is_healthy(endpoint):
            return True
        time.sleep(HEALTH_INTERVAL)
    return False


def is_healthy(endpoint: Endpoint) -> bool:
    """Tell whether the server answers a question for its health."""
    address = endpoint.listener.getsockname()[0]
    if endpoint.is_wildcard:
        address = "::1" if ":" in address else "127.0.0.1"
    connection = _connection(address, endpoint)
    try:
        connection.request("GET", HEALTH_PATH, headers={"Host": f"localhost:{endpoint.port}"})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _connection(address: str, endpoint: Endpoint) -> http.client.HTTPConnection:
    if not endpoint.secure:
        return http.client.HTTPConnection(address, endpoint.port, timeout=HEALTH_TIMEOUT)
    # The certificate is for the name people use; this question goes to ourselves.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(address, endpoint.port, timeout=HEALTH_TIMEOUT, context=context)
