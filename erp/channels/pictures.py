"""Where pictures are fetched from."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse

from catalog.models import ProductImage


def page_address(slug: str) -> Callable[[ProductImage], str]:
    """Addresses for pages and checks: they ask for the log-in."""
    return lambda image: reverse(
        "catalog:image", args=[slug, image.public_id, "listing" if image.listing else "original"]
    )
