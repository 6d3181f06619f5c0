"""What goes into an export and how it is written: read from addresses, bodies, command lines and forms in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, NoReturn

from apps.core import json
from apps.core.errors import ValidationFailed
from apps.core.ids import id_in
from apps.exports.splitting import Part, read_parts

MAX_IDS = 100_000
MAX_KEY = 200
MAX_SEED = 100

TASKS = ("labeled", "all")
STATES = ("", "only", "exclude")
COMPLETIONS = ("", "all", "newest", "ground_truth_first", "accepted", "consensus")
PREDICTIONS = ("ids", "full", "none")
IDENTITIES = ("ids", "full", "pseudonyms")
TAGGINGS = ("BIO", "IOBES")


@dataclass(frozen=True, slots=True)
class ExportSpec:
    """What somebody wants exported.

    Attributes:
        format: name of an export format.
        media: media files go into the archive, too.
        media_if_held: the same, but only where the format is an archive that can hold them.
        tagging: of CoNLL, how tags tell where an entity begins and ends.
        tasks: only those with a completion that goes in, or all.
        view: id of a saved tab of the data manager whose filters hold; None: no tab.
        filters: filters of the data manager; None: none.
        selected: the `selectedItems` of the data manager; None: everything.
        ids: only these tasks; empty: any.
        finished, annotated, skipped_tasks: only tasks that need no more completions, have a completion, were skipped by
            somebody; or all but these; empty: either.
        completions: of a task with several, which: all, the newest, the ground truth and without one the newest, those
            that a review accepted, or one that all of them come to; empty: as the format likes it.
        usual, ground_truths, skipped: whether completions go in that were submitted, are ground truth, are skips.
        people: only completions of these; empty: of anybody.
        predictions: their ids, the whole of them, or none.
        drafts: the unsubmitted work of whoever exports; nobody sees another's.
        history: each completion with its earlier versions.
        interpolate: regions in videos with the frames between their key frames.
        identities: how people are named: by id, by name and address, or by numbers that mean nothing outside the file.
        since: a cursor or a time (ISO 8601): only tasks that changed since then.
        parts: into which the tasks are split; empty: not at all.
        split_key: the key of the data by whose value tasks are split; empty: by their ids.
        split_seed: another one gives another split.
    """

    format: str = "JSON"
    media: bool = False
    media_if_held: bool = False
    tagging: str = "BIO"
    tasks: str = "labeled"
    view: int | None = None
    filters: Mapping[str, Any] | None = None
    selected: Mapping[str, Any] | None = None
    ids: tuple[int, ...] = ()
    finished: str = ""
    annotated: str = ""
    skipped_tasks: str = ""
    completions: str = ""
    usual: bool = True
    ground_truths: bool = True
    skipped: bool = True
    people: tuple[int, ...] = ()
    predictions: str = "ids"
    drafts: bool = False
    history: bool = False
    interpolate: bool = False
    identities: str = "ids"
    since: str = ""
    parts: tuple[Part, ...] = ()
    split_key: str = ""
    split_seed: str = ""

    @property
    def takes_any_completion(self) -> bool:
        """Whether no completion is left out, except for others of the same task."""
        narrowed = self.people or self.completions in ("accepted", "consensus")
        return self.usual and self.ground_truths and self.skipped and not narrowed

    def document(self) -> dict[str, Any]:
        """Return what differs from the defaults, as JSON that `read_spec` reads back."""
        written = {
            name: value
            for name, value in asdict(self).items()
            if name == "format" or value != _DEFAULTS[name]
        }
        if self.parts:
            written["parts"] = ",".join(f"{part.name}={part.share:g}" for part in self.parts)
        for name in ("ids", "people"):
            if name in written:
                written[name] = list(written[name])
        return written


_DEFAULTS = {entry.name: entry.default for entry in fields(ExportSpec)}


def wrong(name: str, problem: str) -> NoReturn:
    """Refuse an option.

    Raises:
        ValidationFailed: always.
    """
    message = f"{name} {problem}"
    raise ValidationFailed(message, fields={name: [message]})


def _flag(name: str, given: Any) -> bool:
    text = str(given).strip().lower()
    if text in ("true", "1", "yes", "on"):
        return True
    if text in ("false", "0", "no", "off", ""):
        return False
    wrong(name, "must be true or false.")


def _choice(*allowed: str) -> Callable[[str, Any], str]:
    def read(name: str, given: Any) -> str:
        if not isinstance(given, str) or given not in allowed:
            wrong(name, f"must be one of: {', '.join(value for value in allowed if value)}.")
        return given

    return read


def _text(limit: int) -> Callable[[str, Any], str]:
    def read(name: str, given: Any) -> str:
        if not isinstance(given, str) or len(given) > limit or "\x00" in given:
            wrong(name, f"must be a text of at most {limit} characters, without NUL.")
        return given.strip()

    return read


def _ids(name: str, given: Any) -> tuple[int, ...]:
    entries = given if isinstance(given, list | tuple) else [given]
    parts = [part for entry in entries for part in (entry.split(",") if isinstance(entry, str) else [entry])]
    read = [id_in(part.strip() if isinstance(part, str) else part) for part in parts if part != ""]
    found = [pk for pk in read if pk is not None]
    if len(found) != len(read) or len(found) > MAX_IDS:
        wrong(name, f"must be at most {MAX_IDS:,} ids, separated by commas.")
    return tuple(dict.fromkeys(found))


def _id(name: str, given: Any) -> int | None:
    if given in ("", None):
        return None
    found = id_in(given)
    return found if found is not None else wrong(name, "must be the id of a tab.")


def _document(name: str, given: Any) -> Mapping[str, Any] | None:
    if given in ("", None):
        return None
    document = json.loads(given, what=name) if isinstance(given, str) else given
    return document if isinstance(document, dict) else wrong(name, "must be a JSON object.")


def _format(name: str, given: Any) -> str:
    # Which formats there are is said where one is looked for.
    return (
        given.strip().upper()[:40] if isinstance(given, str) else wrong(name, "must be the name of a format.")
    )


def _split(name: str, given: Any) -> tuple[Part, ...]:
    return (
        read_parts(given) if isinstance(given, str) else wrong(name, "must be a text like train=0.8,val=0.2.")
    )


@dataclass(frozen=True, slots=True)
class _Option:
    """How an option is called and read.

    Attributes:
        name: in `ExportSpec`.
        aliases: what else clients call it.
    """

    name: str
    read: Callable[[str, Any], Any]
    aliases: tuple[str, ...] = field(default=())


OPTIONS: tuple[_Option, ...] = (
    _Option("format", _format, ("export_type", "exportType")),
    _Option("media", _flag),
    _Option("media_if_held", _flag, ("download_resources",)),
    _Option("tagging", _choice(*TAGGINGS)),
    _Option("tasks", _choice(*TASKS)),
    _Option("view", _id),
    _Option("filters", _document),
    _Option("selected", _document, ("selectedItems",)),
    _Option("ids", _ids, ("ids[]",)),
    _Option("finished", _choice(*STATES)),
    _Option("annotated", _choice(*STATES)),
    _Option("skipped_tasks", _choice(*STATES)),
    _Option("completions", _choice(*COMPLETIONS)),
    _Option("usual", _flag),
    _Option("ground_truths", _flag),
    _Option("skipped", _flag),
    _Option("people", _ids, ("people[]",)),
    _Option("predictions", _choice(*PREDICTIONS)),
    _Option("drafts", _flag),
    _Option("history", _flag, ("include_annotation_history",)),
    _Option("interpolate", _flag, ("interpolate_key_frames",)),
    _Option("identities", _choice(*IDENTITIES)),
    _Option("since", _text(80)),
    _Option("parts", _split, ("split",)),
    _Option("split_key", _text(MAX_KEY)),
    _Option("split_seed", _text(MAX_SEED)),
)
_BY_NAME = {name: option for option in OPTIONS for name in (option.name, *option.aliases)}
_ALL_TASKS = "download_all_tasks"
"""A flag of the Label Studio API: all tasks rather than the labeled ones."""


def read_spec(given: Mapping[str, Any], *, besides: frozenset[str] = frozenset()) -> ExportSpec:
    """Return what `given` asks for; texts and JSON values are both read, empty texts mean nothing.

    Args:
        besides: names in `given` that are no options of exports.

    Raises:
        ValidationFailed: an option is unknown, or its value is wrong; the message says which values there are.
    """
    read: dict[str, Any] = {}
    for name, value in given.items():
        if name in besides:
            continue
        if name == _ALL_TASKS:
            read.setdefault("tasks", "all" if _flag(name, value) else "labeled")
            continue
        option = _BY_NAME.get(name)
        if option is None:
            known = ", ".join(sorted(entry.name for entry in OPTIONS))
            wrong(name[:80], f"is no option of exports. Use one of: {known}.")
        if value is not None and value != "":
            read[option.name] = option.read(name, value)
    spec = ExportSpec(**read)
    if not (spec.usual or spec.ground_truths or spec.skipped):
        wrong("skipped", "cannot be left out together with usual and ground_truths: nothing would be left.")
    return spec
