"""A brand with stock to move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from catalog.models import Brand, Variant
from erp.core.models import User
from erp.inventory.models import Balance, Location
from erp.inventory.services import Claim, ensure_locations, receive, reserve
from tests.factories import LocationFactory, MembershipFactory, ProductFactory, VariantFactory


@dataclass
class Shop:
    """A brand with a second location, three variants, and someone who moves them."""

    brand: Brand
    actor: User
    main: Location
    shop: Location
    shirts: list[Variant]

    def virtual(self, kind: str) -> Location:
        return Location.objects.of(self.brand).get(kind=kind)

    def heading(self, **extra: Any) -> dict[str, Any]:
        return {"actor": self.actor, "idempotency_key": uuid4().hex} | extra

    def stock(self, variant: Variant, quantity: int, location: Location | None = None, **extra: Any) -> None:
        receive(
            brand=self.brand,
            location=location or self.main,
            quantities={variant.pk: quantity},
            **self.heading(**extra),
        )

    def reserve(self, variant: Variant, quantity: int) -> None:
        reserve(brand=self.brand, claims=[Claim(variant.pk, quantity, self.main.pk)], **self.heading())

    def on_hand(self, variant: Variant, location: Location | None = None) -> int:
        found = Balance.objects.filter(variant=variant, location=location or self.main).first()
        return found.on_hand if found else 0


def make_shop() -> Shop:
    membership = MembershipFactory(role="owner")
    brand, actor = membership.brand, membership.user
    ensure_locations(brand=brand)
    product = ProductFactory(brand=brand, status="active")
    return Shop(
        brand=brand,
        actor=actor,
        main=Location.objects.of(brand).get(code="MAIN"),
        shop=LocationFactory(brand=brand, code="SHOP", kind="shop", position=5),
        shirts=[VariantFactory(product=product) for _ in range(3)],
    )


@pytest.fixture
def shop(db: None) -> Shop:
    return make_shop()


@pytest.fixture
def live_shop(transactional_db: None) -> Shop:
    """A shop that other threads and processes see."""
    return make_shop()
