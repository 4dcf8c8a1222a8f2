"""Routes that will go away: said in the headers of every answer and in the OpenAPI document.

`Deprecation` is RFC 9745, `Sunset` RFC 8594. docs/api.md tells how long a deprecated route lives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponseBase
from django.utils.http import http_date

View = TypeVar("View")
LEAST_NOTICE = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Deprecation:
    """`link` is the page that says what to use instead."""

    since: datetime
    sunset: datetime
    link: str

    def __post_init__(self) -> None:
        if self.sunset - self.since < LEAST_NOTICE:
            raise ValueError(f"A deprecated route lives at least {LEAST_NOTICE.days} days: docs/api.md says so.")

    def headers(self) -> dict[str, str]:
        return {
            "Deprecation": f"@{int(self.since.timestamp())}",
            "Sunset": http_date(self.sunset.timestamp()),
            "Link": f'<{self.link}>; rel="deprecation"; type="text/html"',
        }


def deprecated(*, since: datetime, sunset: datetime, link: str) -> Callable[[View], View]:
    """Marks a view of the API, or one of its actions or handlers. Both moments need a time zone."""
    declared = Deprecation(since, sunset, link)

    def mark(view: Any) -> Any:
        view.deprecation = declared
        return view

    return mark


def deprecation_of(view: Any, action: str | None) -> Deprecation | None:
    """What is declared on the action or handler, else on the view (a class or one of it)."""
    handler = getattr(view, action, None) if action else None
    return getattr(handler, "deprecation", None) or getattr(view, "deprecation", None)


class DeprecationMiddleware:
    """Puts the headers on whatever a deprecated route answers, refusals included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        response = self.get_response(request)
        declared: Deprecation | None = getattr(request, "deprecation", None)
        if declared is not None:
            headers = declared.headers()
            link = headers.pop("Link")
            response.headers["Link"] = ", ".join(filter(None, [response.headers.get("Link"), link]))
            for name, value in headers.items():
                response.headers[name] = value
        return response

    def process_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> None:
        if cls := getattr(view, "cls", None):
            method = request.method.lower()
            request.deprecation = deprecation_of(cls, getattr(view, "actions", {}).get(method, method))
