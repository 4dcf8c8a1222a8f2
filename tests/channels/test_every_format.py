"""One product, photographed and confirmed once, goes out to every marketplace: only what they alone know is said."""

from __future__ import annotations

from decimal import Decimal

import pytest

from catalog.services import add_image
from erp.channels.defaults import channel_defaults, own_columns
from erp.channels.models import Channel, ChannelListing
from erp.channels.services.channels import create_channel, set_columns
from erp.channels.services.exports import make_export, start_export
from erp.channels.services.listings import add_products, set_status
from erp.channels.services.mappings import match_categories
from erp.channels.services.tables import save_form
from erp.channels.templates import DIALECTS
from tests import photos
from tests.channels.conftest import picture_url
from tests.channels.test_shopee import KEYS, form

KINDS = [(kind, dialect) for kind in Channel.Kind.values for dialect in DIALECTS.get(kind, ("",))]


@pytest.mark.parametrize(("kind", "dialect"), KINDS)
def test_it_goes_out_without_being_typed_again(shop, kind: str, dialect: str) -> None:
    add_image(product=shop.product, data=photos.jpeg(), filename="shirt.jpg", actor=shop.owner)
    fields = channel_defaults(shop.brand, kind)
    fields["price_factor"] = fields["price_factor"] or Decimal("0.11")
    channel = create_channel(
        brand=shop.brand, kind=kind, shop_url="https://shop.example", **fields | {"dialect": dialect}
    )
    if kind == Channel.Kind.SHOPEE:
        save_form(channel=channel, data=form(KEYS))
        channel = Channel.objects.get(pk=channel.pk)
    match_categories(channel=channel, targets={(shop.product.category_id, ""): "50000830"})
    asked = {c.header: (c.allowed or ["1"])[0] for c in own_columns(channel) if c.required and not c.default}
    set_columns(channel=channel, values=asked)
    add_products(channel=channel, products=shop.brand.products.filter(pk=shop.product.pk))
    set_status(listings=ChannelListing.objects.filter(channel=channel), ready=True)
    export = make_export(export=start_export(channel=channel, actor=shop.owner), picture_url=picture_url)
    assert [finding.message for finding in export.findings.filter(level="error")] == []
    assert (export.state, export.listings_count, export.left_out) == ("done", 1, 0)
    with export.file.open("rb") as file:
        assert len(file.read()) == export.size > 200
