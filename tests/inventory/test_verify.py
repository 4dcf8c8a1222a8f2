"""Every difference between the books and the movements is named."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django_q.models import Schedule

from catalog.models import Variant
from erp.core.jobs import ensure_schedules
from erp.inventory.models import Balance, LedgerCheck
from erp.inventory.services import transfer
from erp.inventory.tasks import LedgerDisagrees, run_check, verify_every_brand
from erp.inventory.triggers import lifted
from erp.inventory.verify import Difference, verify_ledger
from tests.factories import BrandFactory
from tests.inventory.conftest import Shop, make_shop


@pytest.fixture(autouse=True)
def _some_history(shop: Shop) -> None:
    shop.stock(shop.shirts[0], 5)
    move = {shop.shirts[0].pk: 2}
    transfer(brand=shop.brand, source=shop.main, destination=shop.shop, quantities=move, **shop.heading())


def tamper(sql: str) -> None:
    """Someone with the database password and bad intentions."""
    with lifted(connection), connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_clean_ledger(shop: Shop) -> None:
    assert verify_ledger() == []
    assert verify_ledger(shop.brand) == []


def test_a_changed_balance_is_named(shop: Shop) -> None:
    Balance.objects.filter(location=shop.main).update(on_hand=9)
    expected = Difference("balance", shop.brand.slug, shop.shirts[0].sku, "MAIN", recorded=9, computed=3)
    assert verify_ledger() == [expected]
    assert "9" in str(expected)


def test_a_missing_balance_is_named(shop: Shop) -> None:
    Balance.objects.filter(location=shop.shop).delete()
    assert [(d.check, d.location, d.recorded, d.computed) for d in verify_ledger()] == [("balance", "SHOP", 0, 2)]


def test_an_invented_balance_is_named(shop: Shop) -> None:
    Balance.objects.create(variant=shop.shirts[1], location=shop.main, on_hand=4)
    assert [(d.sku, d.recorded, d.computed) for d in verify_ledger()] == [(shop.shirts[1].sku, 4, 0)]


def test_a_rewritten_movement_is_named(shop: Shop) -> None:
    tamper("UPDATE inventory_stockmovement SET quantity = 7 WHERE kind = 'receipt'")
    found = {(d.check, d.location, d.recorded, d.computed) for d in verify_ledger()}
    assert found == {("balance", "MAIN", 3, 5), ("running", "MAIN", 5, 7), ("running", "MAIN", 3, 5)}


def test_a_forgotten_running_balance_is_named(shop: Shop) -> None:
    tamper("UPDATE inventory_stockmovement SET destination_balance = NULL WHERE kind = 'transfer'")
    assert [(d.check, d.recorded, d.computed) for d in verify_ledger()] == [("running", None, 2)]


def test_a_variant_that_changed_its_brand_is_named(shop: Shop) -> None:
    Variant.objects.filter(pk=shop.shirts[0].pk).update(brand=BrandFactory())
    assert {d.check for d in verify_ledger()} == {"brand"}


def test_one_brand_is_verified_alone(shop: Shop) -> None:
    other = make_shop()
    other.stock(other.shirts[0], 1)
    Balance.objects.filter(location=other.main).update(on_hand=7)
    assert verify_ledger(shop.brand) == []
    assert [d.brand for d in verify_ledger(other.brand)] == [other.brand.slug]


class TestCommand:
    def run(self, *arguments: str) -> str:
        out = StringIO()
        call_command("verify_ledger", *arguments, stdout=out)
        return out.getvalue()

    def test_clean(self, shop: Shop) -> None:
        assert "2 movements" in self.run()
        assert "2 movements" in self.run("--brand", shop.brand.slug)

    def test_different(self, shop: Shop) -> None:
        Balance.objects.filter(location=shop.main).update(on_hand=9)
        with pytest.raises(CommandError, match="1 differences"):
            self.run()

    def test_unknown_brand(self) -> None:
        with pytest.raises(CommandError, match="no brand"):
            self.run("--brand", "nobody")


class TestNight:
    def test_it_is_scheduled_once(self) -> None:
        ensure_schedules()
        names = ensure_schedules()
        assert "Verify the ledger" in names
        assert Schedule.objects.filter(func="erp.inventory.tasks.verify_every_brand").count() == 1

    def test_a_clean_night_is_kept(self) -> None:
        assert verify_every_brand() == "clean"
        check = LedgerCheck.objects.get()
        assert check.finished_at
        assert check.differences == []

    def test_a_difference_fails_the_job(self, shop: Shop) -> None:
        Balance.objects.filter(location=shop.main).update(on_hand=9)
        with pytest.raises(LedgerDisagrees):
            verify_every_brand()
        assert LedgerCheck.objects.get().differences[0]["computed"] == 3

    def test_a_check_that_a_person_asked_for(self, shop: Shop) -> None:
        check = LedgerCheck.objects.create(brand=shop.brand)
        run_check(check.pk)
        check.refresh_from_db()
        assert check.finished_at
