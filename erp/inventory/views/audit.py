"""Every brand, read-only."""

from django.http import HttpRequest, HttpResponse


def audit(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


def verify(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError
