"""A file that went out to Shopify comes into another, empty brand as the same products."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from catalog.models import Product, Variant
from catalog.services import create_brand
from erp.channels.facts import VariantFacts
from erp.channels.models import Channel, ChannelListing
from erp.channels.services.imports import import_shopify
from erp.core.errors import DomainError
from erp.exchange.services import imports as exchange
from erp.exchange.services.running import run_import
from erp.inventory.models import Balance
from erp.inventory.services import ensure_locations
from tests.channels.facts import GTIN, listing
from tests.channels.test_exports import sent
from tests.channels.test_formats import file_of

TOLD = ("sku", "barcode", "colour__slug", "size__code", "product__style_number", "product__name_ko", "product__price")


def told(brand):
    rows = Variant.objects.of(brand).order_by("sku")
    stock = {row.variant_id: row.on_hand for row in Balance.objects.filter(location__brand=brand)}
    return [(*(values[1:]), stock.get(values[0], 0)) for values in rows.values_list("pk", *TOLD)]


def test_the_same_products_in_an_empty_brand(shop, monkeypatch):
    monkeypatch.setattr(exchange, "async_task", lambda *args, **kwargs: None)
    channel = Channel.objects.create(brand=shop.brand, kind="shopify", name="Shopify")
    ChannelListing.objects.create(channel=channel, product=shop.product, status="ready")
    export = sent(channel, shop.owner)
    empty = create_brand(slug="empty", name_ko="새 가게", owner=shop.owner)
    ensure_locations(brand=empty)
    with export.file.open("rb") as file:
        job = import_shopify(brand=empty, actor=shop.owner, data=file.read(), filename="shopify.csv")
    exchange.check_import(job=job, actor=shop.owner, columns=job.columns, location=job.location)
    run_import(job_id=job.pk)
    job.refresh_from_db()
    assert job.state == "checked" and not job.errors, [row.errors for row in job.rows.all()]
    exchange.apply_import(job=job, actor=shop.owner)
    run_import(job_id=job.pk)
    job.refresh_from_db()
    assert job.state == "done"
    assert told(empty) == told(shop.brand)
    assert Product.objects.of(empty).get().category == shop.product.category


def test_what_cannot_be_read_is_named(shop):
    data = b"Handle,Title,Variant SKU,Variant Price\na,A,S,free\n"
    with pytest.raises(DomainError) as refused:
        import_shopify(brand=shop.brand, actor=shop.owner, data=data, filename="x")
    (problem,) = refused.value.problems
    assert (problem.field, problem.line) == ("Variant Price", 2)


@pytest.mark.parametrize("name", ["shopify-2025", "shopify-legacy"])
@pytest.mark.parametrize(("title", "field"), [("Oxford shirt", "name_en"), ("옥스퍼드 셔츠", "name_ko")])
def test_both_dialects_carry_what_an_import_takes(shop, monkeypatch, name, title, field):
    monkeypatch.setattr(exchange, "async_task", lambda *args, **kwargs: None)
    empty = create_brand(slug="empty", name_ko="새 가게", owner=shop.owner)
    ensure_locations(brand=empty)
    skus = [(colour, size) for colour in ("Navy", "White") for size in ("S", "M")]
    variants = tuple(
        VariantFacts(f"OX-{number}", colour, size, Decimal(39000), number, GTIN if number == 1 else "")
        for number, (colour, size) in enumerate(skus, start=1)
    )
    told = {"title": title, "variants": variants, "price": Decimal(39000), "category_name": "Shirt & blouse"}
    sold, kept = listing(1, **told), listing(2, **told | {"variants": (), "published": False})
    kept = replace(kept, variants=tuple(replace(v, sku=f"K{v.sku}", barcode="") for v in variants))
    job = import_shopify(brand=empty, actor=shop.owner, data=file_of(name, sold, kept), filename="shopify.csv")
    exchange.check_import(job=job, actor=shop.owner, columns=job.columns, location=job.location)
    run_import(job_id=job.pk)
    job.refresh_from_db()
    assert job.state == "checked" and not job.counts["error"], [row.errors for row in job.rows.all()]
    exchange.apply_import(job=job, actor=shop.owner)
    run_import(job_id=job.pk)
    rows = Variant.objects.of(empty).filter(sku__startswith="OX-").order_by("sku")
    stock = {row.variant.sku: row.on_hand for row in Balance.objects.filter(location__brand=empty)}
    assert [(v.sku, v.colour.name_en, v.size.code, stock[v.sku]) for v in rows] == [
        (v.sku, v.colour, v.size, v.quantity) for v in variants
    ]
    assert rows[0].barcode == GTIN and all(v.barcode for v in rows)  # who came without one got one of the brand's own
    products = Product.objects.of(empty).order_by("style_number")
    assert [(getattr(p, field), p.price, p.status, p.category.slug) for p in products] == [
        (title, Decimal(39000), status, "shirt") for status in ("active", "draft")
    ]
