"""One listing to a marketplace: its content where that changed, then its stock; what it is called there is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.channels.facts import ListingFacts
from erp.channels.formats.findings import ERROR, findings
from erp.channels.live.adapter import Adapter, Sent
from erp.channels.live.stock import tell_stock
from erp.channels.live.trouble import Refused
from erp.channels.models import Channel, ChannelListing, ListingVariant
from erp.channels.resolving import Resolver, of_channel
from erp.channels.services.outbox import Event, announce
from erp.channels.services.pictures import picture_urls
from erp.channels.templates import template_for

Status = ChannelListing.Status
# A listing that was refused is not sent again by itself before: a person mends it first.
REFUSED_FOR = timedelta(hours=1)
# How long an order that was placed there may take to reach us, before a raise goes over its pieces.
HELD_FOR = timedelta(minutes=2)


def push_listing(*, channel_id: int, listing_id: int, adapter: Adapter, origin: str) -> bool:
    """Whether the marketplace has it now. Why not stands on the listing. A Trouble that is no Refused passes through.

    Everything is read after `read_at` is written: what changes from then on is told by the next push.
    """
    moment = timezone.now()
    ChannelListing.objects.filter(pk=listing_id).update(read_at=moment)
    channel = Channel.objects.select_related("brand", "location").get(pk=channel_id)
    listing = of_channel(channel).filter(pk=listing_id).first()
    if listing is None:  # it was deleted meanwhile
        return False
    listing.channel = channel
    facts = next(Resolver(channel, picture_url=picture_urls(origin)).facts([listing]))
    try:
        _check(listing, facts)
        changed = _put(listing, facts, adapter)
        held = _tell(listing, facts, adapter)
    except Refused as error:
        _refused(listing, str(error))
        return False
    _done(listing, facts, moment, held=held, changed=changed)
    return True


def digests(facts: ListingFacts) -> dict[str, str]:
    """Of the content and of the pictures: equal for what the marketplace has already."""
    variants = [(v.sku, v.colour, v.size, str(v.price), v.barcode) for v in facts.variants]
    content = (
        facts.handle, facts.title, facts.description, facts.brand, facts.category_name, facts.target_category,
        facts.published, str(facts.compare_at), facts.colour_option, facts.size_option, facts.tags, variants,
    )  # fmt: skip
    # What a picture is called follows the title; that alone is no reason to fetch it again.
    pictures = [picture.url for picture in facts.pictures]
    return {"content": _digest(content), "pictures": _digest(pictures)}


def _check(listing: ChannelListing, facts: ListingFacts) -> None:
    """What the marketplace would refuse, or what would be sold wrongly there."""
    if not facts.variants:
        raise Refused(_("Nothing of this product is for sale. Put variants in use first."))
    if any(variant.price <= 0 for variant in facts.variants):
        raise Refused(_("It has no price. Enter one, or it would be sold for nothing."))
    wrong = (finding for finding in findings(template_for(listing.channel), [facts]) if finding.level == ERROR)
    if finding := next(wrong, None):
        raise Refused(str(finding.message))


def _put(listing: ChannelListing, facts: ListingFacts, adapter: Adapter) -> bool:
    """The content, unless the marketplace has it. What it is called there is kept at once."""
    now, before = digests(facts), listing.pushed
    complete = bool(facts.external_id) and all(variant.external_id for variant in facts.variants)
    if complete and now == before:
        return False
    pictures = now["pictures"] != before.get("pictures")
    sent = adapter.put_listing(facts, pictures=pictures)
    _keep_ids(listing, sent)
    listing.external_id, listing.pushed = sent.id, now
    ChannelListing.objects.filter(pk=listing.pk).update(external_id=sent.id, pushed=now, updated_at=timezone.now())
    return True


@transaction.atomic
def _keep_ids(listing: ChannelListing, sent: Sent) -> None:
    rows = {row.variant_id: row for row in ListingVariant.objects.filter(listing=listing)}
    for variant in listing.product.variants.all():
        found = sent.variants.get(variant.sku)
        if found is None:
            continue
        row = rows.pop(variant.pk, None) or ListingVariant(listing=listing, variant=variant)
        if row.stock_id != found.stock_id:
            row.told = None
        row.external_id, row.stock_id = found.id, found.stock_id
        row.save()
    # What is no longer for sale was deleted there with this.
    ListingVariant.objects.filter(pk__in=[row.pk for row in rows.values()]).update(
        external_id="", stock_id="", told=None
    )


def _tell(listing: ChannelListing, facts: ListingFacts, adapter: Adapter) -> bool:
    """The stock. True where a raise was held back."""
    quantities = {variant.sku: variant.quantity for variant in facts.variants}
    rows = ListingVariant.objects.filter(listing=listing).exclude(stock_id="").select_related("variant").order_by("pk")
    known = [row for row in rows if row.variant.sku in quantities]
    wanted = {row.stock_id: quantities[row.variant.sku] for row in known}
    told = tell_stock(adapter, wanted, _told_before(known))
    for row in known:
        row.told = told.quantities[row.stock_id]
    ListingVariant.objects.bulk_update(known, ["told"])
    return bool(told.held)


def _told_before(rows: list[ListingVariant]) -> Mapping[str, int | None]:
    return {row.stock_id: row.told for row in rows}


@transaction.atomic
def _done(listing: ChannelListing, facts: ListingFacts, moment: datetime, *, held: bool, changed: bool) -> None:
    """What changed while it was sent stays stale."""
    now = timezone.now()
    row = ChannelListing.objects.filter(pk=listing.pk)
    status = Status.LIVE if facts.published else Status.EXPORTED
    after = now + HELD_FOR if held else None
    row.update(status=status, problem="", exported_at=now, push_after=after, updated_at=now)
    if held:
        row.filter(stale_since=None).update(stale_since=now, only_stock=True)
    else:
        row.filter(stale_since__lte=moment).update(stale_since=None, only_stock=False)
    if changed:
        _announce(listing, status, "")


@transaction.atomic
def _refused(listing: ChannelListing, words: str) -> None:
    now = timezone.now()
    pushed = {key: digest for key, digest in listing.pushed.items() if key != "content"}  # all of it goes again
    ChannelListing.objects.filter(pk=listing.pk).update(
        status=Status.ERROR, problem=words[:300], pushed=pushed, push_after=now + REFUSED_FOR, updated_at=now
    )
    _announce(listing, Status.ERROR, words[:300])


def _announce(listing: ChannelListing, status: str, problem: str) -> None:
    content = {
        "channel": str(listing.channel.public_id),
        "style_number": listing.product.style_number,
        "id_there": listing.external_id,
        "status": str(status),
        "problem": problem,
    }
    announce(brand=listing.channel.brand, event=Event.LISTING_CHANGED, contents=[content])


def _digest(content: object) -> str:
    return hashlib.sha256(repr(content).encode("utf-8", "backslashreplace")).hexdigest()
