"""Querysets whose SQL is written once a process and planned once a connection.

Django writes the SQL of a queryset anew each time, which takes longer than all that Postgres does to find a row by its
key. The few reads that every request of the label stream makes are compiled instead. They stay querysets, so that
what a person may see is said in one place for them, too.
"""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Hashable, Iterator, Sequence
from operator import attrgetter, itemgetter
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid5
from zlib import crc32

import orjson
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import JSONField, Model, QuerySet
from django.db.models.query import RelatedPopulator, get_related_populators
from django.db.transaction import TransactionManagementError

from apps.core.prepared import Prepared

Row = TypeVar("Row", bound=Model)
Value = TypeVar("Value", int, str, UUID)

Given = int | str | UUID | list[int]

NIL = UUID(int=0)

_LIST = re.compile(r"IN \(%\((\w+)\[\]\)s\)")
"""A condition on a list, as Django writes it for one that has one number."""

_parameters: dict[Hashable, str] = {}
"""The names of what is given with each call, by what stands for it: values that no row has."""


def number(name: str) -> int:
    """Return what stands in a queryset for the number, such as an id, that is given as `name` with each call."""
    return _standing_for(name, 2**62 + crc32(name.encode()))


def numbers(name: str) -> list[int]:
    """Return what stands behind `__in` in a queryset for the list of numbers that is given as `name` with each call."""
    return [_standing_for(f"{name}[]", 2**62 + crc32(f"{name}[]".encode()))]


def text(name: str) -> str:
    """Return what stands in a queryset for the text that is given as `name` with each call."""
    return _standing_for(name, f"\ue000parameter {name}")


def uuid(name: str) -> UUID:
    """Return what stands in a queryset for the UUID that is given as `name` with each call."""
    return _standing_for(name, uuid5(NIL, name))


def _standing_for(name: str, value: Value) -> Value:
    if _parameters.setdefault(value, name) != name:
        raise ValueError(f"{name} and {_parameters[value]} look alike; give one another name")
    return value


class CompiledQuery(Generic[Row]):
    """A queryset of whole rows, with `number`, `numbers`, `text` and `uuid` in the places of what differs.

    Args:
        name: what it reads, as for `Prepared`.
        queryset: it may select related rows and annotate; nothing is prefetched. It is compiled with the first call.
    """

    _as_records = False

    def __init__(self, name: str, queryset: QuerySet[Row]) -> None:
        self._name, self._queryset = name, queryset
        self._compiled: _Compiled | None = None

    def rows(self, **values: Given) -> Iterator[Row]:
        """Yield what the queryset finds for the values."""
        return self._made().rows(values)

    def first(self, **values: Given) -> Row | None:
        """Return the first row for the values, if there is one."""
        return next(self.rows(**values), None)

    def written(self, **places: str) -> str:
        """Return the SQL as a part of another statement.

        Args:
            places: columns of that statement that stand in the places of what differs; the rest is given to it by name.
        """
        return self._made().written(places)

    @property
    def width(self) -> int:
        """How many columns a row of it has."""
        return self._made().width

    def read(self, row: Sequence[Any]) -> Row:
        """Return the object of a row of what is `written`."""
        made: Row = self._made().object_of(list(row))
        return made

    def _made(self) -> _Compiled:
        if self._compiled is None:
            self._compiled = _Compiled(self._name, self._queryset, as_records=self._as_records)
        return self._compiled


class CompiledJoin(Generic[Row]):
    """Two queries in one round trip: what the second one finds depends on a row of the first one.

    Args:
        name: as for `Prepared`.
        first: finds one row at most.
        second: so does this one.
        places: columns of the first one, by the names that stand for them in the second one.
    """

    def __init__(
        self, name: str, first: CompiledQuery[Row], second: CompiledQuery[Any], **places: str
    ) -> None:
        self._first, self._second = first, second
        columns = {parameter: f"first_row.{column}" for parameter, column in places.items()}
        sources = f"({first.written()}) first_row LEFT JOIN LATERAL ({second.written(**columns)}) second_row ON true"
        self._statement = Prepared(name, f"SELECT * FROM {sources}")  # noqa: S608 - written by Django

    def read(self, **values: Given) -> tuple[Row | None, Any | None]:
        """Return what both find for the values."""
        row = self._statement.row(**values)
        if row is None:
            return None, None
        mine, its = row[: self._first.width], row[self._first.width :]
        return self._first.read(mine), None if its[0] is None else self._second.read(its)


class CompiledRecords(CompiledQuery[Any]):
    """A queryset as `CompiledQuery` takes it, for what goes out as JSON: rows without models around them.

    A record is a tuple with the names of the model's columns, and `pk`. What a JSON column holds is not taken apart: it
    stands there as `orjson.Fragment`, which `apps.core.json.dumps` writes as PostgreSQL has it.
    """

    _as_records = True


class _Compiled:
    """The statement of a queryset, and what makes objects of its rows, as Django's `ModelIterable` does."""

    def __init__(self, name: str, queryset: QuerySet[Any], *, as_records: bool) -> None:
        compiler = queryset.query.get_compiler(using=DEFAULT_DB_ALIAS)
        statement, parameters = compiler.as_sql()
        self._sql = _with_names(statement, parameters)
        self._statement = Prepared(name, self._sql)
        self._converters = [
            (place, converter, expression)
            for place, (converters, expression) in compiler.get_converters(
                [expression for expression, _, _ in compiler.select]
            ).items()
            for converter in converters
        ]
        if as_records:
            self._converters = [
                (place, _as_it_stands if _is_json(expression) else converter, expression)
                for place, converter, expression in self._converters
            ]
        self.width = len(compiler.select)
        fields = compiler.klass_info["select_fields"]
        self._model: type[Model] = compiler.klass_info["model"]
        self._own = slice(fields[0], fields[-1] + 1)
        self._names = [expression.target.attname for expression, _, _ in compiler.select[self._own]]
        self._related: list[RelatedPopulator] = get_related_populators(  # type: ignore[call-arg]  # of Django 6
            compiler.klass_info, compiler.select, DEFAULT_DB_ALIAS
        )
        self._locks = queryset.query.select_for_update
        self._annotations: dict[str, int] = compiler.annotation_col_map or {}
        self._built = self._record_maker() if as_records else self._model_of

    def _record_maker(self) -> Callable[[Sequence[Any]], Any]:
        """Return what makes a record of a row: tuples with names are made several times as fast as other objects."""
        names = [*self._names, *self._annotations]
        places = [*range(self._own.start, self._own.stop), *self._annotations.values()]
        columns = namedtuple(self._model.__name__, names)  # type: ignore[misc]
        key = attrgetter(self._model._meta.pk.attname)
        record: Any = type(columns.__name__, (columns,), {"__slots__": (), "pk": property(key)})
        pick = itemgetter(*places)
        return lambda row: record._make(pick(row))

    def _rows(self, values: dict[str, Any]) -> Iterator[list[Any]]:
        for stored in self._statement.rows(**values):
            yield self._converted(list(stored))

    def _converted(self, row: list[Any]) -> list[Any]:
        for place, converter, expression in self._converters:
            row[place] = converter(row[place], expression, connection)
        return row

    def written(self, places: dict[str, str]) -> str:
        sql = self._sql
        for name, column in places.items():
            sql = sql.replace(f"%({name})s", column)
        return sql

    def rows(self, values: dict[str, Any]) -> Iterator[Any]:
        if self._locks and connection.get_autocommit():
            raise TransactionManagementError("Rows are locked in a transaction only.")
        for row in self._rows(values):
            yield self._built(row)

    def object_of(self, row: list[Any]) -> Any:
        return self._built(self._converted(row))

    def _model_of(self, row: list[Any]) -> Any:
        found = self._model.from_db(DEFAULT_DB_ALIAS, self._names, row[self._own])
        for populator in self._related:
            populator.populate(row, found)
        for name, place in self._annotations.items():
            setattr(found, name, row[place])
        return found


def _is_json(expression: Any) -> bool:
    return isinstance(expression.output_field, JSONField)


def _as_it_stands(text: str | None, *_: object) -> orjson.Fragment | None:
    return None if text is None else orjson.Fragment(text)


def _with_names(statement: str, parameters: tuple[Any, ...]) -> str:
    """Return a statement of Django's with `%(name)s` for what is given with each call, and the rest written out."""
    written = []
    with connection.cursor() as cursor:
        for value in parameters:
            if isinstance(value, Hashable) and value in _parameters:
                written.append(f"%({_parameters[value]})s")
            else:
                written.append(cursor.cursor.mogrify("%s", [value]).decode().replace("%", "%%"))
    named = statement.replace("%%", "%%%%") % tuple(written)
    return _LIST.sub(r"= ANY (%(\1)s::bigint[])", named)
