"""What an import format is, what it reads from, and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, Literal, NamedTuple

from apps.core.errors import ValidationFailed
from apps.imports.formats.limits import LIMITS, Limits
from apps.labeling.config import LabelingConfig

if TYPE_CHECKING:
    from apps.imports.formats.container import Container

HEAD_BYTES = 64 * 1024
"""How much of a file's beginning `sniff` gets to see."""


class Row(NamedTuple):
    """A row that could be read.

    `value` is what `apps.imports.rows.RowReader` takes: bare data or `{data, meta, completions, predictions}`;
    `place` tells people where it stood: `line 12`, `row 3`, `photos.zip › cats/1.jpg`.
    """

    value: Any
    place: str


class UnreadableRow(NamedTuple):
    """A row that could not be read, in a file whose other rows can; `excerpt` is its beginning as it stands there."""

    problem: str
    place: str
    excerpt: str = ""


Item = Row | UnreadableRow


class UnreadableFile(ValidationFailed):
    """A file that cannot be read (on): not of its format, broken off, over a limit.

    Args:
        message: a sentence: what is wrong and what to do.
        place: where in the file: `byte 1,024`, `line 3`, the name of a file in an archive; may be empty.
    """

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(f"{place}: {message}" if place else message)
        self.reason = message
        self.place = place


class OverLimit(UnreadableFile):
    """An archive or compressed file that goes over a declared limit, or is locked: nothing in it is read."""


def no_store(name: str, stream: IO[bytes]) -> str:
    """Refuse to store a media file: for callers that have nowhere to put one.

    Raises:
        UnreadableFile: always.
    """
    raise UnreadableFile("It is a media file, and there is no place to store it here. Upload it.", name)


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read.

    Args:
        name: as the person named it; only a hint, and part of messages.
        stream: seekable; read from its start. Its `tell()` tells the progress.
        size: in bytes.
        store_media: stores a media file (name, stream) and returns the address to put into the task.
        url: the address of this very file when it is stored already, so that a media file is not stored twice.
    """

    name: str
    stream: IO[bytes]
    size: int
    store_media: Callable[[str, IO[bytes]], str] = no_store
    url: str | None = None


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read a file.

    Args:
        config: the project's; tells the variables to fill and the controls to which answers belong.
        csv_as: whether each line of a table is a task, or the table is one task's time series.
        columns: which column fills which variable, by variable; other columns keep their names.
        answers_as: what the labels of an annotated set (COCO, CoNLL …) become.
        model_version: of predictions made from an annotated set.
        control: the control that an annotated set's labels belong to; the first that fits when empty.
        encoding: of text that is no JSON; found out when None.
    """

    config: LabelingConfig
    csv_as: Literal["tasks", "time series"] = "tasks"
    columns: Mapping[str, str] = field(default_factory=dict)
    answers_as: Literal["completions", "predictions"] = "predictions"
    model_version: str = ""
    control: str = ""
    encoding: str | None = None
    limits: Limits = LIMITS


@dataclass(frozen=True, slots=True)
class ImportFormat:
    """One way in which tasks are written into a file.

    Args:
        name: as clients ask for it, in capitals.
        title: as pages show it.
        description: one sentence on what becomes a task.
        extensions: without the dot, the usual one first.
        content_types: by which browsers and pipelines announce it, the usual one first.
        example: a whole small file; the documentation shows it when it is text.
        sniff: whether a file with this beginning (`HEAD_BYTES` at most) and name is of this format.
        read: yields the rows; a fatal error is an `UnreadableFile`.
        random_access: `read` jumps about in the stream, so a stream that only runs forward is copied first.
        sniff_container: whether the files of an archive or folder are, taken together, of this format.
        read_container: yields the rows of such an archive or folder.
    """

    name: str
    title: str
    description: str
    extensions: tuple[str, ...]
    content_types: tuple[str, ...]
    example: str | bytes
    sniff: Callable[[bytes, str], bool]
    read: Callable[[Source, ReadOptions], Iterator[Item]]
    random_access: bool = False
    sniff_container: Callable[[Container], bool] | None = None
    read_container: Callable[[Container, ReadOptions], Iterator[Item]] | None = None
