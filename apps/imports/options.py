"""How an import is to be done, as clients ask for it and as its row keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, Literal, Self

from apps.core.errors import ValidationFailed
from apps.imports.formats import CATALOGUE, ImportFormat, ReadOptions
from apps.labeling.config import LabelingConfig


class OnError(StrEnum):
    """What becomes of an import with bad rows."""

    ABORT = "abort"
    SKIP = "skip"


BY_DATA = "data"
BY_EXTERNAL_ID = "external_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """How one import is to be done.

    Args:
        format: a name of the catalogue; empty: by the content of each file.
        on_error: with `abort` one bad row rejects all, with `skip` the good ones go in.
        dedupe: what must not come twice: `data` (all of it), `external_id`, or a key of the data; empty: nothing.
        external_id_key: the key of the data that holds the external id.
        preannotated_from_fields: keys of the data that hold the results of predictions.
        return_task_ids: whether the answer lists the new tasks.
        csv_as, columns, answers_as, model_version, control, encoding: see `formats.ReadOptions`.
        files: how single files are read, by their names in the storage: of these options only format, csv_as, columns
            and encoding count.
    """

    format: str = ""
    on_error: OnError = OnError.ABORT
    dedupe: str = ""
    external_id_key: str = ""
    preannotated_from_fields: tuple[str, ...] = ()
    return_task_ids: bool = False
    csv_as: Literal["tasks", "time series"] = "tasks"
    columns: Mapping[str, str] = field(default_factory=dict)
    answers_as: Literal["completions", "predictions"] = "predictions"
    model_version: str = ""
    control: str = ""
    encoding: str = ""
    files: Mapping[str, ImportOptions] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problems = {}
        if self.format and self.format not in CATALOGUE:
            known = ", ".join(CATALOGUE)
            problems["format"] = f'There is no format "{self.format}". Choose one of {known}, or none.'
        if self.csv_as not in ("tasks", "time series"):
            problems["csv_as"] = 'Choose "tasks" or "time series".'
        if self.answers_as not in ("completions", "predictions"):
            problems["answers_as"] = 'Choose "completions" or "predictions".'
        if problems:
            raise ValidationFailed(
                next(iter(problems.values())), fields={name: [text] for name, text in problems.items()}
            )

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """Return the options in a JSON object or a form; unknown names are left alone.

        Raises:
            ValidationFailed: naming the option that is wrong.
        """
        texts = {
            name: _text(given, name)
            for name in ("format", "dedupe", "external_id_key", "csv_as", "answers_as", "model_version", "control",
                         "encoding")
            if given.get(name)
        }  # fmt: skip
        texts["format"] = texts.get("format", "").upper()
        columns = given.get("columns") or {}
        if not isinstance(columns, Mapping) or not all(isinstance(v, str) for v in columns.values()):
            raise _wrong("columns", "must be an object of variable: column")
        files = given.get("files") or {}
        if not isinstance(files, Mapping) or not all(isinstance(own, Mapping) for own in files.values()):
            raise _wrong("files", "must be an object of file name: options")
        return cls(
            on_error=_on_error(_text(given, "on_error") or OnError.ABORT),
            preannotated_from_fields=_names(given.get("preannotated_from_fields")),
            return_task_ids=truth(given.get("return_task_ids")),
            columns=dict(columns),
            files={name: cls.read(own) for name, own in files.items()},
            **texts,  # type: ignore[arg-type]  # the two literals are judged above
        )

    def as_json(self) -> dict[str, Any]:
        """Return what `read` takes."""
        return asdict(self)

    def read_options(self, config: LabelingConfig) -> ReadOptions:
        """Return what formats need to know of it."""
        return ReadOptions(
            config=config, csv_as=self.csv_as, columns=self.columns, answers_as=self.answers_as,
            model_version=self.model_version, control=self.control, encoding=self.encoding or None,
        )  # fmt: skip

    def of_file(self, name: str) -> Self:
        """Return the options under which the file of this name in the storage is read."""
        own = self.files.get(name)
        if own is None:
            return self
        return replace(
            self, format=own.format, csv_as=own.csv_as, columns=own.columns, encoding=own.encoding, files={}
        )

    @property
    def entry(self) -> ImportFormat | None:
        """The chosen format."""
        return CATALOGUE[self.format] if self.format else None


def truth(given: Any) -> bool:
    """Return whether an option was switched on, in JSON or in a query."""
    return given is True or str(given).lower() in ("1", "true", "yes", "on")


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name) or ""
    if not isinstance(value, str) or len(value) > 255 or "\x00" in value:
        raise _wrong(name, "must be a text of up to 255 characters")
    return value


def _on_error(text: str) -> OnError:
    if text not in tuple(OnError):
        raise _wrong("on_error", f"must be one of {', '.join(OnError)}")
    return OnError(text)


def _names(given: Any) -> tuple[str, ...]:
    names = given.split(",") if isinstance(given, str) else given or ()
    if not isinstance(names, list | tuple) or not all(map(_is_name, names)):
        raise _wrong("preannotated_from_fields", "must be names, separated by commas")
    return tuple(name.strip() for name in names if name.strip())


def _is_name(given: Any) -> bool:
    return isinstance(given, str) and "\x00" not in given


def _wrong(name: str, rule: str) -> ValidationFailed:
    return ValidationFailed(f"{name} {rule}.", fields={name: [f"This {rule}."]})
