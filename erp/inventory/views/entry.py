"""Receive, ship, adjust, move and open stock through the colour x size grid."""

from django.http import HttpRequest, HttpResponse

from catalog.pages import brand_page


@brand_page()
def receive(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


@brand_page()
def ship(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


@brand_page()
def adjust(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


@brand_page()
def transfer(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


@brand_page()
def find(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


@brand_page()
def opening(request: HttpRequest, pk: int) -> HttpResponse:
    raise NotImplementedError
