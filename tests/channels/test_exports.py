"""A file for a marketplace: what goes out, what is left out, and what changed since the last one."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest

from catalog.models import Product
from erp.channels.resolving import handle_of
from erp.channels.services.exports import make_export, start_export
from tests.channels.conftest import picture_url


def sent(channel, actor, **options):
    return make_export(export=start_export(channel=channel, actor=actor, **options), picture_url=picture_url)


def lines_of(export):
    with export.file.open("rb") as file:
        return list(csv.DictReader(io.StringIO(file.read().decode())))


def test_a_listing_goes_out_once_until_it_changes(shop, channel, listing):
    first = sent(channel, shop.owner)
    lines = lines_of(first)
    assert [line["SKU"] for line in lines] == [variant.sku for variant in shop.variants]
    assert [line["Inventory quantity"] for line in lines] == ["1", "2", "3", "4"]
    assert (first.listings_count, first.lines_count, first.left_out, first.unchanged) == (1, 4, 0, 0)
    assert sent(channel, shop.owner).unchanged == 1
    shop.stock(shop.variants[0], 5)
    again = sent(channel, shop.owner)
    assert again.lines.get().changes == {"Inventory quantity": ["1", "6"]}
    listing.refresh_from_db()
    assert listing.status == "exported" and listing.exported_at


def test_price_rule_buffer_and_share(shop, channel, listing):
    channel.price_factor, channel.price_plus, channel.price_step = Decimal("1.1"), Decimal(0), Decimal(500)
    channel.buffer, channel.share = 1, 50
    channel.save()
    lines = lines_of(sent(channel, shop.owner))
    assert {line["Price"] for line in lines} == {"13500"}
    assert [line["Inventory quantity"] for line in lines] == ["0", "0", "1", "1"]


@pytest.mark.parametrize(
    ("style", "handle"),
    [("A100", "a100"), ("A-100", "a-100"), ("A 100/B", "a-100-b--7"), ("봄-1", "봄-1"), ("!!", "7")],
)
def test_handles_are_fit_for_addresses_and_never_two_alike(style: str, handle: str) -> None:
    assert handle_of(Product(pk=7, style_number=style)) == handle
