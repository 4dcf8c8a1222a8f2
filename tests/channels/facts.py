"""A listing as channels show it, made without a database."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from erp.channels.facts import ListingFacts, PictureFacts, VariantFacts

GTIN = "4006381333931"


def listing(number: int = 1, **changes: Any) -> ListingFacts:
    style = f"A{100 + number}"
    pictures = tuple(
        PictureFacts(f"https://shop.example/p/{style}-{n}.jpg", f"{style}-{n}.jpg", "셔츠") for n in (1, 2)
    )
    places = [(colour, size) for colour in ("네이비", "화이트") for size in ("S", "M", "L")]
    variants = tuple(
        VariantFacts(f"{style}-{colour}-{size}", colour, size, Decimal(12000), quantity)
        for quantity, (colour, size) in enumerate(places)
    )
    told: dict[str, Any] = {
        "handle": style.lower(),
        "style_number": style,
        "title": "네이비 셔츠",
        "description": "<p>좋은 <b>셔츠</b></p><p>면 100%</p>",
        "brand": "하루",
        "currency": "KRW",
        "price": Decimal(12000),
        "variants": variants,
        "pictures": pictures,
        "category": "shirt",
        "category_name": "셔츠·블라우스",
        "target_category": "50000830",
        "link": f"https://shop.example/{style.lower()}",
        "colour_option": "색상",
        "size_option": "사이즈",
        "material": "면 100%",
    }
    return ListingFacts(**(told | changes))
