"""The images of an annotated set that lie in the same archive or folder."""

from __future__ import annotations

from pathlib import PurePosixPath

from apps.imports.formats.container import Container, Member
from apps.imports.formats.shapes import Size, size_of

IMAGE_SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".svg", ".avif"}
)


class ImageFiles:
    """Finds the file that an annotation means: by its path's end, by its name, or by its name without the ending."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self.members = [member for member in container.members if member.suffix in IMAGE_SUFFIXES]
        self._by_name: dict[str, list[Member]] = {}
        for member in self.members:
            path = PurePosixPath(member.name)
            self._by_name.setdefault(path.name, []).append(member)
            self._by_name.setdefault(path.stem, []).append(member)

    def find(self, name: str) -> Member | None:
        """Return the file that `name` means; of several that could be, the one whose path is most alike."""
        wanted = PurePosixPath(name.replace("\\", "/"))
        candidates = self._by_name.get(wanted.name) or self._by_name.get(wanted.stem) or []
        return max(
            candidates, key=lambda member: _common_end(PurePosixPath(member.name), wanted), default=None
        )

    def address(self, name: str) -> str | None:
        """Store the file that `name` means and return its address; None when there is none."""
        member = self.find(name)
        return None if member is None else self.store(member)

    def store(self, member: Member) -> str:
        """Store an image and return its address."""
        with self._container.open(member) as stream:
            return self._container.store_media(member.name, stream)

    def size(self, member: Member) -> Size | None:
        """Return an image's size in pixels; None when its header does not tell."""
        with self._container.open(member) as stream:
            return size_of(stream)


def _common_end(found: PurePosixPath, wanted: PurePosixPath) -> int:
    count = 0
    for ours, theirs in zip(reversed(found.parts[:-1]), reversed(wanted.parts[:-1]), strict=False):
        if ours != theirs:
            break
        count += 1
    return count
