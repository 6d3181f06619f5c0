"""What a request's body holds, bounded and checked before a model sees it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request

from label_studio_ml.errors import BadRequest, RequestTooLarge
from label_studio_ml.project import project_key

MAX_PROJECT_CHARACTERS = 200


async def read_object(request: Request, limit: int) -> Body:
    """Return the JSON object that a request brings.

    Args:
        request: of any route.
        limit: in bytes.

    Raises:
        RequestTooLarge: the body has more than `limit` bytes.
        BadRequest: it is no JSON object.
    """
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told) > limit:
        raise RequestTooLarge(_too_large(limit))
    parts = bytearray()
    async for part in request.stream():
        parts += part
        if len(parts) > limit:
            raise RequestTooLarge(_too_large(limit))
    try:
        value = orjson.loads(bytes(parts) or b"{}")
    except ValueError as error:
        raise BadRequest(f"The body is no JSON: {error}") from error
    if not isinstance(value, dict):
        raise BadRequest("The body must be a JSON object.")
    return Body(value)


def _too_large(limit: int) -> str:
    return (
        f"The body has more than {limit} bytes. Send fewer tasks at once, or start the server with a larger"
        " --max-request-mb."
    )


@dataclass(frozen=True, slots=True)
class Body:
    """The JSON object of a request, read by keys."""

    values: dict[str, Any]

    def project(self, key: str = "project") -> str:
        """Return the project, whose key is given as a text, a number or an object with an id.

        Raises:
            BadRequest: there is none.
        """
        given = self.values.get(key)
        if isinstance(given, dict):
            given = given.get("id")
        return checked_project(given, key)

    def text(self, key: str) -> str | None:
        """Return a text, or None.

        Raises:
            BadRequest: it is something else.
        """
        given = self.values.get(key)
        if given is not None and not isinstance(given, str):
            raise BadRequest(f"{key} must be a text.")
        return given

    def objects(self, key: str) -> list[dict[str, Any]]:
        """Return a list of objects.

        Raises:
            BadRequest: it is missing, or something else.
        """
        given = self.values.get(key)
        if not isinstance(given, list):
            raise BadRequest(f"{key} must be a list of objects.")
        for index, item in enumerate(given):
            if not isinstance(item, dict):
                raise BadRequest(f"{key}[{index}] must be an object.")
        return given

    def object(self, key: str) -> dict[str, Any]:
        """Return an object; {} when it is missing.

        Raises:
            BadRequest: it is something else.
        """
        given = self.values.get(key)
        if given is None:
            return {}
        if not isinstance(given, dict):
            raise BadRequest(f"{key} must be an object.")
        return given

    def extra_params(self) -> dict[str, Any] | None:
        """Return the project's extra parameters, which some servers send as a text; None when they are not sent.

        Raises:
            BadRequest: they are no object.
        """
        given = self.values.get("extra_params")
        if isinstance(given, str):
            try:
                given = json.loads(given) if given.strip() else {}
            except ValueError as error:
                raise BadRequest(f"extra_params is no JSON: {error}") from error
        if given is not None and not isinstance(given, dict):
            raise BadRequest("extra_params must be an object.")
        return given


def checked_project(given: object, key: str = "project") -> str:
    """Return the name of a project.

    Raises:
        BadRequest: it is missing or no name.
    """
    if isinstance(given, bool) or not isinstance(given, str | int) or not str(given).strip():
        raise BadRequest(f"{key} is missing: it must be the id or the name of the labeling project.")
    name = str(given)
    if len(name) > MAX_PROJECT_CHARACTERS or "\x00" in name:
        raise BadRequest(f"{key} must be a name of at most {MAX_PROJECT_CHARACTERS} characters.")
    return project_key(name)
