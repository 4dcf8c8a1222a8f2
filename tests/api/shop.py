"""A brand with people, a product and stock, and a stranger with a brand of their own."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rest_framework.test import APIClient

from catalog.models import Brand, Category, Colour, Product, Size, Variant
from catalog.services import activate_product, add_member, create_brand, create_product, set_variants
from erp.core.models import User
from erp.inventory.models import Location, Posting
from erp.inventory.services import ensure_locations, receive
from tests.factories import UserFactory


@dataclass
class Shop:
    brand: Brand
    owner: User
    staff: User
    viewer: User
    product: Product
    variants: list[Variant]
    main: Location

    @property
    def slug(self) -> str:
        return self.brand.slug

    def stock(self, variant: Variant, quantity: int, **heading: Any) -> Posting:
        return receive(
            brand=self.brand,
            location=self.main,
            quantities={variant.pk: quantity},
            actor=self.owner,
            idempotency_key=str(uuid.uuid4()),
            **heading,
        )


def sizes(codes: Sequence[str]) -> list[Size]:
    found = {size.code: size for size in Size.objects.filter(run__slug="alpha", run__brand=None)}
    return [found[code] for code in codes]


def colours(slugs: Sequence[str]) -> list[Colour]:
    found = {colour.slug: colour for colour in Colour.objects.filter(brand=None)}
    return [found[slug] for slug in slugs]


def make_shop(slug: str) -> Shop:
    owner, staff, viewer = (UserFactory(username=f"{slug}-{role}") for role in ("owner", "staff", "viewer"))
    brand = create_brand(slug=slug, name_ko=f"{slug} 상점", name_en=slug.title(), owner=owner)
    add_member(brand=brand, user=staff, role="staff")
    add_member(brand=brand, user=viewer, role="viewer")
    ensure_locations(brand=brand)
    product = make_product(brand, owner)
    variants = list(product.variants.order_by("pk"))
    main = Location.objects.of(brand).get(code="MAIN")
    return Shop(brand, owner, staff, viewer, product, variants, main)


def make_product(brand: Brand, actor: User, grid: tuple[Sequence[str], Sequence[str]] | None = None) -> Product:
    """An active shirt in two colours and two sizes."""
    shades, codes = grid or (("navy", "white"), ("S", "M"))
    product = create_product(brand=brand, actor=actor, name_ko="셔츠", category=Category.objects.get(slug="shirt"))
    set_variants(product=product, colours=colours(shades), sizes=sizes(codes))
    return activate_product(product=product, actor=actor)


class Api(APIClient):
    """A client of the API for one person, who speaks English."""

    def __init__(self, user: User | None = None, **defaults: Any) -> None:
        super().__init__(**{"HTTP_ACCEPT_LANGUAGE": "en"} | defaults)
        if user is not None:
            self.force_authenticate(user)

    def move(self, body: dict[str, Any], key: str | None = None) -> Any:
        """POST /movements/ with a key of its own, unless one is given."""
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        return self.post("/api/v1/movements/", body, headers=headers)


def codes_of(response: Any) -> list[tuple[int | None, str | None, str]]:
    """(line, field, code) of every problem in a refusal."""
    return [(e.get("line"), e.get("field"), e["code"]) for e in response.json()["errors"]]
