"""The connection of a channel to its shop: made, changed, asked for its places."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.services.saving import refuse, save_clean
from erp.channels.live.adapter import Adapter, Place
from erp.channels.live.pace import Pace
from erp.channels.live.registry import live, open_adapter
from erp.channels.live.trouble import Trouble
from erp.channels.models import Channel, ChannelListing, Connection, Credential, Fulfilment, ListingVariant
from erp.channels.services.credentials import secret_of
from erp.core.audit import by_actor
from erp.core.errors import DomainError, Problem
from erp.core.models import User


@by_actor
@transaction.atomic
def connect(
    *,
    channel: Channel,
    shop: str,
    actor: User,
    origin: str,
    api_version: str = "",
    is_automatic: bool = True,
    tells_customers: bool = False,
) -> Connection:
    """Says which shop the channel is. Another shop than before knows nothing of what the first one was sent.

    Raises DomainError `not_live` for a marketplace that takes files only, `bad_shop`, `unknown_version`.
    """
    way = live(channel.kind)
    if way is None:
        raise refuse("not_live", _("This marketplace takes files. Export to it instead."), "shop")
    shop = shop.strip().lower().removeprefix("https://").rstrip("/")
    if not way.shop.fullmatch(shop):
        raise refuse("bad_shop", _("Type the shop's own address, such as my-shop.myshopify.com."), "shop")
    version = api_version or way.versions[0]
    if version not in way.versions:
        raise refuse(
            "unknown_version", _("Choose one of: %(names)s.") % {"names": ", ".join(way.versions)}, "api_version"
        )
    Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
    row = Connection.objects.filter(channel=channel).first() or Connection(channel=channel, created_by=actor)
    if row.pk and row.shop != shop:
        row.place_id = row.place_name = ""
        row.created_at = timezone.now()  # its orders are those from now on
        _forget_ids(channel)
    row.shop, row.api_version, row.origin = shop, version, origin.rstrip("/")
    row.is_automatic, row.tells_customers, row.problem = is_automatic, tells_customers, ""
    save_clean(row)
    return row


@by_actor
@transaction.atomic
def disconnect(*, channel: Channel, actor: User) -> None:
    """Forgets the shop and its secrets. What it was sent stays there."""
    for row in [*Credential.objects.filter(channel=channel), *Connection.objects.filter(channel=channel)]:
        row.delete()


def places_of(*, channel: Channel, pace: Pace | None = None) -> list[Place]:
    """The places of the shop that may hold our stock. Raises DomainError `unreachable` with what is wrong."""
    try:
        return adapter_of(channel, pace=pace).places()
    except Trouble as error:
        raise DomainError("unreachable", str(error), [Problem("unreachable", str(error), "place")]) from error


@by_actor
@transaction.atomic
def choose_place(*, channel: Channel, place: Place, actor: User) -> Connection:
    """Which of the shop's places our stock is told for; another one than before was told nothing yet."""
    row = Connection.objects.select_for_update(of=("self",)).get(channel=channel)
    if row.place_id != place.id:
        row.place_id, row.place_name = place.id, place.name
        save_clean(row, ["place_id", "place_name"])
        _told_nothing(channel)
    return row


def adapter_of(channel: Channel, *, pace: Pace | None = None) -> Adapter:
    """Raises DomainError `not_connected` where something is missing to speak to the shop."""
    row = Connection.objects.filter(channel=channel).first()
    token = secret_of(channel, Credential.Kind.TOKEN) if row else ""
    if row is None or not token:
        message = _("Connect the shop first: its address and an access token.")
        raise DomainError("not_connected", message, [Problem("not_connected", message)], status=409)
    return open_adapter(
        channel.kind, shop=row.shop, version=row.api_version, token=token, place=row.place_id, pace=pace
    )


def _told_nothing(channel: Channel) -> None:
    ListingVariant.objects.filter(listing__channel=channel).update(told=None)
    sent = ChannelListing.objects.filter(channel=channel).exclude(external_id="")
    now = timezone.now()
    sent.update(stale_since=now, updated_at=now)


def _forget_ids(channel: Channel) -> None:
    ListingVariant.objects.filter(listing__channel=channel).update(external_id="", stock_id="", told=None)
    ChannelListing.objects.filter(channel=channel).update(external_id="", pushed={}, updated_at=timezone.now())
    Fulfilment.objects.filter(channel=channel).exclude(state=Fulfilment.State.DONE).delete()
