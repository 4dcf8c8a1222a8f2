"""Products and stock to a shop of Shopify, which answers over a socket and misbehaves."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.services import update_product
from erp.channels.live import wire
from erp.channels.live.shopify.adapter import Shopify
from erp.channels.models import ChannelListing, Connection, ListingVariant, Push, WebhookDelivery
from erp.channels.services import pushing
from erp.channels.services.connections import places_of
from erp.channels.services.credentials import set_credential
from erp.channels.services.hooks import create_endpoint
from erp.channels.services.pushing import push_changes, resume_pushes, run_push, start_push
from erp.channels.services.staleness import note_stock
from erp.core.errors import DomainError
from tests.api.shop import make_product
from tests.channels.live.fake_shopify import PLACE

pytestmark = pytest.mark.django_db


@pytest.fixture
def push(connection, listing, photo, shop, clock):
    """Sends what is ready or changed, and gives the push."""

    def go(**how) -> Push:
        made = start_push(channel=connection.channel, actor=shop.owner, **how)
        run_push(push_id=made.pk, pace=clock.pace)
        made.refresh_from_db()
        listing.refresh_from_db()
        return made

    return go


def stock_of(there, shop) -> list[int | None]:
    return [there.stock(variant.sku) for variant in shop.variants]


def test_a_listing_becomes_a_product_with_its_stock(push, there, shop, listing):
    made = push()
    assert (made.state, made.sent, made.total) == ("done", 1, 1)
    (product,) = there.products.values()
    assert product["handle"] == shop.product.style_number.lower() and product["status"] == "ACTIVE"
    assert [option["name"] for option in product["productOptions"]] == ["Color", "Size"]
    assert product["files"][0]["originalSource"].startswith("https://erp.example/p/")
    variant = next(v for v in product["variants"].values() if v["sku"] == shop.variants[0].sku)
    assert variant["price"] == "12000" and variant["inventoryPolicy"] == "DENY" and "barcode" not in variant
    assert stock_of(there, shop) == [1, 2, 3, 4] and there.versions == {"2026-10"}
    assert listing.status == "live" and listing.external_id == product["id"] and listing.stale_since is None
    assert ListingVariant.objects.filter(listing=listing, told__gt=0).exclude(stock_id="").count() == 4


def test_only_what_changed_goes_again(push, there, shop, listing, django_capture_on_commit_callbacks):
    push()
    assert push(everything=True).sent == 1 and there.asked["productSet"] == 1
    with django_capture_on_commit_callbacks(execute=True):
        shop.stock(shop.variants[0], 5)
    listing.refresh_from_db()
    assert listing.stale_since and push_changes() == 1
    assert run_push(push_id=Push.objects.get(state="waiting").pk) == "done"
    assert there.stock(shop.variants[0].sku) == 6 and there.asked["productSet"] == 1
    assert push_changes() == 0
    update_product(product=shop.product, actor=shop.owner, name_en="Blue shirt")
    files = there.products[listing.external_id]["files"]
    assert push().sent == 1 and there.products[listing.external_id]["title"] == "Blue shirt"
    assert there.products[listing.external_id]["files"] is files  # the same pictures were not named again


@pytest.mark.parametrize("mishap", ["429", "500", "503", "hang", "half", "lost", "html", "empty", "throttled"])
def test_what_passes_is_tried_again(mishap, push, there, shop, clock, monkeypatch):
    """Whichever of the questions it happens to: one product comes of it, with the right stock."""
    if mishap == "hang":
        monkeypatch.setattr(wire, "TIMEOUT", (5, 0.3))
    for place in range(3):
        there.mishaps.extend([*[""] * place, mishap])
        push(everything=True)
        there.mishaps.clear()
    assert len(there.products) == 1 and stock_of(there, shop) == [1, 2, 3, 4] and clock.slept
    if mishap == "429":
        assert clock.slept[0] == 2.0  # as it asked
    if mishap == "throttled":
        assert clock.slept[0] == 3.0  # 300 points at 100 a second


def test_a_bucket_that_runs_dry_is_waited_for(push, there, clock):
    there.bucket = {"maximumAvailable": 1000.0, "currentlyAvailable": 40.0, "restoreRate": 20.0}
    push()
    push(everything=True)
    assert clock.slept and all(pause <= 3.0 for pause in clock.slept)  # 60 points that lack, at 20 a second


def test_a_shop_that_stays_down_is_left_for_later(push, there):
    there.mishaps.extend(["500"] * 5)
    made = push()
    assert made.state == "waiting" and made.problem and made.not_before > timezone.now() and not there.products
    assert resume_pushes() == 0
    Push.objects.update(not_before=timezone.now())
    assert resume_pushes() == 1 and run_push(push_id=made.pk) == "done" and len(there.products) == 1


def test_after_many_attempts_it_stops(push, there):
    there.mishaps.extend(["500"] * 200)
    made = push()
    for _attempt in range(pushing.MOST_FAILURES):
        Push.objects.update(not_before=None)
        run_push(push_id=made.pk, pace=pushing.Pace(sleep=lambda seconds: None))
    made.refresh_from_db()
    assert made.state == "failed" and made.failures == pushing.MOST_FAILURES


def test_a_refusal_stands_on_the_listing_and_the_others_go(push, there, shop, listing, connection):
    there.refusal = {"code": "INVALID", "field": ["input", "title"], "message": "Title is too odd"}
    made = push()
    assert (made.state, made.sent, made.refused) == ("done", 0, 1)
    assert listing.status == "error" and "Title is too odd" in listing.problem
    there.refusal = None
    assert push().sent == 1 and listing.status == "live" and listing.problem == ""


def test_a_listing_that_breaks_a_rule_is_not_sent(push, there, shop, listing):
    shop.product.price = None
    shop.product.save()
    assert push().refused == 1 and listing.status == "error" and not there.products


def test_somebody_elses_product_is_not_overwritten(push, there, shop, listing):
    other = {"id": "gid://shopify/Product/9", "handle": shop.product.style_number.lower(), "title": "Theirs"}
    there.products[other["id"]] = other | {"variants": {"v": {"sku": "THEIRS", "item": "i"}}}
    push()
    assert listing.status == "error" and there.products[other["id"]]["title"] == "Theirs"


def test_a_product_deleted_there_is_made_anew(push, there, shop, listing):
    push()
    first = listing.external_id
    there.products.clear()
    there.levels.clear()
    shop.product.name_en = "Blue shirt"
    shop.product.save()
    assert push().sent == 1 and listing.external_id != first and stock_of(there, shop) == [1, 2, 3, 4]


def test_a_kill_in_mid_push_is_gone_on_from(connection, there, shop, listing, photo, monkeypatch, clock):
    """The product was made, and then the worker died: nothing of it is known here, and nothing is made twice."""
    other = make_product(shop.brand, shop.owner)
    other.price, other.name_en = Decimal(9000), "White shirt"
    other.save()
    ChannelListing.objects.create(channel=listing.channel, product=other, status="ready")
    made = start_push(channel=connection.channel, actor=shop.owner)
    with monkeypatch.context() as patch:
        patch.setattr("erp.channels.services.push_one._keep_ids", _die)
        with pytest.raises(Killed):
            run_push(push_id=made.pk, pace=clock.pace)
    made.refresh_from_db()
    assert made.state == "running" and len(there.products) == 1
    assert run_push(push_id=made.pk) == "running"  # it may be alive
    Push.objects.update(updated_at=timezone.now() - pushing.STALLED)
    assert resume_pushes() == 1
    assert run_push(push_id=made.pk, pace=clock.pace) == "done"
    assert len(there.products) == 2 and there.asked["productSet"] == 3
    assert stock_of(there, shop) == [1, 2, 3, 4]


class Killed(BaseException):
    pass


def _die(*args, **kwargs):
    raise Killed


def test_a_worker_taken_for_dead_stops(connection, there, shop, listing, photo, clock):
    made = start_push(channel=connection.channel, actor=shop.owner)
    claimed = pushing._claim(made.pk)
    Push.objects.filter(pk=made.pk).update(run=claimed.run + 1)
    assert not pushing._write(claimed, sent=9) and Push.objects.get().sent == 0


def test_one_that_kills_its_worker_again_and_again_stops(connection, shop, listing, clock):
    made = start_push(channel=connection.channel, actor=shop.owner)
    for _death in range(pushing.MOST_FAILURES + 1):
        assert pushing._claim(made.pk)
        Push.objects.update(updated_at=timezone.now() - pushing.STALLED)
    assert run_push(push_id=made.pk, pace=clock.pace) == "failed"


def test_one_push_at_a_time(connection, shop, listing):
    first = start_push(channel=connection.channel, actor=shop.owner)
    assert start_push(channel=connection.channel) == first


def test_theirs_fell_meanwhile(push, there, shop, listing):
    """A piece went there, and its order is on its way to us: it is not offered again at once."""
    push()
    sku, item = shop.variants[3].sku, there.item(shop.variants[3].sku)
    there.levels[item] = 3  # sold one of four
    ChannelListing.objects.update(stale_since=timezone.now())
    shop.stock(shop.variants[3], 1)  # five with us
    push()
    assert there.stock(sku) == 3 and listing.stale_since and listing.push_after > timezone.now()
    assert push_changes() == 0
    push()  # later: the order did not come, so theirs was wrong
    assert there.stock(sku) == 5 and listing.stale_since is None


def test_a_lower_truth_is_told_at_once(push, there, shop, listing):
    push()
    there.levels[there.item(shop.variants[3].sku)] = 9  # somebody typed it there
    shop.stock(shop.variants[3], 1)
    push(everything=True)
    assert there.stock(shop.variants[3].sku) == 5 and listing.push_after is None


def test_stock_that_keeps_changing_there_is_left_for_later(push, there, shop, listing):
    push()
    item = there.item(shop.variants[3].sku)

    def raise_it() -> None:
        there.levels[item] += 10
        there.before_set.append(raise_it)

    there.before_set.append(raise_it)
    shop.stock(shop.variants[3], 1)
    made = push(everything=True)
    assert made.state == "waiting" and made.problem and made.sent == 0


def test_a_token_that_does_not_open_stops_everything(push, there, connection, shop, listing):
    set_credential(channel=connection.channel, kind="token", secret="shpat_wrong_wrong_wrong", actor=shop.owner)
    made = push()
    connection.refresh_from_db()
    assert made.state == "failed" and connection.problem and "shpat" not in made.problem
    ChannelListing.objects.update(stale_since=timezone.now(), external_id="x")
    assert push_changes() == 0  # until a person mends it


def test_places_are_asked_for(connection, there):
    assert [(place.id, place.name) for place in places_of(channel=connection.channel)] == [(PLACE, "Seoul")]
    there.mishaps.append("403")
    with pytest.raises(DomainError) as refused:
        places_of(channel=connection.channel)
    assert refused.value.code == "unreachable"


def test_without_a_place_nothing_is_sent(connection, listing, shop):
    Connection.objects.update(place_id="")
    connection.channel.refresh_from_db()
    with pytest.raises(DomainError) as refused:
        start_push(channel=connection.channel, actor=shop.owner)
    assert refused.value.code == "no_place"


def test_what_changes_while_it_is_sent_stays_stale(push, there, shop, listing, monkeypatch):
    push()
    shop.stock(shop.variants[0], 1)
    sent = Shopify.set_stock

    def meanwhile(adapter, changes):
        note_stock(shop.brand.pk, [shop.variants[1].pk])
        return sent(adapter, changes)

    monkeypatch.setattr(Shopify, "set_stock", meanwhile)
    push(everything=True)
    assert there.stock(shop.variants[0].sku) == 2 and listing.stale_since is not None


def test_listing_events_are_announced(push, there, shop):
    create_endpoint(brand=shop.brand, name="ERP", url="https://a.example", events=["listing.changed"], actor=shop.owner)
    push()
    push(everything=True)
    (delivery,) = WebhookDelivery.objects.all()
    assert delivery.payload["style_number"] == shop.product.style_number and delivery.payload["status"] == "live"
