"""What the navigation of every page needs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from catalog.models import Brand


def navigation(request: HttpRequest) -> dict[str, Any]:
    """`brand` and `rights` of a brand page (set by `brand_page`), and lazily the brands to switch to."""
    user = getattr(request, "user", None)
    return {
        "brand": getattr(request, "brand", None),
        "can_work": getattr(request, "can_work", False),
        "can_manage": getattr(request, "can_manage", False),
        "can_backdate": getattr(request, "can_backdate", False),
        "brands": Brand.objects.visible_to(user)[:50] if user else Brand.objects.none(),
    }
