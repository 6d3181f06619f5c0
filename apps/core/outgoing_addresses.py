"""Which addresses this server may connect to: public ones, and those the operator named."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from apps.core.errors import ValidationFailed

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_DEFAULT_PORTS = {"http": 80, "https": 443}
# Prefixes that carry an IPv4 address inside an IPv6 one: NAT64 and its local form, 6to4, Teredo.
_TRANSLATING = tuple(
    ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)


class OutgoingRefused(ValidationFailed):
    """The address is none that this server connects to; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where one request goes.

    Args:
        path: with the query, as it stands in the request line.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def host_and_port(self) -> str:
        """The form in which operators allow it: `ml.internal:9090`, `[::1]:80`."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def host_header(self) -> str:
        """The value of the request's `Host`."""
        if self.port != _DEFAULT_PORTS[self.scheme]:
            return self.host_and_port
        return f"[{self.host}]" if ":" in self.host else self.host


def parse_target(url: str) -> Target:
    """Return what a URL names.

    Raises:
        OutgoingRefused: another scheme than http and https, credentials, no host, or characters that no URL has.
    """
    if any(ord(character) <= 0x20 or ord(character) == 0x7F or character == "\\" for character in url):
        raise OutgoingRefused("The URL holds spaces or control characters. Write them percent-encoded.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise OutgoingRefused("The URL is not valid: its host or port cannot be read.") from error
    if parts.scheme not in _DEFAULT_PORTS:
        raise OutgoingRefused("The URL must start with http:// or https://.")
    if parts.username is not None or parts.password is not None:
        raise OutgoingRefused("The URL holds a user name or password. Leave them out.")
    return Target(
        parts.scheme,
        _ascii_host(parts),
        _DEFAULT_PORTS[parts.scheme] if port is None else port,
        _request_target(parts),
    )


def _ascii_host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if not host or "%" in host:
        raise OutgoingRefused("The URL names no host.")
    try:
        return host if ":" in host else host.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise OutgoingRefused("The URL's host is not a valid name.") from error


def _request_target(parts: SplitResult) -> str:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    # Letters beyond ASCII may not stand in a request line.
    return "".join(c if c.isascii() else "".join(f"%{b:02X}" for b in c.encode()) for c in target)


def is_public(address: IPAddress) -> bool:
    """Whether an address belongs to the internet at large, also when it is wrapped into an IPv6 one."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if any(address in network for network in _TRANSLATING):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def resolve(target: Target, *, allowed_hosts: frozenset[str]) -> list[str]:
    """Return the addresses of a target, each of which may be connected to.

    The caller connects to one of them and not to the name, so that a name that answers differently the next
    moment gains nothing. One inner address among them refuses the whole name.

    Args:
        allowed_hosts: `host:port` pairs that may also be inner ones.

    Raises:
        OutgoingRefused: the name is unknown, or it leads into this server's own network.
    """
    allowed = target.host_and_port in allowed_hosts
    addresses = _look_up(target, qualified=not allowed)
    if not allowed and not all(is_public(ipaddress.ip_address(address)) for address in addresses):
        raise OutgoingRefused(
            f"{target.host} is an address of this server's own network, which it does not read from."
            f" An operator can allow it: OUTGOING_ALLOWED_HOSTS={target.host_and_port}."
        )
    return addresses


def _look_up(target: Target, *, qualified: bool) -> list[str]:
    name = target.host
    if qualified and not _is_literal(name):
        name += "."  # else the search domains of this machine's network would apply
    try:
        found = socket.getaddrinfo(name, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise OutgoingRefused(f"There is no host called {target.host}.") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not addresses or any("%" in address for address in addresses):
        raise OutgoingRefused(f"{target.host} has no address that can be reached.")
    return addresses


def _is_literal(name: str) -> bool:
    try:
        socket.inet_aton(name)  # also 2130706433, 0x7f.1 and 017700000001, which resolvers read as addresses
    except OSError:
        return ":" in name
    return True
