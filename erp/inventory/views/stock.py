"""What is on hand, variant by variant."""

from django.http import HttpRequest, HttpResponse

from catalog.pages import brand_page


@brand_page()
def stock(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError
