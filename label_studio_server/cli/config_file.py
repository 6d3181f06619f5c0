"""`config.json` of a data directory: settings as the Flask era wrote them; unknown keys are kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from label_studio_server.cli.errors import CommandError
from label_studio_server.cli.ml_backends import NamedBackend
from label_studio_server.cli.options import InputFormat, Sampling
from label_studio_server.embedded.atomic import write_atomically

# What the Flask era wrote when nobody had chosen anything.
UNCHOSEN_TITLES = ("", "Label Studio")
UNCHOSEN_DESCRIPTIONS = ("", "default", "Untitled")
SAMPLING_SYNONYMS = {"random-uniform": Sampling.UNIFORM}
MAX_PORT = 65535
TEXT_KEYS = (
    *("title", "description", "instruction", "label_config", "input_path"),
    *("host", "username", "password", "cert", "key"),
)


@dataclass
class ConfigFile:
    """The content of one config.json.

    Args:
        path: where it is; relative paths in it start from its folder.
        values: all keys, known or not.
    """

    path: Path
    values: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the content of a file.

        Raises:
            CommandError: the file cannot be read, is no JSON, or is not an object.
        """
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{path} is not UTF-8 text (byte {error.start}).") from error
        except json.JSONDecodeError as error:
            raise CommandError(
                f"{path} is no JSON: line {error.lineno}, column {error.colno}: {error.msg}."
            ) from error
        except RecursionError as error:
            raise CommandError(f"{path} is nested too deeply.") from error
        if not isinstance(values, dict):
            raise CommandError(f'{path} must hold a JSON object, as in {{"title": "My project"}}.')
        return cls(path, values)

    def write(self) -> None:
        """Replace the file as a whole. It may hold a password, so only its owner reads it."""
        text = json.dumps(self.values, indent=2, ensure_ascii=False)
        write_atomically(self.path, f"{text}\n", mode=0o600, durable=True)

    def check(self) -> None:
        """Look at every key that is read, so that a mistake shows before anything is made of it.

        Raises:
            CommandError: a value is of the wrong kind.
        """
        _ = self.port, self.sampling, self.input_format, self.ml_backends
        for key in TEXT_KEYS:
            self.text(key)

    def text(self, key: str) -> str | None:
        """Return a text setting; None when it is missing, null or empty."""
        value = self.values.get(key)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise self._wrong(key, "must be a text")
        if "\x00" in value:
            raise self._wrong(key, "contains the character U+0000")
        return value

    def file(self, key: str) -> Path | None:
        """Return the path that a setting names."""
        value = self.text(key)
        return None if value is None else self.path.parent / Path(value).expanduser()

    @property
    def port(self) -> int | None:
        value = self.values.get("port")
        if value is None:
            return None
        if isinstance(value, str) and value.isdecimal():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_PORT:
            raise self._wrong("port", f"must be a number from 0 to {MAX_PORT}")
        return value

    @property
    def input_format(self) -> InputFormat | None:
        value = self.text("input_format")
        try:
            return InputFormat(value) if value else None
        except ValueError:
            raise self._wrong("input_format", f"must be one of {', '.join(InputFormat)}") from None

    @property
    def sampling(self) -> Sampling | None:
        value = self.text("sampling")
        if value is None:
            return None
        try:
            return SAMPLING_SYNONYMS.get(value) or Sampling(value)
        except ValueError:
            raise self._wrong("sampling", f"must be one of {', '.join(Sampling)}") from None

    @property
    def ml_backends(self) -> list[NamedBackend]:
        """The models to connect: objects with url and name, as the Flask era wrote them, or texts."""
        value = self.values.get("ml_backends") or []
        if not isinstance(value, list):
            raise self._wrong("ml_backends", "must be a list")
        return [self._ml_backend(entry) for entry in value]

    def _ml_backend(self, entry: Any) -> NamedBackend:
        if isinstance(entry, dict) and isinstance(entry.get("url"), str):
            name = entry.get("name")
            return NamedBackend(NamedBackend.parse(entry["url"]).url, name if isinstance(name, str) else "")
        if isinstance(entry, str):
            return NamedBackend.parse(entry)
        raise self._wrong("ml_backends", "must be a list of URLs or of objects with url and name")

    def title_and_description(self, fallback: str) -> tuple[str, str]:
        """Return the project's title and description.

        The Flask era kept the project's name under `description`; `title` was that of the page. So `title`
        counts when somebody chose it, then `description`, then `fallback`.
        """
        title, description = self.text("title") or "", self.text("description") or ""
        if description in UNCHOSEN_DESCRIPTIONS:
            description = ""
        if title not in UNCHOSEN_TITLES:
            return title, description
        return description or fallback, ""

    def _wrong(self, key: str, rule: str) -> CommandError:
        return CommandError(f'{self.path}: "{key}" {rule}, and is {json.dumps(self.values.get(key))[:80]}.')
