"""A brand with as many products and variants as a benchmark asks for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Shop:
    brand_id: int
    actor_id: int
    location_id: int
    variant_ids: list[int]

    @cached_property
    def rows(self) -> tuple[Any, Any, Any]:
        """Brand, place and actor as services take them."""
        from catalog.models import Brand
        from erp.core.models import User
        from erp.inventory.models import Location

        return (
            Brand.objects.get(pk=self.brand_id),
            Location.objects.get(pk=self.location_id),
            User.objects.get(pk=self.actor_id),
        )


def make_shop(*, products: int, variants_each: int) -> Shop:
    """Every product comes in one colour and `variants_each` sizes."""
    from catalog.models import Brand, Colour, Product, Size, SizeRun, Variant
    from erp.core.models import User
    from erp.inventory.models import Location
    from erp.inventory.services import ensure_locations

    brand = Brand.objects.create(slug="bench", name_ko="장부", name_en="Bench")
    actor = User.objects.create_user("bench", is_superuser=True)
    ensure_locations(brand=brand)
    Location.objects.create(brand=brand, code="SHOP", kind="shop", name_ko="매장", name_en="Shop")
    colour = Colour.objects.create(slug="bench", code="BN", name_ko="남색", name_en="Navy", hex="#1e2744")
    run = SizeRun.objects.create(slug="bench", name_ko="사이즈", name_en="Sizes")
    sizes = Size.objects.bulk_create(Size(run=run, code=str(n), position=n) for n in range(variants_each))
    designs = Product.objects.bulk_create(
        Product(brand=brand, style_number=f"BN{n:04}", name_ko=f"옷 {n}", name_en=f"Garment {n}", status="active")
        for n in range(products)
    )
    variants = Variant.objects.bulk_create(
        (
            Variant(brand=brand, product=design, colour=colour, size=size, sku=f"{design.style_number}-BN-{size.code}")
            for design in designs
            for size in sizes
        ),
        batch_size=1000,
    )
    main = Location.objects.get(brand=brand, code="MAIN")
    return Shop(brand.pk, actor.pk, main.pk, [variant.pk for variant in variants])
