"""Products on channels: put there, changed, made ready, taken off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.audit import record_changed, record_created, remember
from catalog.models import Product
from catalog.services.saving import assign, save_clean
from erp.channels.models import Channel, ChannelListing, ListingVariant
from erp.channels.services.channels import column_problems
from erp.channels.services.staleness import listings_changed
from erp.core.errors import DomainError, Problem
from erp.core.money import decimals_of

Status = ChannelListing.Status
FIELDS = frozenset({"title", "description", "price", "compare_at", "target_category", "attributes"})
MOST_ADDED = 5_000
MOST_CHANGED = 2_000


@dataclass(frozen=True, slots=True)
class TakenOff:
    """How many listings are gone, and how many the marketplace still has: those are drafts now."""

    removed: int
    still_there: int


@transaction.atomic
def add_products(*, channel: Channel, products: Any) -> int:
    """Puts products on a channel, as drafts; gives how many were not there yet. `products` is a queryset."""
    Channel.objects.select_for_update(of=("self",), no_key=True).get(pk=channel.pk)
    there = ChannelListing.objects.filter(channel=channel).values("product")
    wanted = products.filter(brand=channel.brand_id).exclude(status=Product.Status.ARCHIVED).exclude(pk__in=there)
    found = list(wanted.order_by("pk")[: MOST_ADDED + 1])
    _not_too_many(len(found), MOST_ADDED)
    rows = ChannelListing.objects.bulk_create(
        [ChannelListing(channel=channel, product=product) for product in found], batch_size=500
    )
    record_created(rows)
    return len(rows)


@transaction.atomic
def set_status(*, listings: Any, ready: bool) -> int:
    """Makes drafts ready to go out, or listings drafts again; gives how many changed."""
    unready = listings.filter(status__in=[Status.DRAFT, Status.ERROR])
    rows = _locked(unready if ready else listings.exclude(status=Status.DRAFT))
    before, now = remember(rows), timezone.now()
    for row in rows:
        row.status, row.problem, row.updated_at = (Status.READY if ready else Status.DRAFT), "", now
    ChannelListing.objects.bulk_update(rows, ["status", "problem", "updated_at"], batch_size=500)
    record_changed(rows, before)
    return len(rows)


@transaction.atomic
def take_off(*, listings: Any) -> TakenOff:
    """Removes listings that never went out. What a marketplace has is to be ended there: those stay, as drafts."""
    gone = listings.filter(exported_at=None, external_id="")
    _not_too_many(gone.count(), MOST_CHANGED)
    _all, by_model = gone.delete()
    return TakenOff(by_model.get(ChannelListing._meta.label, 0), set_status(listings=listings, ready=False))


@transaction.atomic
def update_listing(
    *, listing: ChannelListing, prices: Mapping[int, Decimal | None] | None = None, **fields: Any
) -> ChannelListing:
    """Changes what a listing says of its own; blank: as the template of descriptions or the product says.

    `prices` are those of single variants, by id. Raises DomainError with a problem for each field (`v-<id>` for a
    variant's price); then nothing is saved.
    """
    listing = _one(listing)
    assign(listing, FIELDS, fields)
    if "attributes" in fields:
        listing.attributes = {header: text for header, text in fields["attributes"].items() if text}
    prices = prices or {}
    problems = [*_problems(listing), *_variant_problems(listing, prices)]
    if "attributes" in fields:  # what was said for columns of another table harms nobody
        problems += column_problems(listing.channel, listing.attributes)
    save_clean(listing, fields.keys(), also=problems)
    _save_prices(listing, prices)
    listings_changed(ChannelListing.objects.filter(pk=listing.pk))
    return listing


@transaction.atomic
def set_pictures(*, listing: ChannelListing, pictures: Sequence[int]) -> ChannelListing:
    """Which photos of the product are shown here, in their order; none: as the product shows them."""
    listing = _one(listing)
    known = set(listing.product.images.values_list("pk", flat=True))
    if len(set(pictures)) != len(pictures) or not known.issuperset(pictures):
        message = _("These photos are no longer those of the product. Load the page again.")
        raise DomainError("unknown_picture", message, [Problem("unknown_picture", message, "pictures")])
    listing.pictures = list(pictures)
    save_clean(listing, ["pictures"])
    listings_changed(ChannelListing.objects.filter(pk=listing.pk))
    return listing


def _save_prices(listing: ChannelListing, prices: Mapping[int, Decimal | None]) -> None:
    rows = {row.variant_id: row for row in listing.variants.all()}
    for variant, price in prices.items():
        row = rows.get(variant) or ListingVariant(listing=listing, variant_id=variant)
        if row.price != price:
            row.price = price
            row.save()


def _variant_problems(listing: ChannelListing, prices: Mapping[int, Decimal | None]) -> Iterator[Problem]:
    if not prices:
        return
    mine = set(listing.product.variants.values_list("pk", flat=True))
    for variant, price in prices.items():
        if variant not in mine:
            yield Problem("unknown_variant", _("There is no such variant. Load the page again."), f"v-{variant}")
        yield from _price_problems(listing, f"v-{variant}", price)


def _one(listing: ChannelListing) -> ChannelListing:
    rows = ChannelListing.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("channel__brand", "product").get(pk=listing.pk)


def _locked(listings: Any) -> list[ChannelListing]:
    rows = listings.order_by("pk").select_for_update(of=("self",), no_key=True)
    found = list(rows.select_related("channel", "product")[: MOST_CHANGED + 1])
    _not_too_many(len(found), MOST_CHANGED)
    return found


def _not_too_many(count: int, most: int) -> None:
    if count > most:
        message = _("That is more than %(most)s products at once. Narrow the list first.") % {"most": most}
        raise DomainError("too_many", message, [Problem("too_many", message)])


def _problems(listing: ChannelListing) -> Iterator[Problem]:
    yield from _price_problems(listing, "price", listing.price)
    yield from _price_problems(listing, "compare_at", listing.compare_at)
    price, before = listing.price, listing.compare_at
    if price is not None and before is not None and before <= price:
        yield Problem("not_more", _("The price before is higher than the price now."), "compare_at")


def _price_problems(listing: ChannelListing, name: str, amount: Decimal | None) -> Iterator[Problem]:
    if amount is None:
        return
    currency = listing.channel.currency
    if amount != round(amount, decimals_of(currency)):
        yield Problem("decimals", _("Prices in %(currency)s have no decimals.") % {"currency": currency}, name)
    if amount < 0:
        yield Problem("negative", _("A price is 0 or more."), name)
