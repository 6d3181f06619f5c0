"""ML backends that the command line or config.json names."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from typer import Context
from typer.core import TyperCommand

from label_studio_server.cli.errors import CommandError
from label_studio_server.settings.ml_backends import NAMED

OPTION = "--ml-backends"


@dataclass(frozen=True, slots=True)
class NamedBackend:
    """An ML backend as people name it: `http://localhost:9090`, or `mood=http://localhost:9090`."""

    url: str
    title: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what a word of the command line names.

        Raises:
            CommandError: it is no URL, with or without a name before it.
        """
        match = NAMED.fullmatch(text.strip())
        if match is None or cls(match["url"]).address is None:
            raise CommandError(
                f"{OPTION} takes URLs, as http://localhost:9090 or name=http://localhost:9090, not {text[:200]!r}."
            )
        return cls(match["url"].rstrip("/"), (match["name"] or "").strip())

    @property
    def address(self) -> str | None:
        """The `host:port` that it listens at; None when the URL names none."""
        try:
            parts = urlsplit(self.url)
            port = parts.port or {"http": 80, "https": 443}[parts.scheme]
        except ValueError:
            return None
        host = parts.hostname or ""
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}" if host else None

    def as_text(self) -> str:
        """Return it as people name it; a title that cannot stand before the URL is left out."""
        named = f"{self.title}={self.url}"
        return named if self.title and "," not in named and NAMED.fullmatch(named) else self.url

    def as_setting(self) -> dict[str, str]:
        """Return it as config.json keeps it."""
        return {"url": self.url, "name": self.title}


def ml_environment(
    backends: Iterable[NamedBackend], *, is_private: bool, for_new_projects: bool = False
) -> dict[str, str]:
    """Return where ML backends may be, and whose they are; what the operator set already wins.

    Args:
        backends: those the operator named, who may be inner ones for that.
        is_private: whether only this machine reaches the server, so that its ports are no secret of anybody's.
        for_new_projects: whether each project that is made is connected to them.
    """
    backends = list(backends)
    named = [backend.address for backend in backends if backend.address]
    before = [entry for entry in os.environ.get("ML_ALLOWED_HOSTS", "").split(",") if entry]
    chosen = {"ML_ALLOWED_HOSTS": ",".join(dict.fromkeys([*before, *named]))} if named else {}
    # Behind a proxy with a name of its own the server listens locally, too, and is everybody's.
    if is_private and not {"LABEL_STUDIO_HOST", "ML_ALLOW_LOOPBACK"} & os.environ.keys():
        chosen["ML_ALLOW_LOOPBACK"] = "true"
    if backends and for_new_projects and "ML_BACKENDS_FOR_NEW_PROJECTS" not in os.environ:
        texts = dict.fromkeys(backend.as_text() for backend in backends)
        chosen["ML_BACKENDS_FOR_NEW_PROJECTS"] = ",".join(texts)
    return chosen


class CommandWithUrls(TyperCommand):
    """Takes several URLs behind one `--ml-backends`, as the command line of the Flask era did."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Parse the arguments, with the option before each URL."""
        return super().parse_args(ctx, spread(args))


def spread(args: list[str]) -> list[str]:
    """Return arguments in which `--ml-backends a b` is `--ml-backends a --ml-backends b`."""
    spread_args: list[str] = []
    taking = False
    for place, argument in enumerate(args):
        if argument == OPTION:
            taking = True
        elif taking and args[place - 1] != OPTION and NAMED.fullmatch(argument):
            spread_args.append(OPTION)
        elif args[place - 1] != OPTION:
            taking = False
        spread_args.append(argument)
    return spread_args
