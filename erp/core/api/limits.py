"""How many requests a client may send in a minute, said on every answer.

The fields are those of draft-ietf-httpapi-ratelimit-headers-06, which clients know; later drafts fold them into one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from time import time
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.permissions import SAFE_METHODS

from erp.core.errors import DomainError
from erp.core.handlers import as_json, client_address

WINDOW = 60  # seconds
COUNTED = "/api/"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left to one client in this minute. `reset` is in seconds from now."""

    limit: int
    used: int
    reset: int

    @property
    def is_spent(self) -> bool:
        return self.used > self.limit

    def headers(self) -> dict[str, str]:
        fields = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(self.limit - self.used, 0)),
            "RateLimit-Reset": str(self.reset),
        }
        return fields | ({"Retry-After": str(self.reset)} if self.is_spent else {})


def spend(client: str, rate: str) -> Allowance:
    """Counts one request. One call to the cache, three for the first request of a minute."""
    minute, gone = divmod(int(time()), WINDOW)
    return Allowance(settings.API_RATES[rate], _count(f"rate:{rate}:{client}:{minute}"), WINDOW - gone)


def _count(key: str) -> int:
    try:
        return cache.incr(key)
    except ValueError:  # nobody counted yet
        return 1 if cache.add(key, 1, 2 * WINDOW) else cache.incr(key)


class RateLimitMiddleware:
    """Counts by the token, by the person of a session, or else by the address, before anything is looked up.

    A view that is open to the world may name a rate of its own: `open_rate = "..."`, a key of settings.API_RATES.
    What nobody vouches for (a token that is void) is counted by the address too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code == 401 and getattr(request, "has_credentials", False):
            request.allowance = spend(client_address(request), "open")
            response = _spent(request.allowance) if request.allowance.is_spent else response
        allowance: Allowance | None = getattr(request, "allowance", None)
        if allowance is not None:
            for name, value in allowance.headers().items():
                response.headers[name] = value
        return response

    def process_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not request.path_info.startswith(COUNTED):
            return None
        client = client_of(request)
        request.has_credentials = client is not None
        rate = "read" if request.method in SAFE_METHODS else "write"
        if client is None:
            client, rate = client_address(request), getattr(getattr(view, "cls", None), "open_rate", "open")
        request.allowance = spend(client, rate)
        return _spent(request.allowance) if request.allowance.is_spent else None


def client_of(request: HttpRequest) -> str | None:
    """Equal for all requests with one token, or of one person's sessions. None: the request names nobody.

    The token is not looked up for this, and only its digest gets into the cache.
    """
    said = request.META.get("HTTP_AUTHORIZATION", "")
    if said:
        return hashlib.sha256(said.encode()).hexdigest()[:40]
    person = request.session.get(SESSION_KEY)
    return f"person-{person}" if person else None


def _spent(allowance: Allowance) -> HttpResponse:
    message = _("That was more than %(limit)s requests in a minute. Wait %(seconds)s seconds, then go on.")
    words = message % {"limit": allowance.limit, "seconds": allowance.reset}
    return as_json(DomainError("throttled", words, status=429))
