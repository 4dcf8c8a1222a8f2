"""Each day of the ledger is sealed, and whoever rewrites one is found out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from catalog.days import business_day, day_start
from erp.inventory.models import DaySeal, Posting, StockMovement
from erp.inventory.seals import receipt_of
from erp.inventory.services import ship
from erp.inventory.services.seals import seal_days
from erp.inventory.sql.seals import _chunks
from erp.inventory.tasks import seal_ledger
from erp.inventory.triggers import lifted
from erp.inventory.verify import verify_ledger
from tests.inventory.conftest import Shop
from tests.inventory.racers import at_once, in_turn

FIRST = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The time at which things are recorded."""

    class Clock:
        now = FIRST

        def on(self, day: int) -> None:
            self.now = FIRST + timedelta(days=day)

    clock = Clock()
    monkeypatch.setattr("erp.inventory.services.posting.timezone.now", lambda: clock.now)
    return clock


@pytest.fixture
def sealed(shop: Shop, clock: Any) -> list[DaySeal]:
    """Three days with movements, one without, and a note that looks like the end of a column."""
    shop.stock(shop.shirts[0], 10, note="a|3:b\n|", reference="셔츠 👕")
    clock.on(1)
    shop.stock(shop.shirts[1], 5)
    ship(brand=shop.brand, location=shop.main, quantities={shop.shirts[0].pk: 2}, **shop.heading())
    clock.on(3)
    ship(brand=shop.brand, location=shop.main, quantities={shop.shirts[0].pk: 1}, **shop.heading())
    return seal_days(brand=shop.brand, now=FIRST + timedelta(days=5))


def tamper(sql: str) -> None:
    with lifted(connection), connection.cursor() as cursor:
        cursor.execute(sql)


def told() -> list[tuple[str, str, int | None, int | None]]:
    return [(d.check, d.day, d.recorded, d.computed) for d in verify_ledger() if d.check in ("seal", "chain")]


def test_every_day_is_sealed_and_holds(shop: Shop, sealed: list[DaySeal]) -> None:
    assert [(seal.day.day, seal.movements) for seal in sealed] == [(2, 1), (3, 2), (4, 0), (5, 1), (6, 0)]
    assert [seal.previous for seal in sealed] == ["", *(seal.hash for seal in sealed[:-1])]
    assert len({seal.hash for seal in sealed}) == 5
    assert told() == []
    assert seal_days(brand=shop.brand, now=FIRST + timedelta(days=5)) == []
    later = seal_days(brand=shop.brand, now=FIRST + timedelta(days=6))
    assert [seal.previous for seal in later] == [sealed[-1].hash]
    assert verify_ledger() == []


def test_a_day_is_sealed_an_hour_after_it_ended(shop: Shop, clock: Any) -> None:
    assert seal_days(brand=shop.brand, now=FIRST) == []
    shop.stock(shop.shirts[0], 1)
    shop.brand.refresh_from_db()
    day = business_day(shop.brand, FIRST)
    end = day_start(shop.brand, day + timedelta(days=1))
    assert seal_days(brand=shop.brand, now=end + timedelta(minutes=59)) == []
    [seal] = seal_days(brand=shop.brand, now=end + timedelta(minutes=60))
    assert (seal.day, seal.ends_at) == (day, end)


def test_days_that_end_at_another_hour_from_now_on(shop: Shop, sealed: list[DaySeal], clock: Any) -> None:
    shop.brand.day_ends_at, shop.brand.time_zone = "02:00", "America/New_York"
    shop.brand.save()
    shop.brand.refresh_from_db()
    clock.on(6)
    shop.stock(shop.shirts[0], 1)
    more = seal_days(brand=shop.brand, now=FIRST + timedelta(days=9))
    assert more[0].starts_at == sealed[-1].ends_at
    assert sum(seal.movements for seal in more) == 1
    assert verify_ledger() == []


@pytest.mark.parametrize(
    ("sql", "day", "then", "now"),
    [
        ("UPDATE inventory_stockmovement SET quantity = 3 WHERE quantity = 2", 3, 2, 2),
        ("UPDATE inventory_stockmovement SET note = 'x' WHERE quantity = 5", 3, 2, 2),
        ("UPDATE inventory_posting SET reference = 'PO-1' WHERE kind = 'receipt' AND reference = ''", 3, 2, 2),
        ("UPDATE inventory_stockmovement SET note = 'a|3:b', reference = '셔츠 👕|' WHERE quantity = 10", 2, 1, 1),
        ("DELETE FROM inventory_stockmovement WHERE quantity = 1", 5, 1, 0),
    ],
)
def test_a_rewritten_day_is_named(sealed: list[DaySeal], sql: str, day: int, then: int, now: int) -> None:
    tamper(sql)
    assert told() == [("seal", f"2026-03-0{day}", then, now)]
    with pytest.raises(CommandError):
        call_command("verify_ledger", stdout=(out := StringIO()))
    assert f"2026-03-0{day}" in out.getvalue()


def test_a_movement_that_was_slipped_into_an_empty_day_is_found(shop: Shop, sealed: list[DaySeal], clock: Any) -> None:
    clock.on(2)
    shop.stock(shop.shirts[0], 1)
    assert told() == [("seal", "2026-03-04", 0, 1)]


def test_a_movement_from_before_the_books_is_found(shop: Shop, sealed: list[DaySeal], clock: Any) -> None:
    clock.on(-300)
    shop.stock(shop.shirts[0], 1)
    assert told() == [("seal", "2026-03-02", 1, 2)]


