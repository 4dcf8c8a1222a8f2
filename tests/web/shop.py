"""A small shop for the tests of the stock pages: its people, one design in two colours and two sizes, two places."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Brand, Product, Variant
from erp.core.models import User
from erp.inventory import services
from erp.inventory.models import Balance, Location, Posting
from tests.factories import (
    BrandFactory,
    ColourFactory,
    MembershipFactory,
    ProductFactory,
    SizeFactory,
    SizeRunFactory,
    UserFactory,
    VariantFactory,
)


@dataclass
class Shop:
    brand: Brand
    owner: User
    clerk: User
    viewer: User
    product: Product
    variants: list[Variant]  # navy M, navy L, ivory M, ivory L
    main: Location
    defect: Location

    def url(self, name: str, *args: object) -> str:
        return reverse(f"inventory:{name}", args=[self.brand.slug, *args])

    def client(self, user: User) -> Client:
        """A browser of this person, reading English."""
        client = Client()
        client.force_login(user)
        client.cookies["django_language"] = "en"
        return client

    def stock(self, *quantities: int, location: Location | None = None) -> Posting:
        """Receives so many of the first variants."""
        pairs = zip(self.variants, quantities, strict=False)
        return services.receive(
            brand=self.brand,
            location=location or self.main,
            quantities={variant.pk: n for variant, n in pairs if n},
            actor=self.owner,
            idempotency_key=str(uuid.uuid4()),
        )

    def on_hand(self, place: int = 0, location: Location | None = None) -> int:
        held = Balance.objects.filter(variant=self.variants[place], location=location or self.main)
        return held.values_list("on_hand", flat=True).first() or 0

    def entry(self, *texts: str, **more: str) -> dict[str, str]:
        """The fields of an entry page: what is typed in the cells of the first variants, and the rest."""
        cells = {f"q-{variant.pk}": text for variant, text in zip(self.variants, texts, strict=False)}
        base = {"key": str(uuid.uuid4()), "location": str(self.main.pk), "product": str(self.product.pk)}
        return base | cells | more


def build_shop() -> Shop:
    brand = BrandFactory()
    people = {role: MembershipFactory(brand=brand, role=role).user for role in ("owner", "staff", "viewer")}
    product = ProductFactory(brand=brand, status="active")
    colours = [ColourFactory(name_en=name, position=n) for n, name in enumerate(("Navy", "Ivory"))]
    run = SizeRunFactory()
    sizes = [SizeFactory(run=run, code=code, position=n) for n, code in enumerate(("M", "L"))]
    variants = [
        VariantFactory(
            product=product, colour=colour, size=size, sku=f"{product.style_number}-{colour.code}-{size.code}"
        )
        for colour in colours
        for size in sizes
    ]
    services.ensure_locations(brand=brand)
    ours = list(Location.objects.of(brand).internal())
    return Shop(brand, people["owner"], people["staff"], people["viewer"], product, variants, ours[0], ours[1])


def queries_of(client: Client, address: str, data: dict | None = None) -> int:
    """How many queries a page asks."""
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address, data).status_code == 200
    return len(asked)


def a_stranger() -> User:
    """Someone with a brand of their own."""
    return MembershipFactory(user=UserFactory(), brand=BrandFactory()).user
