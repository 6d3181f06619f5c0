"""The parts of an export that several workers write: made, taken, finished, thrown away.

A part belongs to a run of the leading job and is taken by a run of some job, the leading one or a helping one. A part
whose taker was killed is free again for whoever looks next; when its taker turns out to be alive after all, whoever
finishes first wins, and the other one's file is thrown away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction

from apps.exports.formats import Report
from apps.exports.joining import SEAMS, body_of
from apps.exports.models import Export, ExportPart
from apps.exports.storing import store_pieces
from apps.exports.writing import Advance, Writer


@dataclass(frozen=True, slots=True)
class Taker:
    """A run of a job that writes parts."""

    job: UUID
    attempt: int


def can_be_parted(writer: Writer) -> bool:
    """Whether workers can share an export: its format can be joined, and all it needs is known to each of them.

    The salt of pseudonyms is not: it never leaves the process that writes the file.
    """
    spec = writer.spec
    return writer.format.name in SEAMS and not spec.parts and spec.identities != "pseudonyms"


def make_parts(row: Export, ranges: Sequence[tuple[int, int, int]], *, run: UUID) -> None:
    """Make the parts of an export for a run of it, one for each range as of `ranges_of`; those of earlier runs go."""
    discard_parts(row)
    ExportPart.objects.bulk_create(
        ExportPart(export=row, run=run, number=number, after_id=after, upto_id=upto)
        for number, (after, upto, _) in enumerate(ranges, start=1)
    )


@transaction.atomic
def take_part(*, run: UUID, taker: Taker) -> ExportPart | None:
    """Return the first part that nobody writes, as the taker's from now on; None when there is none."""
    free = ExportPart.objects.filter(run=run).free()
    part: ExportPart | None = free.select_for_update(skip_locked=True, of=("self",)).first()
    if part is not None:
        part.taken_by, part.taken_attempt = taker.job, taker.attempt
        part.save(update_fields=["taken_by", "taken_attempt"])
    return part


def write_part(part: ExportPart, writer: Writer, *, shared: str, advance: Advance) -> None:
    """Write the file of a part, and its name into the row, unless somebody was faster.

    Args:
        shared: the snapshot of which the export is.
        advance: told how many of the part's tasks were read; what it raises ends the work.

    Raises:
        SnapshotGone: the leading worker holds it no more.
        StorageFull: there is no room.
    """
    own = replace(writer, report=Report(), read=0, advance=advance)
    pieces = own.pieces_between((part.after_id, part.upto_id), shared=shared)
    stored = store_pieces(
        body_of(pieces, SEAMS[own.format.name]),
        project_id=own.project.pk,
        filename=f"export-{part.export_id}-part-{part.number}",
    )
    mine = ExportPart.objects.unfinished().filter(pk=part.pk)
    if not mine.update(file=stored.name, task_count=own.read, problem_count=own.report.problems):
        default_storage.delete(stored.name)


def discard_parts(row: Export, *, run: UUID | None = None) -> None:
    """Delete the parts of an export, or of a run of it, and their files; who still writes one finds its row gone."""
    with transaction.atomic():
        found = ExportPart.objects.filter(export=row) if run is None else ExportPart.objects.filter(run=run)
        parts = list(found.select_for_update().order_by("pk"))
        ExportPart.objects.filter(pk__in=[part.pk for part in parts]).delete()
    for part in parts:
        if part.file:
            default_storage.delete(part.file)


def fingerprint(writer: Writer) -> str:
    """Return what is the same for two workers that would write the same file.

    Between the beginning of an export and a helper's, somebody may have changed the tab or the labeling config.
    """
    statement = writer.statement()
    values = {name: value for name, value in statement.parameters.items() if name != "salt"}
    seen = [statement.text, values, writer.spec.document(), writer.project.label_config]
    return hashlib.sha256(repr(seen).encode()).hexdigest()


def worth_sharing(tasks: int) -> bool:
    """Whether an export is so large that others shall help."""
    return bool(settings.EXPORT_WORKERS > 1 and tasks > settings.EXPORT_SPLIT_TASKS)
