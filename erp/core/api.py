"""Base classes of the REST API: one error shape, pages by cursor, and the throttle of the log-in."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.pagination import CursorPagination
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import exception_handler, set_rollback

from erp.core.errors import DomainError, Problem, from_validation


class Pages(CursorPagination):
    """Pages by cursor: a stable walk while rows are added. `page_size` is 1 to 200."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    ordering = "-id"


class LoginThrottle(SimpleRateThrottle):
    """Log-in attempts by address, right or wrong."""

    scope = "login"

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


def _problems(detail: Any, field: str | None = None) -> list[Problem]:
    """Flattens DRF's nested error detail; a path like `lines.3.quantity` becomes line 4, field quantity."""
    if isinstance(detail, dict):
        return [p for name, inner in detail.items() for p in _problems(inner, _join(field, str(name)))]
    if isinstance(detail, list) and any(isinstance(item, dict | list) for item in detail):
        return [p for n, inner in enumerate(detail) for p in _problems(inner, _join(field, str(n)))]
    messages = detail if isinstance(detail, list) else [detail]
    name, line = _place(field)
    return [Problem(getattr(m, "code", "invalid"), str(m), field=name, line=line) for m in messages]


def _join(field: str | None, name: str) -> str | None:
    if name == "non_field_errors":
        return field
    return f"{field}.{name}" if field else name


def _place(field: str | None) -> tuple[str | None, int | None]:
    parts = (field or "").split(".")
    numbers = [int(p) for p in parts if p.isdecimal()]
    names = [p for p in parts if p and not p.isdecimal()]
    return (names[-1] if names else None, numbers[-1] + 1 if numbers else None)


def _as_domain_error(error: exceptions.APIException) -> DomainError:
    if isinstance(error, exceptions.ValidationError):
        return DomainError("invalid", _("Some of the entries need mending."), _problems(error.detail))
    return DomainError(error.default_code, str(error.detail))


def handle_exception(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Every refusal of the API in the one shape `{"code", "message", "errors": [...]}`."""
    if isinstance(exc, ValidationError):
        exc = from_validation(exc)
    if isinstance(exc, DomainError):
        set_rollback()
        return Response(exc.as_dict(), status=exc.status)
    response = exception_handler(exc, context)
    if response is None:
        return None
    error = exc if isinstance(exc, exceptions.APIException) else exceptions.NotFound()
    if isinstance(exc, PermissionError):
        error = exceptions.PermissionDenied()
    response.data = _as_domain_error(error).as_dict()
    return response
