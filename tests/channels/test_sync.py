"""Clients with copies of listings and orders learn of everything that is shown of them, and of what is gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils import timezone
from django.utils.http import urlencode

from erp.channels.models import Channel, ChannelListing, ChannelOrder
from erp.channels.services.checks import check_channel
from erp.channels.services.connections import connect
from erp.channels.services.intake import match_sku, settle
from erp.channels.services.listings import set_status, take_off
from erp.channels.services.staleness import note_stock
from tests.api.shop import Api, make_shop
from tests.api.walking import walk
from tests.channels.test_intake import said, take

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def since(path: str, moment: datetime = LONG_AGO + timedelta(days=1), **more) -> str:
    return f"/api/v1/{path}/?{urlencode({'updated_since': moment.isoformat()} | more)}"


def age() -> None:
    ChannelListing.objects.update(updated_at=LONG_AGO)
    ChannelOrder.objects.update(updated_at=LONG_AGO)


def moved(shop, path: str) -> list[int]:
    return [row["id"] for row in walk(Api(shop.staff), since(path))]


def test_a_listing_moves_with_what_is_shown_of_it(shop, channel, listing, export_now):
    rows, who = ChannelListing.objects.filter(pk=listing.pk), {"actor": shop.owner, "origin": "https://erp.example"}
    connect(channel=channel, shop="haru.myshopify.com", **who)
    steps = {
        "draft": lambda: set_status(listings=rows, ready=False),
        "ready": lambda: set_status(listings=rows, ready=True),
        "sent": lambda: export_now(channel),
        "stale": lambda: note_stock(shop.brand.pk, [shop.variants[0].pk]),
        "another shop": lambda: connect(channel=channel, shop="new.myshopify.com", **who),
    }
    for name, step in steps.items():
        age()
        step()
        assert moved(shop, "listings") == [listing.pk], name
    age()
    assert moved(shop, "listings") == []


def test_it_moves_when_a_file_left_it_out_and_when_it_is_mended(shop, listing, export_now, monkeypatch):
    google = Channel.objects.create(brand=shop.brand, kind="google", name="Google")
    theirs = ChannelListing.objects.create(channel=google, product=shop.product, status="ready")
    age()
    export_now(google)
    theirs.refresh_from_db()
    assert theirs.status == "error" and moved(shop, "listings") == [theirs.pk]
    ChannelListing.objects.filter(pk=theirs.pk).update(errors=1, checked_at=None)
    age()
    monkeypatch.setattr("erp.channels.services.checks.findings", lambda *args: [])
    check_channel(channel=google)
    assert moved(shop, "listings") == [theirs.pk]
    theirs.refresh_from_db()
    assert theirs.status == "ready"


def test_it_moves_when_it_holds_again_unchanged(shop, channel, listing, export_now):
    export_now(channel)
    ChannelListing.objects.update(stale_since=LONG_AGO)
    age()
    export = export_now(channel)
    listing.refresh_from_db()
    assert (export.unchanged, listing.stale_since) == (1, None) and moved(shop, "listings") == [listing.pk]


def test_an_order_moves_when_its_goods_are_known_and_when_they_came(shop, channel):
    variant = shop.variants[0]  # one piece
    (order,) = take(channel, shop.owner, said("1", ("THEIRS", 2)))
    age()
    match_sku(channel=channel, sku="THEIRS", variant=variant, actor=shop.owner)
    order.refresh_from_db()
    assert order.state == "short" and moved(shop, "channel-orders") == [order.pk]
    shop.stock(variant, 1)
    age()
    settle(order=order, actor=shop.owner)
    order.refresh_from_db()
    assert order.state == "taken" and moved(shop, "channel-orders") == [order.pk]


def test_changes_come_in_their_order_of_one_channel_and_one_brand(shop, channel, listing):
    stranger = make_shop("stranger")
    first, second = take(channel, shop.owner, said("1", ("A", 1)), said("2", ("A", 1)))
    now = timezone.now()
    ChannelOrder.objects.filter(pk=first.pk).update(updated_at=now + timedelta(minutes=1))
    api = Api(shop.staff)
    page = api.get(since("channel-orders", channel=str(channel.public_id))).json()
    assert [row["number"] for row in page["results"]] == ["2", "1"] and "synced_until" in page
    assert walk(api, since("channel-orders", now + timedelta(seconds=30)))[0]["number"] == "1"
    for path in ("listings", "channel-orders"):
        assert walk(Api(stranger.owner), since(path)) == []
        assert api.get(f"/api/v1/{path}/?updated_since=yesterday").status_code == 400


def test_what_is_taken_off_leaves_a_tombstone(shop, channel, listing):
    take_off(listings=ChannelListing.objects.filter(pk=listing.pk))
    (order,) = take(channel, shop.owner, said("1", ("A", 1)))
    gone = order.pk
    order.lines.all().delete()
    order.delete()
    day = timezone.now() - timedelta(days=1)
    rows = walk(Api(shop.viewer), since("tombstones", day))
    assert {(row["kind"], row["id"]) for row in rows} == {("listing", str(listing.pk)), ("channel_order", str(gone))}
    assert walk(Api(make_shop("stranger").owner), since("tombstones", day)) == []


def test_a_page_of_changes_asks_no_more_for_more_rows(shop, channel, listing, django_assert_max_num_queries):
    take(channel, shop.owner, *(said(str(n), ("A", 1)) for n in range(30)))
    api = Api(shop.staff)
    with django_assert_max_num_queries(5):
        assert len(api.get(since("channel-orders")).json()["results"]) == 30
