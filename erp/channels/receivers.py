"""What changes here when the ledger or the catalog changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from catalog.models import Brand, Category, Colour, Pattern, Product, ProductColour, ProductImage, Size, Variant
from catalog.signals import written_in_bulk
from erp.channels.models import Channel, ChannelListing, Credential, WebhookEndpoint
from erp.channels.services.announcing import announce_step
from erp.channels.services.conflicts import follow_order
from erp.channels.services.listening import listen_soon
from erp.channels.services.outbox import announce_stock, listened_to
from erp.channels.services.staleness import listings_changed, note_products, note_stock, sells_elsewhere
from erp.channels.services.telling_parcels import follow_shipment
from erp.inventory.signals import stock_changed
from erp.trade.models import Order, OrderEvent, Shipment

OF_A_PRODUCT = (Variant, ProductColour, ProductImage)
# What lends its name to listings, and how products lead there.
NAMED_BY: dict[Any, str] = {
    Brand: "brand",
    Category: "category",
    Pattern: "pattern",
    Colour: "variants__colour",
    Size: "variants__size",
}
NAMES = frozenset({"name_ko", "name_en", "code", "position"})


@receiver(stock_changed, dispatch_uid="channels.stock_changed")
def follow_stock(sender: Any, brand_id: int, variants: Collection[int], **kwargs: Any) -> None:
    note_stock(brand_id, variants)
    announce_stock(brand_id, variants)


@receiver(post_save, sender=OrderEvent, dispatch_uid="channels.order_step")
def follow_step(sender: Any, instance: OrderEvent, created: bool, raw: bool, **kwargs: Any) -> None:
    if created and not raw:
        announce_step(instance)


@receiver(post_save, sender=Shipment, dispatch_uid="channels.shipment_saved")
def follow_parcel(sender: Any, instance: Shipment, raw: bool, **kwargs: Any) -> None:
    if not raw:
        follow_shipment(instance)


@receiver([post_save, post_delete], sender=Credential, dispatch_uid="channels.credential_saved")
def follow_key(sender: Any, instance: Credential, **kwargs: Any) -> None:
    listen_soon(channel=instance.channel)


@receiver(post_save, sender=Channel, dispatch_uid="channels.channel_saved")
def follow_channel(sender: Any, instance: Channel, **kwargs: Any) -> None:
    sells_elsewhere.forget(instance.brand_id)


@receiver([post_save, post_delete], sender=WebhookEndpoint, dispatch_uid="channels.webhook_saved")
def follow_endpoint(sender: Any, instance: WebhookEndpoint, **kwargs: Any) -> None:
    listened_to.forget(instance.brand_id)


@receiver(post_save, sender=Product, dispatch_uid="channels.product_saved")
def follow_product(sender: Any, instance: Product, **kwargs: Any) -> None:
    note_products([instance.pk], instance.brand_id)


@receiver([post_save, post_delete], sender=Variant, dispatch_uid="channels.variant_saved")
@receiver([post_save, post_delete], sender=ProductColour, dispatch_uid="channels.colour_saved")
@receiver([post_save, post_delete], sender=ProductImage, dispatch_uid="channels.image_saved")
def follow_part(sender: Any, instance: Any, **kwargs: Any) -> None:
    note_products([instance.product_id], instance.product.brand_id)


def follow_words(sender: Any, instance: Any, created: bool, raw: bool, update_fields: Any, **kwargs: Any) -> None:
    """A colour, a size, a category, a pattern or the brand goes by another name."""
    if not created and not raw and (update_fields is None or not NAMES.isdisjoint(update_fields)):
        products = Product.objects.filter(**{NAMED_BY[sender]: instance.pk}).values("pk")
        listings_changed(ChannelListing.objects.filter(product__in=products))


for term in NAMED_BY:
    post_save.connect(follow_words, sender=term, dispatch_uid=f"channels.{term.__name__}_named")


@receiver(written_in_bulk, dispatch_uid="channels.written_in_bulk")
def follow_many(sender: Any, rows: Sequence[Any], **kwargs: Any) -> None:
    if sender is Product:
        note_products({row.pk for row in rows}, rows[0].brand_id)
    elif sender in OF_A_PRODUCT:
        note_products({row.product_id for row in rows}, rows[0].product.brand_id)


@receiver(post_save, sender=Order, dispatch_uid="channels.order_saved")
def follow_trade(sender: Any, instance: Order, created: bool, **kwargs: Any) -> None:
    if instance.channel_number and not created:
        follow_order(instance)
