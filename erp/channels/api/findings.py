"""What a marketplace would refuse, as JSON: each with the field, the reason, and the address where it is mended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request

from erp.channels.formats.findings import findings
from erp.channels.models import Channel, ChannelListing, ExportFinding
from erp.channels.resolving import Resolver
from erp.channels.services.pictures import picture_urls, public_origin
from erp.channels.templates import template_for

# What a listing may say otherwise than its product; everything else is mended at the product.
OF_LISTING = frozenset({"title", "description", "price", "compare_at", "target_category", "currency", "options", ""})


class FindingSerializer(serializers.Serializer):
    """One thing to mend. A listing with an `error` does not go out; a `warning` does."""

    level = serializers.ChoiceField(ExportFinding.Level.choices)
    code = serializers.CharField(help_text="Stable, for programs.")
    field = serializers.CharField(help_text="The marketplace's column, or ours where it has none.")
    sku = serializers.CharField(help_text="Of the variant it is about; blank: of the product.")
    message = serializers.CharField(help_text="For people, in the language of Accept-Language.")
    link = serializers.URLField(help_text="What to change: the listing, or its product.")


class ListingFindingsSerializer(serializers.Serializer):
    listing = serializers.IntegerField()
    product = serializers.IntegerField()
    style_number = serializers.CharField()
    findings = FindingSerializer(many=True)


def found_of(
    request: Request, channel: Channel, listings: Sequence[ChannelListing]
) -> Iterable[tuple[ChannelListing, list[dict[str, Any]]]]:
    """Each listing with everything that is wrong with it. `listings` come from `resolving.of_channel`."""
    template = template_for(channel)
    values = {column.header: column.value for column in template.columns}
    facts = Resolver(channel, picture_url=picture_urls(public_origin(request))).facts(listings)
    for listing, told in zip(listings, facts, strict=True):
        addresses = {
            True: request.build_absolute_uri(reverse("api:listing-detail", args=[listing.pk])),
            False: request.build_absolute_uri(reverse("api:product-detail", args=[listing.product_id])),
        }
        yield (
            listing,
            [
                {
                    "level": found.level,
                    "code": found.code,
                    "field": found.field,
                    "sku": found.sku,
                    "message": str(found.message),
                    "link": addresses[values.get(found.field, found.field) in OF_LISTING],
                }
                for found in findings(template, [told])
            ],
        )


def shown(listing: ChannelListing, found: list[dict[str, Any]]) -> dict[str, Any]:
    row = {"listing": listing.pk, "product": listing.product_id, "style_number": listing.product.style_number}
    return ListingFindingsSerializer(row | {"findings": found}).data