def test_a_rewritten_seal_breaks_the_chain(sealed: list[DaySeal]) -> None:
    tamper(f"UPDATE inventory_dayseal SET hash = '{'0' * 64}' WHERE day = '2026-03-03'")
    assert told() == [("seal", "2026-03-03", 2, 2), ("chain", "2026-03-04", None, None)]


def test_a_missing_seal_breaks_the_chain(sealed: list[DaySeal]) -> None:
    tamper("DELETE FROM inventory_dayseal WHERE day = '2026-03-03'")
    assert told() == [("chain", "2026-03-04", None, None)]


def test_the_database_refuses_to_change_a_seal(sealed: list[DaySeal]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        DaySeal.objects.update(movements=9)
    with pytest.raises(IntegrityError), transaction.atomic():
        DaySeal.objects.all().delete()


def test_a_wholly_rewritten_database_shows_by_a_receipt(shop: Shop, sealed: list[DaySeal], clock: Any) -> None:
    kept = sealed[1]
    assert receipt_of(kept) == f"{shop.brand.slug} 2026-03-03 2 {kept.hash}"
    brand, receipt = f"--brand={shop.brand.slug}", f"--seal=2026-03-03={kept.hash.upper()}"
    call_command("verify_ledger", brand, receipt, stdout=StringIO())
    tamper("UPDATE inventory_stockmovement SET note = 'sold to a friend' WHERE quantity = 10")
    tamper("DELETE FROM inventory_dayseal")
    seal_days(brand=shop.brand, now=FIRST + timedelta(days=5))
    assert verify_ledger() == [], "nothing inside gives it away"
    with pytest.raises(CommandError):
        call_command("verify_ledger", brand, receipt, stdout=(out := StringIO()))
    assert "2026-03-03" in out.getvalue() and kept.hash in out.getvalue().lower()


def test_receipts_are_read_with_care(shop: Shop, sealed: list[DaySeal]) -> None:
    for arguments in (["--seal=2026-03-03=abc"], [f"--brand={shop.brand.slug}", "--seal=yesterday"]):
        with pytest.raises(CommandError, match="--brand|DAY=HASH"):
            call_command("verify_ledger", *arguments, stdout=StringIO())


def test_the_same_rows_give_the_same_hash_on_every_database(shop: Shop, clock: Any) -> None:
    """The canonical form, spelled out: were it to change, every receipt that was kept would be worthless."""
    clock.now = FIRST + timedelta(microseconds=120_000)
    moment = "2026-03-02 12:00:00.12"
    shop.stock(shop.shirts[0], 10, note="n|1", reference="👕", occurred_at=FIRST)
    movement = StockMovement.objects.get()
    [[line]] = _chunks("inventory_stockmovement", [shop.brand.pk, "2000-01-01", "2100-01-01"])
    assert line == "|".join([
        moment, str(movement.pk), str(movement.posting_id), str(movement.variant_id), "10", str(movement.source_id),
        str(movement.destination_id), "-", "10", "7:receipt", str(movement.actor_id), "2026-03-02 12:00:00", "-", "0:",
        "0:",
    ])  # fmt: skip
    posting = Posting.objects.get()
    [[line]] = _chunks("inventory_posting", [shop.brand.pk, "2000-01-01", "2100-01-01"])
    assert line == "|".join([
        moment, str(posting.pk), posting.public_id.hex, "7:receipt", str(posting.actor_id), "2026-03-02 12:00:00",
        f"{len(posting.idempotency_key)}:{posting.idempotency_key}", f"64:{posting.fingerprint}", "1:👕", "3:n|1",
    ])  # fmt: skip


def test_the_edge_of_a_day(shop: Shop, clock: Any) -> None:
    """What is recorded at the moment a day ends belongs to the next, and a fraction before it to the day itself."""
    shop.stock(shop.shirts[0], 1)
    shop.brand.refresh_from_db()
    edge = day_start(shop.brand, business_day(shop.brand, FIRST) + timedelta(days=1))
    for clock.now in (edge - timedelta(microseconds=10), edge, edge + timedelta(microseconds=10)):
        shop.stock(shop.shirts[0], 1)
    seals = seal_days(brand=shop.brand, now=edge + timedelta(days=2))
    assert [seal.movements for seal in seals] == [2, 2]
    assert verify_ledger() == []


def test_the_worker_and_the_command_seal(shop: Shop, clock: Any) -> None:
    now, clock.now = datetime.now(UTC), datetime.now(UTC) - timedelta(days=3)
    shop.stock(shop.shirts[0], 4)
    clock.now = now
    assert seal_ledger() in (2, 3)
    call_command("seal_ledger", stdout=(out := StringIO()))
    assert "0 days sealed" in out.getvalue()
    with pytest.raises(CommandError):
        call_command("seal_ledger", "--brand=nobody")


@pytest.mark.django_db(transaction=True)
class TestRaces:
    pytestmark = pytest.mark.postgres

    def test_a_seal_waits_for_what_is_under_way(self, live_shop: Shop) -> None:
        """A posting says when it was recorded a moment before others see it; the day is not sealed without it."""
        shop = live_shop
        shop.stock(shop.shirts[0], 5)
        later = datetime.now(UTC) + timedelta(days=2)
        _none, seals = in_turn(lambda: shop.stock(shop.shirts[0], 3), lambda: seal_days(brand=shop.brand, now=later))
        assert sum(seal.movements for seal in seals) == 2
        assert verify_ledger() == []

    def test_two_sealers_make_one_chain(self, live_shop: Shop) -> None:
        shop = live_shop
        shop.stock(shop.shirts[0], 5)
        later = datetime.now(UTC) + timedelta(days=4)
        answers = at_once([lambda: seal_days(brand=shop.brand, now=later)] * 3)
        assert sorted(bool(answer) for answer in answers) == [False, False, True]
        assert verify_ledger() == []
