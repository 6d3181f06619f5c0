"""Many files under one name: what archives and folders look like to a format that consists of several files."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Protocol


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a container: its name with forward slashes, and its size in bytes."""

    name: str
    size: int

    @property
    def suffix(self) -> str:
        """The end of its name from the last dot on, in lower case."""
        return PurePosixPath(self.name).suffix.lower()


class Container(Protocol):
    """What `read_container` reads from.

    `name` is the container's own; `members` are its files in a fixed order, without hidden ones; `store_media` stores
    a file and returns its address.
    """

    name: str
    members: tuple[Member, ...]
    store_media: Callable[[str, IO[bytes]], str]

    def open(self, member: Member) -> AbstractContextManager[IO[bytes]]:
        """Open a file for reading; it can be wound back to its start, but jumping about in it may be slow."""
        ...


def place_in(container: Container, member: Member | str) -> str:
    """Return how messages name a file of a container."""
    return f"{container.name} › {member if isinstance(member, str) else member.name}"
