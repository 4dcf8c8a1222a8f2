"""Who moved what, when, and what was there after."""

from django.http import HttpRequest, HttpResponse

from catalog.pages import brand_page


@brand_page()
def history(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


@brand_page()
def history_csv(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


@brand_page()
def history_xlsx(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError
