"""The demonstration: complete, quick enough, and the same when it is run again."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum

from catalog.access import Right, rights_in
from catalog.models import Brand, Product, ProductImage, Variant
from erp.channels.models import Channel, ChannelOrder
from erp.core.models import User
from erp.counting.models import StockCount
from erp.demo.story import DATA, STEPS
from erp.inventory import demo
from erp.inventory.models import Location, Posting, StockMovement
from erp.inventory.verify import verify_ledger
from erp.reports.models import ReorderRule
from erp.trade.models import (
    AccountEntry,
    ConsignmentSale,
    Loan,
    Order,
    Pack,
    Partner,
    PurchaseOrder,
    ReturnNote,
    Slip,
)
from erp.trade.services.orders import offer_arrivals
from erp.trade.verify import verify_accounts
from tests import photos

pytestmark = pytest.mark.django_db


def run(**options: Any) -> str:
    out = StringIO()
    call_command("demo", stdout=out, **options)
    return out.getvalue()


def counts() -> dict[str, int]:
    models = (
        User,
        Brand,
        Product,
        Variant,
        ProductImage,
        Posting,
        StockMovement,
        Order,
        Slip,
        AccountEntry,
        StockCount,
    )
    return {model.__name__: model.objects.count() for model in models}


@pytest.fixture
def _plain_photos(monkeypatch) -> None:
    """Drawing takes most of the time; a test draws one of each."""
    monkeypatch.setattr(demo, "draw_photo", lambda sketch: photos.jpeg(seed=sketch.seed))


def test_two_brands_to_look_around_in_and_nothing_more_the_second_time(django_assert_max_num_queries) -> None:
    printed = run()
    haru, mono = Brand.objects.get(slug="haru"), Brand.objects.get(slug="mono")
    assert [Product.objects.of(brand).active().count() for brand in (haru, mono)] == [12, 6]
    assert Product.objects.of(haru).drafts().count() == 2
    assert all(product.images.exists() for product in Product.objects.all())
    assert all(product.measurements.exists() for product in Product.objects.active())
    people = {user.username: user for user in User.objects.all()}
    assert set(rights_in(people["owner"], haru)) == set(Right)
    assert set(rights_in(people["clerk"], haru)) == {Right.VIEW, Right.WORK}
    assert set(rights_in(people["viewer"], mono)) == set(rights_in(people["auditor"], haru)) == {Right.VIEW}
    assert not rights_in(people["viewer"], haru)
    assert not rights_in(people["owner"], mono)
    assert {name for name, user in people.items() if user.is_staff} == {"owner", "mono", "auditor"}
    for name, user in people.items():
        assert user.check_password(f"jangbu-{name}")
        assert f"jangbu-{name}" in printed

    before = counts()
    with django_assert_max_num_queries(20):
        assert run() == printed
    assert counts() == before


@pytest.mark.usefixtures("_plain_photos")
def test_the_stock_is_provable_and_has_something_of_everything() -> None:
    run()
    assert verify_ledger() == []
    for brand in Brand.objects.all():
        movements = StockMovement.objects.of(brand)
        kinds = {"opening", "receipt", "shipment", "transfer", "adjustment", "reversal"}
        assert kinds <= set(movements.values_list("kind", flat=True))
        assert movements.filter(occurred_at__gt=Posting.objects.of(brand).latest("id").recorded_at).count() == 0
        totals = Variant.objects.of(brand).annotate(total=Sum("balances__on_hand")).values_list("total", flat=True)
        low = [total for total in totals if total <= brand.low_stock_at]
        assert 3 <= len(low) <= len(totals) / 3
        assert Location.objects.of(brand).internal().exclude(kind="consignment").count() == 3
    keys = Posting.objects.values_list("brand", "idempotency_key")
    assert len(set(keys)) == len(keys)


@pytest.mark.usefixtures("_plain_photos")
def test_papers_of_every_kind_and_state() -> None:
    run()
    haru = Brand.objects.get(slug="haru")
    assert {order.state for order in PurchaseOrder.objects.of(haru)} == {"draft", "partial", "received"}
    assert {order.state for order in Order.objects.of(haru)} == {"draft", "open", "picked", "shipped"}
    assert Order.objects.of(haru).get(expires_at__isnull=False).channel == "online"
    assert Pack.objects.of(haru).count() == ReorderRule.objects.of(haru).count() == 2
    assert Partner.objects.of(haru).get(kind="agent").shops.count() == 2
    slips = Slip.objects.of(haru)
    assert {slip.kind for slip in slips} == {"sale", "credit"}
    assert {slip.new_balance > 0 for slip in slips} == {True, False}
    assert sum(proposal.offered for proposal in offer_arrivals(haru) if proposal.owed) > 0
    assert ReturnNote.objects.of(haru).get().slip
    loans = Loan.objects.of(haru).filter(closed_at=None)
    assert sorted(sum(line.returned for line in loan.lines.all()) for loan in loans) == [0, 1]
    assert ConsignmentSale.objects.of(haru).get().slip
    counts = {count.state: count for count in StockCount.objects.of(haru)}
    assert counts["posted"].posting
    assert set(counts) == {"open", "reviewing", "posted"}
    assert set(Channel.objects.of(haru).values_list("kind", flat=True)) == {
        "cafe24",
        "smartstore",
        "shopify",
        "shakalaka",
    }
    assert set(ChannelOrder.objects.of(haru).values_list("state", flat=True)) == {"taken", "unknown"}
    assert verify_accounts() == []


def test_every_step_is_told() -> None:
    """A step that no file tells any more is dead."""
    told = {step["do"] for file in DATA.glob("*.json") for step in json.loads(file.read_text(encoding="utf-8"))}
    assert told == set(STEPS)


@pytest.mark.usefixtures("_plain_photos")
def test_what_people_made_of_it_is_left_alone() -> None:
    run()
    owner = User.objects.get(username="owner")
    owner.set_password("my own secret")
    owner.save()
    Product.objects.of(Brand.objects.get(slug="haru")).update(name_ko="바꾼 이름")
    before = counts()
    line = next(line for line in run().splitlines() if line.strip().startswith("owner"))
    assert "jangbu-owner" not in line
    assert User.objects.get(username="owner").check_password("my own secret")
    assert Product.objects.filter(name_ko="바꾼 이름").count() == 14
    assert counts() == before


@pytest.mark.usefixtures("_plain_photos")
def test_half_a_brand_is_no_brand(monkeypatch) -> None:
    def fail(story: object, products: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(demo.Story, "play", fail)
    with pytest.raises(RuntimeError):
        run()
    assert not Brand.objects.exists()
    assert not Product.objects.exists()


def test_well_known_passwords_stay_off_the_internet(settings) -> None:
    settings.HTTPS = True
    with pytest.raises(CommandError, match="HTTPS"):
        run()
    assert not User.objects.exists()
