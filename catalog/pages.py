"""The decorator of every page of a brand: logged in, brand visible, right present, else 404 or 403."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone
from django_htmx.middleware import HtmxDetails

from catalog.access import Right, rights_in
from catalog.models import Brand
from erp.core.errors import NotAllowed
from erp.core.models import User

View = Callable[..., HttpResponseBase]


class BrandRequest(HttpRequest):
    """A request whose brand is known and permitted."""

    user: User
    htmx: HtmxDetails
    brand: Brand
    can_work: bool
    can_manage: bool
    can_backdate: bool


def brand_page(right: Right = Right.VIEW) -> Callable[[View], View]:
    """Resolves `slug` of the address to `request.brand`. A stranger gets 404: to them the brand does not exist.

    Times are shown and read in the brand's time zone.
    """

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def page(request: Any, slug: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            brand = Brand.objects.filter(slug=slug).first()
            rights = rights_in(request.user, brand) if brand else frozenset()
            if brand is None or not rights:
                raise Http404
            request.brand = brand
            request.can_work = Right.WORK in rights
            request.can_manage = Right.MANAGE in rights
            request.can_backdate = Right.BACKDATE in rights
            if right not in rights:
                raise NotAllowed()
            with timezone.override(brand.time_zone):
                return view(request, *args, **kwargs)

        return page

    return decorate
