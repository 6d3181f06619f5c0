"""Writes an export: the bytes of its file, as the tasks are read."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from zipfile import ZipFile

from apps.exports.formats import ExportFormat, ExportOptions, Report
from apps.exports.formats.archive import CONTENT_TYPE, Member, archive
from apps.exports.media import BLOCK, ProjectMedia
from apps.exports.options import ExportSpec
from apps.exports.queries import data_keys_of, exported_tasks, snapshot
from apps.exports.reworking import Reworking
from apps.exports.splitting import Part
from apps.exports.statements import Chosen, Statement, statement_of
from apps.labeling.config import parse
from apps.projects.models import Project

ARCHIVE = "zip"
_REPORT = "report.json"

Advance = Callable[[int], None]


@dataclass(slots=True)
class Writer:
    """One export on its way into a file.

    Args:
        chosen: which tasks pass the tab, filters and selection of `spec`.
        advance: is told how many tasks were read; what it raises ends the export.

    Attributes:
        report: what could not be written; complete when the last byte is out.
        read: how many tasks were read.
    """

    spec: ExportSpec
    project: Project
    format: ExportFormat
    chosen: Chosen
    exported_by: int
    advance: Advance = lambda _read: None
    report: Report = field(default_factory=Report)
    read: int = 0
    salt: str = field(default_factory=partial(secrets.token_hex, 16))

    @property
    def extension(self) -> str:
        """Of the file, without the dot."""
        return ARCHIVE if self.spec.parts else self.format.extension

    @property
    def content_type(self) -> str:
        """Of the file."""
        return CONTENT_TYPE if self.spec.parts else self.format.content_type

    def statement(self, part: Part | None = None, between: tuple[int, int] | None = None) -> Statement:
        """Return what reads the tasks, or those of one part, or those between two ids."""
        return statement_of(
            self.spec, project=self.project, chosen=self.chosen, exported_by=self.exported_by, salt=self.salt,
            part=part, between=between,
        )  # fmt: skip

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes of the file; all tasks are read from one snapshot, which the first piece opens."""
        with snapshot():
            yield from self._archive() if self.spec.parts else self._read()

    def pieces_between(self, between: tuple[int, int], *, shared: str) -> Iterator[bytes]:
        """Yield the tasks between two ids as a file of their own, read from a snapshot that is shared with others."""
        with snapshot(shared):
            yield from self.written(self.counted(exported_tasks(self.statement(between=between))))

    def _read(self, part: Part | None = None) -> Iterator[bytes]:
        options = replace(self._options(), data_keys=partial(data_keys_of, self.statement(part)))
        return self.format.write(self._reworking(self._tasks(part)), options)

    def written(self, tasks: Iterable[str]) -> Iterator[bytes]:
        """Yield `tasks`, each a JSON text, in the format that is asked for."""
        return self.format.write(self._reworking(tasks), self._options())

    @property
    def _reworking(self) -> Reworking:
        return Reworking(
            config=parse(self.project.label_config),
            consensus=self.spec.completions == "consensus",
            interpolate=self.spec.interpolate,
            report=self.report,
        )

    def _options(self) -> ExportOptions:
        # What is to be left out of a task was left out when it was read; by themselves, formats choose once more.
        keeps_all = self.spec.completions == "all"
        return ExportOptions(
            config=parse(self.project.label_config),
            completions="all" if keeps_all else "newest",
            tagging="IOBES" if self.spec.tagging == "IOBES" else "BIO",
            media=ProjectMedia(self.project) if self.spec.media else None,
            report=self.report,
        )

    def _tasks(self, part: Part | None = None) -> Iterator[str]:
        return self.counted(exported_tasks(self.statement(part)))

    def counted(self, tasks: Iterable[str]) -> Iterator[str]:
        """Yield `tasks`, and tell how many there were."""
        for text in tasks:
            yield text
            self.read += 1
            self.advance(self.read)

    def _archive(self) -> Iterator[bytes]:
        return archive(self._members(), self.report)

    def _members(self) -> Iterator[Member]:
        """Yield the files of each part: one named after it, or a folder where the format has several."""
        for part in self.spec.parts:
            pieces = self._read(part)
            if self.format.extension == ARCHIVE:
                yield from _unpacked(pieces, part.name)
            else:
                yield Member(f"{part.name}.{self.format.extension}", pieces)


def _unpacked(pieces: Iterator[bytes], folder: str) -> Iterator[Member]:
    """Yield the members of an archive below `folder`; it waits on disk, for its list of contents stands at its end."""
    with tempfile.TemporaryFile(prefix="export-part-") as file:
        file.writelines(pieces)
        with ZipFile(file) as inner:
            for entry in inner.infolist():
                if entry.filename == _REPORT:  # one report tells of all parts
                    continue
                with inner.open(entry) as stream:
                    yield Member(f"{folder}/{entry.filename}", iter(partial(stream.read, BLOCK), b""))
