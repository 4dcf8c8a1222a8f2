"""Which template a channel writes its files by."""

from __future__ import annotations

from erp.channels.formats.pictures import PictureRule, beside, rule_beside, rule_of
from erp.channels.formats.template import (
    Template,
    TrackingTemplate,
    shipped_template,
    shipped_tracking,
    template_of,
    tracking_names,
)
from erp.channels.models import Channel, Export, FileTemplate

Kind, What = Channel.Kind, Export.What

SHIPPED: dict[tuple[str, str], str] = {
    (Kind.SHOPIFY, What.PRODUCTS): "shopify-2025",
    (Kind.SHOPIFY, What.STOCK): "shopify_inventory-2025",
    (Kind.GOOGLE, What.PRODUCTS): "google_xml-2025",
    (Kind.SMARTSTORE, What.PRODUCTS): "smartstore-2024",
    (Kind.CAFE24, What.PRODUCTS): "cafe24-2024",
    (Kind.QOO10, What.PRODUCTS): "qoo10_jp-2024",
    (Kind.SHAKALAKA, What.PRODUCTS): "shakalaka-1",
    (Kind.GENERIC, What.PRODUCTS): "generic-1",
}
# Where a marketplace takes more than one kind of file; the first is the usual one.
DIALECTS: dict[str, tuple[str, ...]] = {
    Kind.SHOPIFY: ("shopify-2025", "shopify-legacy"),
    Kind.GOOGLE: ("google_xml-2025", "google_tsv-2025"),
}
STOCK, GENERIC = "stock-1", "generic-1"


def template_for(channel: Channel, what: str = What.PRODUCTS) -> Template:
    """The people's own template where they made one, else the one that Jangbu ships."""
    if what == What.TRACKING:
        return tracking_template(channel.kind).table
    own = getattr(channel, "template", None)
    if own and what == What.PRODUCTS:
        return own_template(channel, own)
    if channel.dialect and what == What.PRODUCTS:
        return shipped_template(channel.dialect)
    fallback = STOCK if what == What.STOCK else SHIPPED.get((channel.kind, What.PRODUCTS), GENERIC)
    return shipped_template(SHIPPED.get((channel.kind, what), fallback))


def lacks_form(channel: Channel, what: str) -> bool:
    """Whether the marketplace takes nothing but its own form, and nobody uploaded that yet."""
    return channel.kind == Kind.SHOPEE and what == What.PRODUCTS and getattr(channel, "template", None) is None


def dialects_of(kind: str) -> list[tuple[str, str]]:
    """The kinds of files of a marketplace, and what they are called; none where there is only one."""
    return [(name, shipped_template(name).name) for name in DIALECTS.get(kind, ())]


def own_template(channel: Channel, own: FileTemplate) -> Template:
    return template_of(
        {
            "key": channel.kind,
            "version": "own",
            "name": channel.name,
            "file": own.file_format,
            "encoding": own.encoding,
            "rows": own.rows,
            "columns": own.columns,
            "rules": beside(channel.kind)["rules"] if channel.kind == Kind.SHOPEE else {},
        }
    )


def picture_rule(channel: Channel) -> PictureRule:
    """How the marketplace wants pictures, whatever table is filled."""
    if channel.kind == Kind.SHOPEE:
        return rule_beside(Kind.SHOPEE)
    return rule_of(shipped_template(SHIPPED.get((channel.kind, What.PRODUCTS), GENERIC)).pictures)


def tracking_template(kind: str) -> TrackingTemplate:
    return shipped_tracking(kind if kind in tracking_names() else "generic")
