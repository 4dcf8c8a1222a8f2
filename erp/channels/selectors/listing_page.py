"""The page of one listing: every field with its value and its source, what would be refused, and the file's cells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from catalog.models import ProductImage, Variant
from erp.channels.defaults import own_columns
from erp.channels.facts import ListingFacts
from erp.channels.formats.findings import findings
from erp.channels.formats.template import Column
from erp.channels.formats.writing import rows_of
from erp.channels.mending import Mender, Told
from erp.channels.models import ChannelListing, ExportLine, ListingVariant
from erp.channels.pictures import page_address
from erp.channels.resolving import BASE, CHANNEL, OWN, USUAL, Field, Resolver, in_order, of_channel, variant_price
from erp.channels.templates import template_for

MOST_LINES = 6
MOST_SENT = 20


@dataclass(frozen=True, slots=True)
class VariantRow:
    variant: Variant
    price: Field
    own_price: Any
    quantity: int


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One of the marketplace's own columns: `field` has its value and whose it is."""

    column: Column
    field: Field
    own: str


class ListingPage:
    def __init__(self, listing: ChannelListing) -> None:
        """`listing` comes with its channel and the channel's brand."""
        self.channel = listing.channel
        self.template = template_for(self.channel)
        self.resolver = Resolver(self.channel, picture_url=page_address(self.channel.brand.slug))
        self.listing: ChannelListing = of_channel(self.channel).get(pk=listing.pk)
        self.listing.channel = self.channel

    @cached_property
    def fields(self) -> dict[str, Field]:
        return self.resolver.fields(self.listing)

    @cached_property
    def facts(self) -> ListingFacts:
        return next(self.resolver.facts([self.listing]))

    @cached_property
    def findings(self) -> list[Told]:
        mender = Mender(self.channel, self.template)
        return [
            mender.told(self.listing, code=f.code, field=f.field, level=f.level, sku=f.sku, params=f.params)
            for f in findings(self.template, [self.facts])
        ]

    @cached_property
    def variants(self) -> list[VariantRow]:
        own: dict[int, ListingVariant] = {row.variant_id: row for row in self.listing.variants.all()}
        rows = zip(in_order(self.listing.product), self.facts.variants, strict=True)
        return [
            VariantRow(
                variant,
                variant_price(self.fields["price"], own.get(variant.pk)),
                own[variant.pk].price if variant.pk in own else None,
                facts.quantity,
            )
            for variant, facts in rows
        ]

    @cached_property
    def columns(self) -> list[ColumnRow]:
        """The marketplace's own columns."""
        return [self._column(column) for column in own_columns(self.channel)]

    def _column(self, column: Column) -> ColumnRow:
        own = self.listing.attributes.get(column.header, "")
        of_channel = self.channel.attributes.get(column.header, "")
        candidates = ((own, OWN), (of_channel, CHANNEL), (column.default, USUAL))
        return ColumnRow(column, next((Field(text, source) for text, source in candidates if text), Field("", "")), own)

    @cached_property
    def photos(self) -> list[tuple[ProductImage, bool]]:
        """Every photo, those that are shown first and in their order, with whether it is shown."""
        photos = list(self.listing.product.images.all())
        if not self.listing.pictures:
            return [(photo, True) for photo in photos]
        by_pk = {photo.pk: photo for photo in photos}
        shown = [by_pk.pop(pk) for pk in self.listing.pictures if pk in by_pk]
        return [(photo, True) for photo in shown] + [(photo, False) for photo in by_pk.values()]

    @property
    def pictures_source(self) -> str:
        return OWN if self.listing.pictures else BASE

    @cached_property
    def cells(self) -> list[tuple[str, list[str]]]:
        """The columns that hold something, each with its cells of the first lines."""
        rows = rows_of(self.template, self.facts)[:MOST_LINES]
        columns = zip(self.template.headers, zip(*rows, strict=True), strict=True) if rows else ()
        found = [(header, [str(value) for value in values]) for header, values in columns]
        return [(header, values) for header, values in found if any(values)]

    @property
    def more_lines(self) -> int:
        return max(0, len(rows_of(self.template, self.facts)) - MOST_LINES)

    def sent(self) -> list[ExportLine]:
        """The last files that it went out in."""
        lines = ExportLine.objects.filter(listing=self.listing).select_related("export__created_by")
        return list(lines.defer("cells").order_by("-export_id")[:MOST_SENT])
