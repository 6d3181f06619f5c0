"""Known places in the orders of indexed keys, from which pages deep in them are counted (docs/adr/0013).

Postgres cannot tell which entry of an index is the 500,000th without stepping over all before it. So the place of
every thousandth entry is kept, and triggers write down each entry that comes and goes: a place is what it was when it
was counted last, and the changes before it since. When those are many, a job counts the entries again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.db import connection, transaction

from apps.core.prepared import Prepared
from apps.data_manager.conditions import Parameters
from apps.data_manager.searching import search
from apps.jobs.services import enqueue
from apps.projects.models import Project

COUNT_PLACES = "data-key-places"
KEPT_EACH = 1_000
"""Every so many entries, the place of one is kept."""

WORTH_COUNTING = 1_000
"""From so many changes on, the entries are counted again."""

MAX_CHANGES = 20_000
"""With more changes, pages are counted from the ends of the order until the job is done."""

KINDS = (0, 1, 2)
"""Numbers, texts, tasks without a value."""

_COUNTING = 0x706C6163  # "plac" in ASCII: keeps this lock apart from others
_KEYS = 1 << 31

# How many entries of each kind there are, how many came since they were counted, and how many changes there were.
# Changes of no kind are of an unknown number.
_COUNTS = Prepared(
    "data_key_counts",
    f"""
    WITH change AS MATERIALIZED (
        SELECT kind, change FROM data_manager_datachange WHERE key_id = %(index)s::bigint LIMIT {MAX_CHANGES + 1}
    ), since AS (
        SELECT kind, sum(change) AS balance, count(*) FILTER (WHERE change > 0) AS added FROM change GROUP BY kind
    )
    SELECT coalesce(counted.entries, 0) + coalesce(since.balance, 0), coalesce(since.added, 0),
           (SELECT count(*) FROM change), (SELECT count(*) FROM change WHERE kind IS NULL), counted.entries
    FROM (SELECT kind, (SELECT max(place) + 1 FROM data_manager_dataplace p
                        WHERE p.key_id = %(index)s::bigint AND p.kind = of_kind.kind) AS entries
          FROM (VALUES (0::smallint), (1::smallint), (2::smallint)) AS of_kind (kind)) AS counted
         LEFT JOIN since USING (kind)
    ORDER BY kind
    """,  # noqa: S608 - a constant
)
_NEAREST = Prepared(
    "data_key_place",
    """
    SELECT known.place + coalesce((
               SELECT sum(c.change) FROM data_manager_datachange c
               WHERE c.key_id = %(index)s::bigint AND c.kind = %(kind)s::smallint
                 AND (c.number, c.value, c.task_id) < (known.number, known.value, known.task_id)
           ), 0), known.number::text, known.value, known.task_id
    FROM (
        SELECT place, number, value, task_id FROM data_manager_dataplace
        WHERE key_id = %(index)s::bigint AND kind = %(kind)s::smallint AND place <= %(until)s::bigint
        ORDER BY place DESC LIMIT 1
    ) AS known
    """,
)
# How many entries stand before a border: the nearest known place before it, what came and went before that, and the
# entries between. `{before}` is true of what stands before the border.
_BEFORE_BORDER = """
SELECT coalesce(known.place, 0) + coalesce((
           SELECT sum(c.change) FROM data_manager_datachange c
           WHERE c.key_id = %(index)s::bigint AND c.kind = {kind}
             AND (c.number, c.value, c.task_id) < (known.number, known.value, known.task_id)
       ), 0) + (
           SELECT count(*) FROM data_manager_datavalue e
           WHERE e.key_id = %(index)s::bigint AND e.kind = {kind} AND {before} AND {after_known}
       )
