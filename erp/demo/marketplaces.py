"""Channels with listings, and orders that came from them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from catalog.models import Category, Product, Variant
from erp.channels.formats.orders import SaidLine, SaidOrder
from erp.channels.models import Channel, ChannelListing
from erp.channels.services.channels import create_channel
from erp.channels.services.intake import take_orders_in
from erp.channels.services.listings import add_products, set_status
from erp.channels.services.mappings import match_categories
from erp.demo.stage import Row, Stage


def channel(stage: Stage, *, kind: str, products: list[int], categories: dict[str, str], **fields: Any) -> Channel:
    """An account with some products on it, all but the last ready to go out."""
    for name in ("price_factor", "price_plus", "price_step"):
        if name in fields:
            fields[name] = Decimal(fields[name])
    made = create_channel(brand=stage.brand, kind=kind, **fields)
    matched = dict(Category.objects.filter(slug__in=categories).values_list("slug", "pk"))
    match_categories(channel=made, targets={(matched[slug], ""): target for slug, target in categories.items()})
    chosen = [stage.products[number].pk for number in products]
    add_products(channel=made, products=Product.objects.filter(pk__in=chosen))
    listings = ChannelListing.objects.filter(channel=made).exclude(product=chosen[-1])
    set_status(listings=listings, ready=True)
    return made


def told(stage: Stage, *, of: str, number: str, lines: list[Row], name: str = "", unknown: str = "") -> None:
    """An order as a marketplace tells it; of `unknown` goods it has a piece that nobody has matched yet."""
    said = [
        SaidLine(variant.sku, variant.product.name_ko, _options(variant), pieces, Decimal(price))
        for variant, pieces, price in stage.lines(lines)
    ]
    if unknown:
        said.append(SaidLine(unknown, unknown, "", 1, Decimal(19000)))
    order = SaidOrder(number=number, lines=said, customer_name=name)
    take_orders_in(channel=stage.made[of], said=[order], actor=stage.actor)


def _options(variant: Variant) -> str:
    return f"{variant.colour.name_ko}/{variant.size.code}"
