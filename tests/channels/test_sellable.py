"""Marketplaces are told what can be sold, and that nothing is left of what no longer is."""

from __future__ import annotations

import csv
import io

import pytest

from catalog.services import archive_product, update_variant
from erp.channels.models import Channel, ChannelListing
from erp.channels.services.intake import take_orders_in
from erp.channels.stock import free_pieces
from erp.inventory.models import Location
from tests.channels.test_exports import sent
from tests.channels.test_intake import said


@pytest.fixture
def free(shop, channel):
    """What is free of the first variant."""
    return lambda: free_pieces(channel, [shop.variants[0].pk]).get(shop.variants[0].pk, 0)


@pytest.mark.parametrize(("kind", "offered"), [("shop", 1), ("defective", 0), ("consignment", 0)])
def test_what_is_defective_or_at_a_partners_is_not_offered(shop, channel, free, kind, offered):
    assert free() == 1
    Location.objects.filter(pk=shop.main.pk).update(kind=kind)
    assert free() == offered
    channel.location = shop.main
    assert free() == offered


def stock_of(export, column: str) -> dict[str, str]:
    with export.file.open("rb") as file:
        rows = csv.DictReader(io.StringIO(file.read().decode("utf-8-sig")))
    return {line["SKU"]: line[column] for line in rows}


@pytest.fixture
def own_table(shop) -> Channel:
    """A channel that is told its stock by Jangbu's own columns."""
    made = Channel.objects.create(brand=shop.brand, kind="generic", name="Own")
    ChannelListing.objects.create(channel=made, product=shop.product, status="ready")
    return made


def test_an_archived_product_is_told_as_sold_out(shop, own_table):
    sent(own_table, shop.owner, what="stock")
    archive_product(product=shop.product, actor=shop.owner)
    assert set(stock_of(sent(own_table, shop.owner, what="stock"), "Quantity").values()) == {"0"}


def test_a_retired_variant_that_went_out_is_told_as_sold_out(shop, own_table):
    sent(own_table, shop.owner)
    first, *_rest, last = shop.variants
    update_variant(variant=last, actor=shop.owner, is_active=False)
    told = stock_of(sent(own_table, shop.owner, what="stock"), "Quantity")
    assert (told[first.sku], told[last.sku], len(told)) == ("1", "0", 4)
    assert last.sku not in stock_of(sent(own_table, shop.owner), "Quantity")


def test_a_retired_variant_that_nobody_was_told_of_stays_untold(shop, own_table):
    update_variant(variant=shop.variants[-1], actor=shop.owner, is_active=False)
    assert len(stock_of(sent(own_table, shop.owner, what="stock"), "Quantity")) == 3


def test_a_whole_feed_leaves_out_what_is_not_on_sale(shop):
    made = Channel.objects.create(brand=shop.brand, kind="shakalaka", name="Shop", language="en")
    listing = ChannelListing.objects.create(channel=made, product=shop.product, status="ready")
    archive_product(product=shop.product, actor=shop.owner)
    export = sent(made, shop.owner)
    assert (export.listings_count, export.left_out, export.unchanged) == (0, 0, 1)
    listing.refresh_from_db()
    assert listing.status == "ready"


def test_shopifys_pieces_on_hand_hold_what_its_open_orders_took(shop, channel, listing):
    """It counts those off by itself: told only what is free, it would count them off twice."""
    channel.attributes = {"Location": "Seoul"}
    channel.save()
    last = shop.variants[-1]
    take_orders_in(channel=channel, said=[said("1", (last.sku, 3))], actor=shop.owner)
    other = Channel.objects.create(brand=shop.brand, kind="generic", name="Another")
    take_orders_in(channel=other, said=[said("1", (shop.variants[-2].sku, 1))], actor=shop.owner)
    told = stock_of(sent(channel, shop.owner, what="stock"), "On hand (new)")
    assert (told[last.sku], told[shop.variants[-2].sku]) == ("4", "2")
    assert free_pieces(channel, [last.pk]) == {last.pk: 1}
