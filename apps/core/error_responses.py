"""The one shape in which the API answers any error."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

from apps.core.errors import FieldErrors, NotAllowed, NotFound, ProductError, TooLarge, ValidationFailed
from apps.core.version import VERSION


def error_body(*, status_code: int, detail: str, fields: FieldErrors | None = None) -> dict[str, Any]:
    """Return the error document of the API (api-contract rule 2), with a fresh id to find it in the log."""
    body: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "status_code": status_code,
        "version": VERSION,
        "detail": detail,
        "exc_info": None,
    }
    if fields:
        body["validation_errors"] = {name: list(texts) for name, texts in fields.items()}
    return body


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Answer any exception of an API view in the one error shape.

    None leaves it to `apps.core.middleware`, which knows of lost databases, and to Django: a real 500.
    """
    translated = _as_api_exception(exc)
    if isinstance(translated, ProductError):
        fields = translated.fields or None
        if fields is None and translated.status_code == status.HTTP_400_BAD_REQUEST:
            fields = {"non_field_errors": [translated.message]}
        body = error_body(status_code=translated.status_code, detail=translated.message, fields=fields)
        body |= translated.details
        return Response(body, status=translated.status_code)
    response = drf_exception_handler(translated, context)
    if response is None:
        return None
    response.data = _document(translated, response)
    return response


def _as_api_exception(exc: Exception) -> Exception:
    if isinstance(exc, Http404):
        return NotFound("Not found.")
    if isinstance(exc, PermissionDenied):
        return NotAllowed(str(exc) or "Your role does not allow this.")
    if isinstance(exc, RequestDataTooBig):
        return TooLarge("The request's body is larger than this server takes.")
    if isinstance(exc, SuspiciousOperation):
        return ValidationFailed("The request is malformed.")
    return exc


def _document(exc: Exception, response: Response) -> dict[str, Any]:
    if isinstance(exc, exceptions.ValidationError):
        return error_body(
            status_code=response.status_code, detail="Validation error", fields=_field_errors(exc.detail)
        )
    detail = getattr(exc, "detail", None)
    return error_body(status_code=response.status_code, detail=str(detail))


def _field_errors(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """Flatten DRF's nested error detail into `{"path.to.field": [messages]}`."""
    if isinstance(detail, Mapping):
        errors: dict[str, list[str]] = {}
        for name, inner in detail.items():
            errors.update(_field_errors(inner, f"{prefix}.{name}" if prefix else str(name)))
        return errors
    if isinstance(detail, list) and any(isinstance(item, Mapping | list) for item in detail):
        errors = {}
        for index, inner in enumerate(detail):
            errors.update(_field_errors(inner, f"{prefix}[{index}]"))
        return errors
    messages = detail if isinstance(detail, list) else [detail]
    return {prefix or "non_field_errors": [str(message) for message in messages]} if messages else {}
