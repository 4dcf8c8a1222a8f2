"""Every refusal of the API in the one shape `{"code", "message", "errors": [...]}`."""

from collections.abc import Iterator
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, ValidationError
from django.db import IntegrityError, OperationalError
from django.db.models import ProtectedError
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from erp.core.api.parsers import TooLarge
from erp.core.errors import DomainError, NotAllowed, Problem, from_validation

log = structlog.get_logger(__name__)

INVALID = _("Some of the entries need mending.")
NOT_FOUND = _("There is nothing here, or you may not see it.")
CRASHED = _("Something went wrong on our side. It has been written down; try again in a moment.")


def handle_exception(exc: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to anything a view raised; None leaves what nobody foresaw to `server_error`."""
    known = _as_domain_error(exc)
    if known is not None:
        set_rollback()
        return Response(known.as_dict(), status=known.status)
    response = exception_handler(exc, context)
    if response is not None and isinstance(exc, exceptions.APIException):
        response.data = _from_framework(exc).as_dict()
    return response


def as_refusal(exc: Exception) -> DomainError:
    """What a view that raises this would be answered with; for rows that are refused one by one. Others go on."""
    known = _as_domain_error(exc)
    if known is None and isinstance(exc, exceptions.APIException):
        known = _from_framework(exc)
    if known is None:
        raise exc
    return known


def _as_domain_error(exc: Exception) -> DomainError | None:
    """What is no exception of REST framework's own."""
    if isinstance(exc, DomainError):
        return exc
    if isinstance(exc, ValidationError):
        return from_validation(exc)
    if isinstance(exc, Http404):
        return DomainError("not_found", NOT_FOUND, status=404)
    if isinstance(exc, PermissionDenied):
        return NotAllowed()
    if isinstance(exc, RequestDataTooBig):
        return DomainError("too_large", TooLarge.default_detail, status=413)
    if isinstance(exc, SuspiciousOperation):
        return DomainError("bad_request", _("The request is not well formed."))
    if isinstance(exc, ProtectedError):
        return DomainError("in_use", _("Something else still needs it, so it cannot be deleted."), status=409)
    return _from_database(exc)


def _from_database(exc: Exception) -> DomainError | None:
    """A race that only a constraint saw, and a database that is too busy to write: both may be tried again."""
    if isinstance(exc, IntegrityError):
        log.warning("api_conflict", exc_info=exc)
        message = _("Somebody changed the same thing at the same moment. Load it again and repeat.")
        return DomainError("conflict", message, status=409)
    if isinstance(exc, OperationalError):
        log.error("api_database_busy", exc_info=exc)
        return DomainError("busy", _("The database is busy. Try again in a moment."), status=503)
    return None


def _from_framework(exc: exceptions.APIException) -> DomainError:
    if isinstance(exc, exceptions.ValidationError):
        return DomainError("invalid", INVALID, problems_of(exc.detail))
    code = exc.get_codes()
    return DomainError(code if isinstance(code, str) else exc.default_code, str(exc.detail))


def problems_of(detail: Any) -> list[Problem]:
    """REST framework's nested detail as a flat list: `lines.3.quantity` becomes line 4, field quantity."""
    return [
        Problem(code=getattr(message, "code", "invalid"), message=str(message), **_place(path))
        for path, message in _leaves(detail, ())
    ]


def _leaves(detail: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _leaves(inner, path if name == "non_field_errors" else (*path, name))
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            # A list holds either the messages of one field or one entry for each line.
            yield from _leaves(inner, (*path, number) if isinstance(inner, dict | list) else path)
    else:
        yield path, detail


def _place(path: tuple[str | int, ...]) -> dict[str, Any]:
    numbers = [part for part in path if isinstance(part, int) or part.isdecimal()]
    names = [part for part in path if isinstance(part, str) and not part.isdecimal()]
    return {"field": names[-1] if names else None, "line": int(numbers[-1]) + 1 if numbers else None}
