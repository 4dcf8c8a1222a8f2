"""One of everything of a channel, for strangers to walk around: the ids by which addresses name it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from catalog.models import Category
from erp.channels.formats.orders import SaidLine, SaidOrder
from erp.channels.models import ChannelListing, ChannelOrder, Connection, Inbound
from erp.channels.services.channels import create_channel
from erp.channels.services.credentials import set_credential
from erp.channels.services.descriptions import save_description
from erp.channels.services.exports import make_export, start_export
from erp.channels.services.hooks import create_endpoint, try_endpoint
from erp.channels.services.intake import match_sku, take_orders_in
from erp.channels.services.listings import add_products, set_status
from erp.channels.services.mappings import match_categories, match_words
from erp.channels.services.order_files import take_order_file
from tests.api.shop import Shop
from tests.channels.conftest import picture_url

PRICE = Decimal(1000)


def hidden_channel(shop: Shop, mark: str) -> dict[str, Any]:
    """A channel with a listing, matches, exports, orders and webhooks; `mark` stands in each of their texts."""
    brand, owner, variant = shop.brand, shop.owner, shop.variants[0]
    channel = create_channel(brand=brand, kind="generic", name=mark)
    category = Category.objects.get(pk=shop.product.category_id)
    match_categories(channel=channel, targets={(category.pk, ""): mark})
    match_words(channel=channel, words={("colour", mark): mark})
    description = save_description(brand=brand, language="ko", body=mark)
    add_products(channel=channel, products=brand.products.filter(pk=shop.product.pk))
    set_status(listings=ChannelListing.objects.filter(channel=channel), ready=True)
    export = make_export(export=start_export(channel=channel, actor=owner), picture_url=picture_url)
    said = [SaidLine(sku, mark, mark, 1, PRICE) for sku in (variant.sku, mark)]
    orders = [SaidOrder(number=f"{mark} {n}", lines=[line], customer_name=mark) for n, line in enumerate(said)]
    take_orders_in(channel=channel, said=orders, actor=owner)
    match_sku(channel=channel, sku=f"{mark} known", variant=variant, actor=owner)
    file = take_order_file(
        channel=channel,
        actor=owner,
        data=f"Order number,SKU,Quantity\n{mark},{mark},1\n".encode(),
        filename=f"{mark}.csv",
    )
    file.problems.create(line=1, column=mark, code="no_number", message=mark)
    endpoint, _key = create_endpoint(
        brand=brand, name=mark, url="https://hidden.example/", events=["order.taken"], actor=owner
    )
    delivery = try_endpoint(endpoint=endpoint)
    set_credential(channel=channel, kind="token", secret="hidden-token-of-the-shop", actor=owner)
    Connection.objects.create(channel=channel, shop=mark, api_version="2026-10", created_by=owner)
    inbound = Inbound.objects.create(channel=channel, kind="orders", key=mark, digest=mark, body=mark.encode())
    listing = ChannelListing.objects.get(channel=channel)
    order = ChannelOrder.objects.filter(channel=channel).latest("pk")
    return {
        "channels/<int:pk>": channel.pk,
        "channels/<int:channel>": channel.pk,
        "channels/<uuid:public_id>": channel.public_id,
        "v1/<uuid:public_id>": channel.public_id,
        "hooks/<uuid:public_id>": channel.public_id,
        "credentials/<slug:kind>": "token",
        "listings/<int:pk>": listing.pk,
        "products/<str:handle>": shop.product.style_number.lower(),
        "category-matches/<int:pk>": channel.categories.get().pk,
        "word-matches/<int:pk>": channel.words.get().pk,
        "sku-matches/<int:pk>": channel.skus.get().pk,
        "description-templates/<int:pk>": description.pk,
        "exports/<uuid:public_id>": export.public_id,
        "orders/<int:pk>": order.pk,
        "channel-orders/<int:pk>": order.pk,
        "files/<uuid:public_id>": file.public_id,
        "order-files/<uuid:public_id>": file.public_id,
        "webhooks/<uuid:public_id>": endpoint.public_id,
        "deliveries/<uuid:delivery>": delivery.public_id,
        "inbound/<uuid:inbound>": inbound.public_id,
        "orders/<uuid:inbound>": inbound.public_id,
    }
