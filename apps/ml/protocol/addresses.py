"""Where ML backends may be: public addresses, and inner ones that the operator allows."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings

from apps.core.errors import ValidationFailed
from apps.core.outgoing_addresses import OutgoingRefused, parse_target

MAX_URL_CHARACTERS = 2_000


def normalized_url(url: str) -> str:
    """Return a backend's URL in the one form in which it is stored, so that two spellings are one backend.

    Raises:
        ValidationFailed: it is no http(s) URL, or holds credentials, a query or a fragment.
    """
    url = url.strip()
    try:
        if len(url) > MAX_URL_CHARACTERS:
            raise OutgoingRefused(f"The URL is longer than {MAX_URL_CHARACTERS:,} characters.")
        target = parse_target(url)
        parts = urlsplit(url)
        if parts.query or parts.fragment:
            raise OutgoingRefused("The URL holds a query or a fragment. Give the address alone.")
    except OutgoingRefused as error:
        raise ValidationFailed(error.message, fields={"url": [error.message]}) from error
    return urlunsplit((target.scheme, target.host_header, parts.path.rstrip("/"), "", ""))


def allowed_hosts(url: str) -> frozenset[str]:
    """Return the `host:port` pairs that a call to `url` may go to although they are inner addresses.

    Entries of ML_ALLOWED_HOSTS are `host:port`, or a host whose every port is allowed. A redirect gains nothing:
    beyond the backend's own address only whole pairs are allowed.
    """
    target = parse_target(url)
    named = frozenset(settings.ML_ALLOWED_HOSTS)
    by_host = target.host in named or f"[{target.host}]" in named
    by_loopback = settings.ML_ALLOW_LOOPBACK and _is_loopback(target.host)
    return named | {target.host_and_port} if by_host or by_loopback else named


def how_to_allow(url: str) -> str:
    """Return what an operator does to allow the address of `url`."""
    return f"An operator can allow it: ML_ALLOWED_HOSTS={parse_target(url).host_and_port}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
