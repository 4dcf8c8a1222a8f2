"""Marketplaces: 2,000 products of 12 variants to every format, seconds and memory; orders in; stale listings.

Aims: an export in 10 s and 300 MB or less, 10,000 orders in 30 s or less, 10,000 listings stale within 5 s.
"""

from __future__ import annotations

import io
import multiprocessing
import resource
from collections.abc import Callable
from decimal import Decimal
from time import perf_counter, process_time
from typing import Any
from uuid import uuid4

from bench.databases import on_each_database
from bench.shops import Shop, make_shop

PRODUCTS, EACH, PICTURES, ORDERS, LISTINGS = 2_000, 12, 3, 10_000, 10_000
EXPORT_SECONDS, EXPORT_MEGABYTES, ORDER_SECONDS, STALE_SECONDS = 10.0, 300.0, 30.0, 5.0
# What the marketplaces ask for beyond a product's own facts.
ATTRIBUTES = {
    "원산지코드": "00",
    "A/S 전화번호": "02-000-0000",
    "A/S 안내": "7일",
    "Shipping_number": "1",
    "Location": "Seoul",
}
FORM = (
    "ps_product_name|1|0",
    "ps_price|1|1",
    "ps_stock|0|1",
    "ps_sku_short|0|0",
    "et_title_option_for_variation_1|0|0",
)


def run() -> None:
    on_each_database("bench.channels", measure)


def measure() -> None:
    from erp.inventory import services

    shop = make_shop(products=PRODUCTS, variants_each=EACH)
    brand, location, actor = shop.rows
    for start in range(0, len(shop.variant_ids), 5_000):
        stock = dict.fromkeys(shop.variant_ids[start : start + 5_000], 1_000)
        services.post_opening(
            brand=brand, location=location, quantities=stock, actor=actor, idempotency_key=uuid4().hex
        )
    dress(brand)
    for kind, what in files():
        apart(lambda kind=kind, what=what: export(shop, kind, what))
    apart(lambda: orders(shop))
    apart(lambda: staleness(shop))


def dress(brand: Any) -> None:
    """What a product needs before any marketplace takes it: a price, a category, photos."""
    from catalog.models import Category, Product, ProductImage

    Product.objects.filter(brand=brand).update(price=Decimal(12000), category=Category.objects.get(slug="shirt"))
    ProductImage.objects.bulk_create(
        (
            ProductImage(
                product_id=product, position=n, sha256=f"{n:064}", content_type="image/jpeg", width=1200, height=1200
            )
            for product in Product.objects.filter(brand=brand).values_list("pk", flat=True)
            for n in range(PICTURES)
        ),
        batch_size=1_000,
    )


def files() -> list[tuple[str, str]]:
    """Every kind of channel with its products; both tables of stock."""
    from erp.channels.models import Channel

    return [*((kind, "products") for kind in Channel.Kind.values), ("shopify", "stock"), ("generic", "stock")]


def apart(action: Callable[[], None]) -> None:
    """In a process of its own, so that its memory is what it alone took at most."""
    from django.db import connections

    connections.close_all()
    process = multiprocessing.get_context("fork").Process(target=action)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"the measuring process ended with {process.exitcode}")


def export(shop: Shop, kind: str, what: str) -> None:
    from django.urls import resolve

    from erp.channels.services.exports import make_export, start_export

    channel, (_brand, _location, actor) = channel_of(shop, kind), shop.rows
    made = start_export(channel=channel, actor=actor, what=what, only_changes=False, origin="https://shop.example")
    resolve("/")  # a worker has its routes loaded
    started, worked = perf_counter(), process_time()
    made = make_export(export=made)
    seconds, worked, peak = perf_counter() - started, process_time() - worked, megabytes()
    assert (made.state, made.left_out, made.listings_count) == ("done", 0, PRODUCTS), made.findings.first()
    print(
        f"  {kind:12} {what:8} {against(seconds, EXPORT_SECONDS, 's')}  {against(peak, EXPORT_MEGABYTES, 'MB')}"
        f"  {made.lines_count:,} lines, {made.size / 1e6:.1f} MB, {worked:.1f} s of a core",
        flush=True,
    )


