"""A client with a copy: it learns of all that changed and of all that is gone, and of nothing that is not its own."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django.utils.http import urlencode

from catalog.models import Product, Tombstone
from catalog.services import set_product_colours, set_variants
from catalog.sync import KINDS, forget_deleted, kept_from
from erp.core.api import sync
from erp.inventory.models import Balance, Reservation
from erp.inventory.services import Claim
from erp.inventory.services.by_hand import release_by_hand, reserve_by_hand
from erp.trade.models import Order, Partner
from erp.trade.services.accounts import record_payment
from erp.trade.services.partners import create_shop
from tests.api.shop import Api, codes_of, colours, sizes
from tests.api.walking import pages_of, walk

BEGINNING = "1970-01-01T00:00:00Z"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def since(path: str, moment: datetime | str, **more) -> str:
    text = moment if isinstance(moment, str) else moment.isoformat()
    return f"/api/v1/{path}/?{urlencode({'updated_since': text} | more)}"


def age(model) -> None:
    """As if nothing had changed for long."""
    model.objects.update(updated_at=LONG_AGO)


LISTS = [
    "brands", "products", "variants", "images", "categories", "patterns", "colours", "size-runs", "locations",
    "balances", "partners", "orders", "purchases", "deliveries", "packs", "samples", "consignment", "returns",
    "reorder-rules", "listings", "channel-orders", "tombstones",
]  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_what_can_be_synced(name, shop, api) -> None:
    moment = BEGINNING if name != "tombstones" else timezone.now() - timedelta(days=1)
    page = api.get(since(name, moment)).json()
    assert set(page) == {"next", "previous", "results", "synced_until"}
    assert "synced_until" not in api.get(f"/api/v1/{name}/").json()


def test_changes_in_their_order_and_no_others(shop, api) -> None:
    age(Product)
    made = [Product.objects.create(brand=shop.brand, style_number=f"S{n}") for n in range(5)]
    Product.objects.filter(pk=made[0].pk).update(updated_at=timezone.now())
    found = walk(api, since("products", LONG_AGO + timedelta(seconds=1), page_size=2))
    assert [row["id"] for row in found] == [product.pk for product in (*made[1:], made[0])]
    assert walk(api, since("products", timezone.now() + timedelta(hours=1))) == []


def test_where_to_go_on_lags_and_is_that_of_the_first_page(shop, api) -> None:
    Product.objects.bulk_create(Product(brand=shop.brand, style_number=f"S{n}") for n in range(5))
    before = timezone.now()
    untils = {page["synced_until"] for page in pages_of(api, since("products", BEGINNING, page_size=2))}
    assert len(untils) == 1
    until = datetime.fromisoformat(untils.pop())
    assert timedelta(seconds=20) < before - until < timedelta(minutes=2)
    # what a walk tells is a moment that the next walk takes
    assert api.get(since("products", until)).status_code == 200


@pytest.mark.parametrize("moment", ["2026-03-01T09:30:00", "yesterday", "0001-01-01T00:00:00+14:00", "9999-12-31"])
def test_a_moment_that_is_none(moment, api, shop) -> None:
    answer = api.get(since("variants", moment))
    assert answer.status_code == 400
    assert codes_of(answer)[0][1] == "updated_since"


def test_no_other_order_beside_it(api, shop) -> None:
    answer = api.get(since("variants", BEGINNING, ordering="sku"))
    assert codes_of(answer) == [(None, "ordering", "ordering_with_updated_since")]


def stale(api, name: str, moment: datetime) -> int:
    return len(walk(api, since(name, moment)))


def test_balances_move_with_their_numbers(shop, api) -> None:
    shop.stock(shop.variants[0], 5)
    shop.stock(shop.variants[1], 5)
    moment = LONG_AGO + timedelta(days=1)
    claim = Claim(shop.variants[0].pk, 2, shop.main.pk)
    by_hand = {"brand": shop.brand, "actor": shop.owner}
    steps = {
        "posted": lambda: shop.stock(shop.variants[0], 1),
        "held": lambda: reserve_by_hand(claims=[claim], idempotency_key="r", **by_hand),
        "released": lambda: release_by_hand(reservation=Reservation.objects.get()),
    }
    for name, step in steps.items():
        age(Balance)
        step()
        rows = walk(api, since("balances", moment))
        assert [row["variant"] for row in rows] == [shop.variants[0].pk], name
        assert abs(datetime.fromisoformat(rows[0]["updated_at"]) - timezone.now()) < timedelta(minutes=1)


def test_a_product_moves_with_what_is_shown_of_it(shop, api) -> None:
    moment = LONG_AGO + timedelta(days=1)
    navy, white = colours(["navy", "white"])
    steps = [
        lambda: set_product_colours(product=shop.product, colours=[(white, "#fefefe"), (navy, "")]),
        lambda: set_variants(product=shop.product, colours=[navy], sizes=sizes(["S"])),
    ]
    for step in steps:
        age(Product)
        step()
        assert stale(api, "products", moment) == 1


def test_a_partner_moves_with_shops_and_balance(shop, api) -> None:
    partner = Partner.objects.create(brand=shop.brand, name="가게", is_buyer=True)
    paid = {"amount": Decimal(1000), "method": "cash", "actor": shop.owner, "idempotency_key": "p"}
    for step in (
        lambda: create_shop(partner=partner, name="2층"),
        lambda: record_payment(partner=partner, **paid),
    ):
        age(Partner)
        step()
        assert stale(api, "partners", LONG_AGO + timedelta(days=1)) == 1


def test_an_order_moves_with_its_lines(shop, api) -> None:
    shop.stock(shop.variants[0], 5)
    body = {"brand": shop.slug, "lines": [{"variant": shop.variants[0].pk, "quantity": 2, "unit_price": "1"}]}
    made = api.post("/api/v1/orders/", body, headers={"Idempotency-Key": str(uuid.uuid4())})
    assert made.status_code == 201, made.json()
    age(Order)
    shipped = api.post(f"/api/v1/orders/{made.json()['id']}/ship/", {}, headers={"Idempotency-Key": str(uuid.uuid4())})
    assert shipped.status_code == 200, shipped.json()
    assert stale(api, "orders", LONG_AGO + timedelta(days=1)) == 1


def test_deletions_are_told(shop, other, api) -> None:
    yesterday = timezone.now() - timedelta(days=1)
    gone, theirs = (Product.objects.create(brand=brand, style_number="X") for brand in (shop.brand, other.brand))
    pk = gone.pk
    theirs.delete()
    gone.delete()
    page = api.get(since("tombstones", yesterday, brand=shop.slug)).json()
    assert [(row["kind"], row["id"], row["brand"]) for row in page["results"]] == [("product", str(pk), shop.slug)]
    assert walk(Api(other.viewer), since("tombstones", yesterday, kind="product"))[0]["id"] != str(pk)
    assert walk(api, since("tombstones", timezone.now() + timedelta(minutes=1))) == []
    assert api.get(since("tombstones", yesterday, brand=other.slug)).status_code == 400


def test_deleted_by_the_query_of_an_admin_and_with_what_holds_it(shop, api) -> None:
    partner = Partner.objects.create(brand=shop.brand, name="가게")
    create_shop(partner=partner, name="2층")
    Partner.objects.all().delete()
    kinds = [row["kind"] for row in walk(api, "/api/v1/tombstones/")]
    assert sorted(kinds) == ["deliver_to", "partner"]
    assert set(kinds) <= set(KINDS)


def test_a_deletion_that_did_not_happen_is_not_told(shop) -> None:
    with transaction.atomic():
        Product.objects.create(brand=shop.brand, style_number="X").delete()
        transaction.set_rollback(True)
    assert not Tombstone.objects.exists()


def test_who_was_away_too_long_begins_anew(shop, api, settings) -> None:
    settings.SYNC_KEPT_DAYS = 30
    answer = api.get(since("tombstones", timezone.now() - timedelta(days=31)))
    assert (answer.status_code, answer.json()["code"]) == (410, "resync")
    assert api.get(since("tombstones", timezone.now() - timedelta(days=29))).status_code == 200
    for days in (29, 30.5, 32):
        Tombstone.objects.create(kind="product", object_id=str(days), deleted_at=timezone.now() - timedelta(days=days))
    assert forget_deleted() == 1
    assert Tombstone.objects.filter(deleted_at__gte=kept_from()).count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_what_is_written_late_is_not_lost(shop, monkeypatch) -> None:
    """A change that began long before it is committed keeps `synced_until` behind itself."""
    monkeypatch.setattr(sync, "LAG", timedelta(0))
    begun, walked = threading.Event(), threading.Event()

    def write() -> None:
        with transaction.atomic():
            Product.objects.filter(pk=shop.product.pk).update(name_en="Late", updated_at=timezone.now())
            begun.set()
            walked.wait(10)
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    begun.wait(10)
    first = Api(shop.staff).get(since("products", BEGINNING)).json()
    walked.set()
    writer.join()
    assert [row["name_en"] for row in first["results"]] == [""]
    found = walk(Api(shop.staff), since("products", first["synced_until"]))
    assert [row["name_en"] for row in found] == ["Late"]
