"""Accounts on marketplaces: opened, changed, retired."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Brand
from catalog.services.saving import assign, save_clean
from erp.channels.defaults import own_columns
from erp.channels.models import Channel, ChannelListing
from erp.channels.services.staleness import listings_changed
from erp.channels.templates import DIALECTS
from erp.core.errors import Problem
from erp.core.money import decimals_of

FIELDS = frozenset(
    {
        "name", "language", "currency", "price_factor", "price_plus", "price_step", "rounding", "location", "share",
        "buffer", "shop_url", "dialect",
    }
)  # fmt: skip
MOST_SIGNS = 2_000


@transaction.atomic
def create_channel(*, brand: Brand, kind: str, **fields: Any) -> Channel:
    """Raises DomainError with a problem for each field."""
    channel = Channel(brand=brand, kind=kind)
    assign(channel, FIELDS, fields)
    save_clean(channel, also=list(_problems(channel)))
    return channel


@transaction.atomic
def update_channel(*, channel: Channel, **fields: Any) -> Channel:
    """Changes what is said of the account. What went out is stale where that follows from it."""
    channel = _locked(channel)
    assign(channel, FIELDS, fields)
    save_clean(channel, fields.keys(), also=list(_problems(channel)))
    if fields.keys() - {"name"}:
        listings_changed(ChannelListing.objects.filter(channel=channel))
    return channel


@transaction.atomic
def set_columns(*, channel: Channel, values: Mapping[str, str]) -> Channel:
    """What stands in the marketplace's own columns, for every product that does not say otherwise."""
    channel = _locked(channel)
    channel.attributes = {header: text for header, text in values.items() if text}
    save_clean(channel, ["attributes"], also=list(column_problems(channel, values)))
    listings_changed(ChannelListing.objects.filter(channel=channel))
    return channel


@transaction.atomic
def retire_channel(*, channel: Channel) -> Channel:
    """Nothing is sent to it any more; its listings and its history stay."""
    return _used(channel, False)


@transaction.atomic
def reopen_channel(*, channel: Channel) -> Channel:
    return _used(channel, True)


def column_problems(channel: Channel, values: Mapping[str, str]) -> Iterator[Problem]:
    """`field` is the header."""
    known = {column.header: column for column in own_columns(channel)}
    for header, text in values.items():
        column = known.get(header)
        if column is None:
            yield Problem("unknown_column", _("This marketplace has no such column."), header)
        elif text and column.allowed and text not in column.allowed:
            message = _("Choose one of: %(allowed)s.") % {"allowed": ", ".join(column.allowed)}
            yield Problem("not_allowed", message, header)
        elif len(text) > (column.most or MOST_SIGNS):
            yield Problem("too_long", _("At most %(most)s characters.") % {"most": column.most or MOST_SIGNS}, header)


def _locked(channel: Channel) -> Channel:
    return Channel.objects.select_for_update(of=("self",), no_key=True).select_related("brand").get(pk=channel.pk)


def _used(channel: Channel, used: bool) -> Channel:
    channel = _locked(channel)
    channel.is_active = used
    channel.save(update_fields=["is_active", "updated_at"])
    return channel


def _problems(channel: Channel) -> Iterator[Problem]:
    if channel.dialect and channel.dialect not in DIALECTS.get(channel.kind, ()):
        yield Problem("unknown_dialect", _("This marketplace takes no such file."), "dialect")
    own = channel.brand.currency
    if channel.currency != own and channel.price_factor == 1:
        message = _("Your prices are in %(own)s. Say what 1 %(own)s is in %(currency)s.")
        yield Problem("no_rate", message % {"own": own, "currency": channel.currency}, "price_factor")
    places = decimals_of(channel.currency)
    for name in ("price_step", "price_plus"):
        amount = getattr(channel, name)
        if isinstance(amount, Decimal) and amount != round(amount, places):
            message = _("Amounts in %(currency)s have at most %(places)s decimals.")
            yield Problem("decimals", message % {"currency": channel.currency, "places": places}, name)
    place = channel.location
    if place and (place.brand_id != channel.brand_id or not place.is_internal):
        yield Problem("other_place", _("Choose a place of your own."), "location")
