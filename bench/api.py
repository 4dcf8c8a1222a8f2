"""Pages of the API at 100,000 variants: how long each takes, and how many queries it asks.

Aim: 95 of 100 pages within 100 ms on PostgreSQL, and as many queries on the thousandth page as on the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

from bench.databases import on_each_database
from bench.shops import Shop, make_shop
from bench.timing import settle

PRODUCTS, VARIANTS_EACH = 20_000, 5
PAGES, COUNTED, AIM = 40, 4, 100.0


@dataclass(frozen=True, slots=True)
class Walk:
    """Milliseconds of each page and the numbers of queries that were seen."""

    spent: list[float]
    queries: set[int]

    def percentile(self, share: float) -> float:
        return sorted(self.spent)[min(int(len(self.spent) * share), len(self.spent) - 1)]


def run() -> None:
    on_each_database("bench.api", measure)


def measure() -> None:
    from django.conf import settings

    from erp.core.heap import set_aside

    settings.API_RATES = dict.fromkeys(settings.API_RATES, 10**9)  # the benchmark alone is many clients
    start = perf_counter()
    shop = make_shop(products=PRODUCTS, variants_each=VARIANTS_EACH)
    fill(shop)
    settle()
    set_aside()  # as a web process does
    print(f"  {PRODUCTS * VARIANTS_EACH:,} variants with balances made in {perf_counter() - start:.0f} s", flush=True)
    clients = {"member": _client(shop, "member"), "superuser": _client(shop, "superuser")}
    print(f"  {'page':58}{'p50':>9}{'p95':>9}  queries")
    for name, address in addresses(shop):
        for person, client in clients.items():
            walk = walk_along(client, address)
            few = "" if len(walk.queries) <= 1 else "   not constant"
            slow = "" if walk.percentile(0.95) <= AIM else f"   over the aim of {AIM:.0f}"
            times = f"{walk.percentile(0.5):>6.1f} ms{walk.percentile(0.95):>6.1f} ms"
            asked = " ".join(map(str, sorted(walk.queries)))
            print(f"  {f'{name} ({person})':58}{times}  {asked}{few}{slow}", flush=True)


def fill(shop: Shop) -> None:
    """Barcodes, balances at two places, a colour for each product, a photo for every tenth, changes over a year."""
    from django.db.models import CharField, F, Value
    from django.db.models.functions import Cast, Concat, LPad

    from catalog.models import Product, ProductColour, ProductImage, Variant
    from erp.inventory.models import Balance, Location

    places = Location.objects.filter(brand=shop.brand_id, code__in=("MAIN", "SHOP")).values_list("pk", flat=True)
    for place in places:
        Balance.objects.bulk_create(
            (Balance(variant_id=pk, location_id=place, on_hand=pk % 9) for pk in shop.variant_ids), batch_size=5_000
        )
    digits = LPad(Cast("pk", CharField()), 10, Value("0"))
    Variant.objects.update(barcode=Concat(Value("28"), digits, Value("0")))
    # Many rows at one moment, as an import writes them.
    for model in (Product, Variant, Balance):
        for month in range(12):
            rows = model.objects.annotate(part=F("pk") % 12).filter(part=month)  # type: ignore[attr-defined]
            rows.update(updated_at=datetime(2026, 10, 1, tzinfo=UTC) - timedelta(days=30 * month))
    colour = Variant.objects.values_list("colour_id", flat=True)[:1].get()
    products = list(Product.objects.order_by("pk"))
    ProductColour.objects.bulk_create(
        (ProductColour(product=product, colour_id=colour) for product in products), batch_size=5_000
    )
    ProductImage.objects.bulk_create(
        ProductImage(
            product=product, original="x", content_type="image/jpeg", sha256=str(product.pk), width=1, height=1
        )
        for product in products[::10]
    )


def addresses(shop: Shop) -> Iterator[tuple[str, str]]:
    lately, long_ago = "2026-09-01T00:00:00Z", "1970-01-01T00:00:00Z"
    for name in ("variants", "products", "balances"):
        yield name, f"/api/v1/{name}/"
        yield f"{name} of the brand", f"/api/v1/{name}/?brand=bench"
        yield f"{name}, 200 a page", f"/api/v1/{name}/?page_size=200"
        yield f"{name}, a few fields", f"/api/v1/{name}/?brand=bench&page_size=200&fields={_few(name)}"
        yield f"{name}, the last changed first", f"/api/v1/{name}/?brand=bench&ordering=-updated_at"
        yield f"{name}, all that changed", f"/api/v1/{name}/?brand=bench&updated_since={long_ago}"
        yield f"{name}, what changed lately", f"/api/v1/{name}/?brand=bench&updated_since={lately}"
    yield "variants by SKU", "/api/v1/variants/?brand=bench&ordering=sku"
    yield "variants for sale", "/api/v1/variants/?brand=bench&is_active=true"
    yield "one variant by its barcode", f"/api/v1/variants/?barcode=28{shop.variant_ids[77_777]:010}0"
    yield "variants of a product", "/api/v1/variants/?brand=bench&product=7777"
    yield "products by style number", "/api/v1/products/?brand=bench&ordering=style_number"
    yield "products on sale", "/api/v1/products/?brand=bench&status=active"
    yield "products, found by a rare word", "/api/v1/products/?brand=bench&search=BN1234"
    yield "products, found by a common word", "/api/v1/products/?brand=bench&search=Garment"
    yield "products, none found", "/api/v1/products/?brand=bench&search=nowhere"
    yield "balances by SKU", "/api/v1/balances/?brand=bench&ordering=sku"
    yield "balances of the shop", "/api/v1/balances/?brand=bench&location=SHOP"
    yield "balances that run low", "/api/v1/balances/?brand=bench&low=true"


def walk_along(client: Any, address: str) -> Walk:
    """The first pages, one after the other; a short walk begins again. Each is timed, then sent again and counted."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    walk, following = Walk([], set()), address
    client.get(address)
    for page_number in range(PAGES):
        start = perf_counter()
        answer = client.get(following)
        walk.spent.append(1000 * (perf_counter() - start))
        assert answer.status_code == 200, (following, answer.content[:300])
        page = answer.json()
        # The first page of what changed also asks from when to go on; a later one may have nothing left to ask.
        is_first = page_number == 0
        if page_number < COUNTED and ("updated_since" not in address if is_first else page["results"]):
            with CaptureQueriesContext(connection) as asked:
                client.get(following)
            walk.queries.add(len(asked))
        following = page["next"] or address
    return walk


def _few(name: str) -> str:
    return {"variants": "id,sku", "products": "id,style_number,name_ko", "balances": "variant,location,on_hand"}[name]


def _client(shop: Shop, kind: str) -> Any:
    """Somebody who works in the brand, and somebody who sees every brand."""
    from django.contrib.auth import get_user_model
    from rest_framework.test import APIClient

    from catalog.models import Brand
    from catalog.services import add_member

    user: Any = shop.rows[2]
    if kind == "member":
        user = get_user_model().objects.create_user("clerk")
        add_member(brand=Brand.objects.get(pk=shop.brand_id), user=user, role="staff")
    client = APIClient(SERVER_NAME="localhost")
    client.force_authenticate(user)
    return client


if __name__ == "__main__":
    run()