def channel_of(shop: Shop, kind: str) -> Any:
    """The brand's channel of a kind with every product on it."""
    from catalog.models import Product
    from erp.channels.models import Channel, ChannelListing

    brand = shop.rows[0]
    currency = "JPY" if kind == "qoo10_jp" else "KRW"
    heading = {"name": kind, "currency": currency, "attributes": ATTRIBUTES, "shop_url": "https://shop.example"}
    channel, is_new = Channel.objects.get_or_create(brand=brand, kind=kind, defaults=heading)
    if is_new:
        products = Product.objects.filter(brand=brand).values_list("pk", flat=True)
        ChannelListing.objects.bulk_create(
            (
                ChannelListing(channel=channel, product_id=p, status="ready", target_category="50000830")
                for p in products
            ),
            batch_size=1_000,
        )
        if kind == "shopee":
            give_form(channel)
    return channel


def give_form(channel: Any) -> None:
    """The mass upload form that Shopee's sellers download."""
    from django.core.files.base import ContentFile
    from openpyxl import Workbook

    from erp.channels.models import FileTemplate

    book, out = Workbook(), io.BytesIO()
    book.active.append(FORM)
    book.save(out)
    FileTemplate.objects.create(channel=channel, file_format="xlsx", file=ContentFile(out.getvalue(), "form"))


def orders(shop: Shop) -> None:
    """As a file of two lines an order, read and taken in."""
    from catalog.models import Variant
    from erp.channels.services.order_files import read_order_file, start_order_file, take_order_file

    channel, (brand, _location, actor) = channel_of(shop, "generic"), shop.rows
    skus = list(Variant.objects.filter(brand=brand).order_by("pk").values_list("sku", flat=True))
    rows = [f"{n},{skus[(7 * n + k) % len(skus)]},1,12000" for n in range(ORDERS) for k in range(2)]
    data = "\n".join(["Order number,SKU,Quantity,Unit price", *rows]).encode()
    for words in ("taken in", "told again"):
        started, worked = perf_counter(), process_time()
        file = take_order_file(channel=channel, actor=actor, data=data, filename="orders.csv")
        start_order_file(file=file, actor=actor, template="generic")
        assert read_order_file(file_id=file.pk) == "done"
        file.refresh_from_db()
        seconds, worked = perf_counter() - started, process_time() - worked
        figures = f"{against(seconds, ORDER_SECONDS, 's')}, {worked:.1f} s of a core"
        print(f"  {ORDERS:,} orders {words}: {figures}  {file.counts}", flush=True)
    print(f"  at most {megabytes():.0f} MB", flush=True)


def staleness(shop: Shop) -> None:
    """One delivery of every product: its listings on five channels."""
    from django.utils import timezone

    from erp.channels.models import Channel, ChannelListing
    from erp.inventory import services

    brand, location, actor = shop.rows
    kinds = Channel.Kind.values[: LISTINGS // PRODUCTS]
    channels = [channel_of(shop, kind) for kind in kinds]
    mine = ChannelListing.objects.filter(channel__in=channels)
    mine.update(exported_at=timezone.now(), stale_since=None, only_stock=False)
    others = ChannelListing.objects.exclude(channel__in=channels)
    others.delete()
    one_each = shop.variant_ids[::EACH]
    started = perf_counter()
    services.receive(
        brand=brand,
        location=location,
        quantities=dict.fromkeys(one_each, 1),
        actor=actor,
        idempotency_key=uuid4().hex,
    )
    seconds = perf_counter() - started
    stale = mine.filter(stale_since__isnull=False).count()
    assert stale == LISTINGS, stale
    print(f"  {stale:,} listings stale, the delivery with them: {against(seconds, STALE_SECONDS, 's')}", flush=True)


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def against(value: float, aim: float, unit: str) -> str:
    """A figure, its aim, and how much of the aim it takes."""
    return f"{value:6.1f} {unit} (aim {aim:g}, {value / aim:.2f})"


if __name__ == "__main__":
    run()
