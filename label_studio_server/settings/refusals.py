"""What a server that people reach at a public address must not start with."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

LOOPBACK = frozenset({"", "localhost", "127.0.0.1", "::1"})
SHORTEST_KEY = 32
"""Characters of SECRET_KEY: what `secrets.token_hex(16)` gives."""


def refuse_unsafe(*, external_url: str, debug: bool, allowed_hosts: list[str], secret_key: str) -> None:
    """Let a server start that nobody else reaches, or that is safe to reach.

    Args:
        external_url: LABEL_STUDIO_HOST, the address people use; empty or of this machine for private use.

    Raises:
        ImproperlyConfigured: naming every variable that must change, and how.
    """
    host = urlsplit(external_url if "//" in external_url else f"//{external_url}").hostname or ""
    if host in LOOPBACK:
        return
    problems = []
    if debug:
        problems.append("DEBUG shows strangers what the program holds. Unset it.")
    if "*" in allowed_hosts:
        problems.append(f'ALLOWED_HOSTS accepts forged names ("*"). Set ALLOWED_HOSTS={host}.')
    if len(secret_key) < SHORTEST_KEY or secret_key.startswith("django-insecure"):
        problems.append(
            "SECRET_KEY can be guessed, and with it every session."
            " Set it to what `python -c 'import secrets; print(secrets.token_hex(32))'` prints."
        )
    if problems:
        raise ImproperlyConfigured(f"The server does not start at {external_url}. " + " ".join(problems))