FROM (VALUES (1)) AS one LEFT JOIN LATERAL (
    SELECT place, number, value, task_id FROM data_manager_dataplace e
    WHERE e.key_id = %(index)s::bigint AND e.kind = {kind} AND {before} AND {is_known}
    ORDER BY e.number DESC, e.value DESC, e.task_id DESC LIMIT 1
) AS known ON true
"""
_AFTER_KNOWN = {
    0: "(e.number, e.value, e.task_id) >="
    " (coalesce(known.number, '-Infinity'), coalesce(known.value, ''), coalesce(known.task_id, 0))",
    1: "e.number IS NULL AND (e.value, e.task_id) >= (coalesce(known.value, ''), coalesce(known.task_id, 0))",
}
_IS_KNOWN = {0: "TRUE", 1: "e.number = 0"}
_BORDER_OF_NUMBER, _BORDER_OF_TEXT = "e.number {sign} %(number)s::numeric", "e.value {sign} %(value)s::text"
_BORDER_OF_BOTH = "(e.number, e.value) {sign} (%(number)s::numeric, %(value)s::text)"
_FROM = {
    0: "(v.number, v.value, v.task_id) >= ({number}::numeric, {value}::text, {task}::bigint)",
    1: "v.number IS NULL AND (v.value, v.task_id) >= ({value}::text, {task}::bigint)",
    2: "v.number IS NULL AND v.value IS NULL AND v.task_id >= {task}::bigint",
}

# One statement: the changes that it takes away and the entries that it counts are of the same moment. Changes of a
# transaction that is not over stay, and so does what they speak of uncounted.
_COUNT = """
WITH counted AS (DELETE FROM data_manager_datachange WHERE key_id = %(index)s),
former AS (DELETE FROM data_manager_dataplace WHERE key_id = %(index)s)
INSERT INTO data_manager_dataplace (key_id, kind, place, number, value, task_id)
SELECT %(index)s, kind, place, coalesce(number, 0), coalesce(value, ''), task_id
FROM (
    SELECT kind, number, value, task_id, row_number() OVER entries - 1 AS place, lead(task_id) OVER entries AS next
    FROM data_manager_datavalue WHERE key_id = %(index)s
    WINDOW entries AS (PARTITION BY kind ORDER BY number, value, task_id)
) AS entry
WHERE place %% %(each)s = 0 OR next IS NULL
"""
_OF_MANY_CHANGES = """
SELECT key_id FROM data_manager_datachange GROUP BY key_id HAVING count(*) >= %s OR count(*) > count(kind)
"""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Entries of one kind that follow one another.

    Attributes:
        first: how many of their kind come before them.
        entries: how many of their kind there are.
        added: how many of those came since their places were counted.
    """

    kind: int
    first: int
    size: int
    entries: int
    added: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A task in the index, with what its value is: its number as text, since the driver knows no infinite ones."""

    task_id: int
    number: str | None
    value: str | None


@dataclass(frozen=True, slots=True)
class Border:
    """Where entries of one kind part: what stands before it has lower values, or the same if it `includes` them.

    Attributes:
        number: of numbers alone; without a `value`, all entries of that number stand on the same side.
    """

    number: Any = None
    value: str | None = None
    includes: bool = False


@dataclass(frozen=True, slots=True)
class KindCount:
    """How many entries of a kind there are, and how many of those came since their places were counted."""

    entries: int
    added: int


@dataclass(frozen=True, slots=True)
class Span:
    """The entries of one kind from the place `low` up to, and without, the place `high`, counted upwards from 0."""

    kind: int
    low: int
    high: int


def page_by_places(
    project: Project, index: int, *, start: int, size: int, descending: bool
) -> list[int] | None:
    """Return the ids of a page in the order of a complete index, at a cost that does not depend on how deep it is.

    None where the places are not known at the moment; a job is then asked to count them.

    Args:
        start: how many tasks come before.
        descending: each kind from its highest value on; the kinds in the same order as upwards.
    """
    stretches = stretches_of_page(project, index, start=start, size=size)
    if stretches is None:
        return None
    return [
        entry.task_id for stretch in stretches for entry in entries_of(index, stretch, descending=descending)
    ]


def stretches_of_page(project: Project, index: int, *, start: int, size: int) -> list[Stretch] | None:
    """Return where the entries of a page stand among those of their kinds; None as for `page_by_places`."""
    counts = known_counts(project, index)
    if counts is None:
        return None
    spans = [Span(kind, 0, counts[kind].entries) for kind in KINDS]
    return stretches_within(spans, counts, start=start, size=size, descending=False)


def stretches_within(
    spans: Sequence[Span], counts: Sequence[KindCount], *, start: int, size: int, descending: bool
) -> list[Stretch]:
    """Return where the entries of a page stand which shows only those of some spans.

    Args:
        spans: in the order of the index.
        start: how many entries of the spans come before the page.
        descending: each kind is read from its end; the kinds stay in their order.
    """
    stretches = []
    for span in sorted(spans, key=lambda one: (one.kind, -one.high if descending else one.low)):
        first, end = max(start, 0), min(start + size, span.high - span.low)
        entries, added = counts[span.kind].entries, counts[span.kind].added
        if first < end:
            before = entries - span.high if descending else span.low
            stretches.append(Stretch(span.kind, before + first, end - first, entries, added))
        start -= span.high - span.low
    return stretches


def known_counts(project: Project, index: int) -> list[KindCount] | None:
    """Return how many entries of each kind there are; None where the places are not known at the moment."""
    counts = _COUNTS.rows(index=index)
    _, _, changes, unknown, _ = counts[0]
    is_known = not unknown and any(counted is not None for *_, counted in counts)
    if not is_known or changes >= WORTH_COUNTING:
        enqueue(
            kind=COUNT_PLACES,
            project=project,
            payload={"index": index},
            dedupe_key=f"data-key-places-{index}",
        )
    if not is_known or changes > MAX_CHANGES:
        return None
    return [KindCount(int(entries), int(added)) for entries, added, *_ in counts]


def entries_before(index: int, kind: int, border: Border) -> int:
    """Return how many numbers (kind 0) or texts (1) stand before a border, where places are known."""
    counted = _before_border(kind, border.number is not None, border.value is not None, border.includes)
    ((entries,),) = counted.rows(index=index, number=border.number, value=border.value)
    return int(entries)


@cache
def _before_border(kind: int, by_number: bool, by_value: bool, includes: bool) -> Prepared:
    compared = _BORDER_OF_TEXT if not by_number else _BORDER_OF_BOTH if by_value else _BORDER_OF_NUMBER
    before = compared.format(sign="<=" if includes else "<")
    statement = _BEFORE_BORDER.format(
        kind=kind, before=before, after_known=_AFTER_KNOWN[kind], is_known=_IS_KNOWN[kind]
    )
    return Prepared("data_key_border", statement)


def entries_of(index: int, stretch: Stretch, *, descending: bool) -> list[Entry]:
    """Return the entries of a stretch, which is counted from the end of its kind if `descending`."""
    if descending:
        mirrored = replace(stretch, first=stretch.entries - stretch.first - stretch.size)
        return entries_of(index, mirrored, descending=False)[::-1]
    # However many of the new ones stand before it, the place is not behind where we begin.
    known = _NEAREST.row(index=index, kind=stretch.kind, until=stretch.first - stretch.added)
    parameters = Parameters()
    condition, offset = f"v.key_id = {parameters.mark(index)} AND v.kind = {stretch.kind}", stretch.first
    if known is not None:
        place, number, value, task = known
        offset -= int(place)
        marks = {
            "number": parameters.mark(number), "value": parameters.mark(value), "task": parameters.mark(task),
        }  # fmt: skip
        condition += f" AND {_FROM[stretch.kind].format(**marks)}"
    statement = (
        f"SELECT v.task_id, v.number::text, v.value FROM data_manager_datavalue v WHERE {condition}"  # noqa: S608 - own text
        f" ORDER BY v.number, v.value, v.task_id OFFSET {parameters.mark(max(offset, 0))}"
        f" LIMIT {parameters.mark(stretch.size)}"
    )
    return [Entry(*row) for row in search(statement, parameters)]


@transaction.atomic
def count_places(index: int) -> None:
    """Count the entries of an index anew; entries must come and go only by what notes it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_COUNTING, index % _KEYS])
        cursor.execute(_COUNT, {"index": index, "each": KEPT_EACH})


def often_changed_indexes() -> list[int]:
    """Return the indexes whose places are worth counting again."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_MANY_CHANGES, [WORTH_COUNTING])
        return sorted(index for (index,) in cursor.fetchall())
