"""What is answered when no view could: JSON in the one shape under /api/, a page elsewhere."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import defaults
from rest_framework.throttling import BaseThrottle

from erp.core.api.errors import CRASHED, NOT_FOUND
from erp.core.errors import DomainError, NotAllowed


def wants_json(request: HttpRequest) -> bool:
    return request.path_info.startswith(("/api/", "/storefront/"))


def as_json(error: DomainError) -> JsonResponse:
    return JsonResponse(error.as_dict(), status=error.status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if wants_json(request):
        return as_json(DomainError("bad_request", _("The request is not well formed.")))
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return as_json(NotAllowed()) if wants_json(request) else defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if wants_json(request):
        return as_json(DomainError("not_found", NOT_FOUND, status=404))
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    if wants_json(request):
        return as_json(DomainError("server_error", CRASHED, status=500))
    return defaults.server_error(request)


def client_address(request: Any) -> str:
    """Where a request comes from, as far as our own proxies vouch for it (TRUSTED_PROXIES)."""
    return BaseThrottle().get_ident(request)


def locked_out(request: HttpRequest, response: Any = None, credentials: Any = None) -> HttpResponse:
    """Too many wrong passwords for one name from one address (django-axes)."""
    minutes = round(settings.AXES_COOLOFF_TIME * 60)
    if wants_json(request):
        message = _("Too many wrong passwords. Wait %(minutes)s minutes, then try again.") % {"minutes": minutes}
        answer: HttpResponse = as_json(DomainError("locked_out", message, status=429))
    else:
        answer = render(request, settings.AXES_LOCKOUT_TEMPLATE, {"minutes": minutes}, status=429)
    answer.headers["Retry-After"] = str(minutes * 60)
    return answer
