"""Every report of the stock against the same numbers counted the slow way, over random pasts."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.days import business_day, day_start
from erp.core.errors import DomainError
from erp.inventory.models import Balance, Posting, StockMovement
from erp.reports.services import rebuild, roll_up
from erp.reports.verify import verify_rollups
from tests.reports.shop import Past

KINDS = ("receive", "sell", "take_back", "find", "lose", "lend", "lend_back", "move", "sell_sample", "reverse")
DEEPEST = 200


def play(past: Past, dice: random.Random, moves: int) -> None:
    """A random past: back-dated, reversed, some of it summed up and some not."""
    main, defect = past.main.pk, past.shop.defect.pk
    ends = {
        "receive": ("receipt", "supplier", main), "sell": ("shipment", main, "customer"),
        "take_back": ("return", "customer", main), "find": ("adjustment", "adjustment", main),
        "lose": ("adjustment", main, "adjustment"), "lend": ("transfer", main, "sample"),
        "lend_back": ("transfer", "sample", main), "move": ("transfer", main, defect),
        "sell_sample": ("shipment", "sample", "customer"),
    }  # fmt: skip
    past.receive(dict.fromkeys(past.shop.variants, 30), ago=DEEPEST)
    for _move in range(moves):
        kind, ago = dice.choice(KINDS), dice.randint(0, DEEPEST - 1)
        try:
            if kind == "reverse":
                posting = dice.choice(list(Posting.objects.of(past.brand).exclude(kind="reversal").order_by("pk")))
                past.reverse(posting, dice.randint(0, past_days(past, posting.occurred_at)))
            else:
                chosen = {v: dice.randint(1, 6) for v in dice.sample(past.shop.variants, dice.randint(1, 3))}
                past.move(*ends[kind], chosen, ago, hour=dice.choice([-0.5, 0, 4, 20]))
        except DomainError:
            continue  # not enough there, or taken back before: no past has that
        if dice.random() < 0.15:
            roll_up(brand=past.brand)


def past_days(past: Past, moment: datetime) -> int:
    return max((business_day(past.brand) - business_day(past.brand, moment)).days - 1, 0)


class Slow:
    """The numbers of the reports from the movements, one by one."""

    def __init__(self, past: Past) -> None:
        self.brand = past.brand
        self.movements = list(
            StockMovement.objects.of(past.brand).select_related("source", "destination", "reverses", "variant")
        )
        self.today = business_day(self.brand)

    def day(self, movement: Any) -> date:
        return business_day(self.brand, movement.occurred_at)

    def on_hand(self, moment: datetime | None = None) -> dict[int, int]:
        held: dict[int, int] = defaultdict(int)
        for m in self.movements:
            if moment is None or m.occurred_at < moment:
                held[m.variant_id] += m.quantity * (m.destination.is_internal - m.source.is_internal)
        return {pk: n for pk, n in held.items() if n}

    def between(self, kind: str, *, inward: bool, first: date = date.min, last: date = date.max) -> dict[int, int]:
        """Pieces that came from (or went to) a kind of place outside, reversals taken off."""
        found: dict[int, int] = defaultdict(int)
        for m in self.movements:
            if not first <= self.day(m) <= last:
                continue
            undone = m.reverses_id is not None
            source, destination = (m.destination, m.source) if undone else (m.source, m.destination)
            outside = source if inward else destination
            inside = destination if inward else source
            sample_sale = inside.kind == "sample" and kind in ("customer", "adjustment")
            if outside.kind == kind and (inside.is_internal or sample_sale):
                found[m.variant_id] += -m.quantity if undone else m.quantity
        return {pk: n for pk, n in found.items() if n}


def trimmed(values: dict) -> dict:
    return {key: value for key, value in values.items() if value}


def minus(one: dict[int, int], other: dict[int, int]) -> dict[int, int]:
    return trimmed({pk: one.get(pk, 0) - other.get(pk, 0) for pk in {*one, *other}})


def check(past: Past, slow: Slow, dice: random.Random) -> None:
    first = slow.today - timedelta(days=dice.randint(10, 90))
    last = first + timedelta(days=dice.randint(0, 60))
    last = min(last, slow.today)
    days = {"since": str(first), "until": str(last), "by": "variant"}
    sold = minus(
        slow.between("customer", inward=False, first=first, last=last),
        slow.between("customer", inward=True, first=first, last=last),
    )
    assert trimmed(past.values("best", "net", **days)) == sold
    check_moments(past, slow, dice)
    check_days(past, slow, first, last)
    check_turnover(past, slow, days, first, last, sold)
    check_sell_through(past, slow)
    check_ageing(past, slow)
    check_dead(past, slow)


def check_moments(past: Past, slow: Slow, dice: random.Random) -> None:
    now = timezone.now()
    then = day_start(past.brand, slow.today - timedelta(days=dice.randint(1, 150))) + timedelta(
        minutes=dice.randint(0, 1439)
    )
    typed = timezone.localtime(then).strftime("%Y-%m-%dT%H:%M")
    then = timezone.make_aware(datetime.strptime(typed, "%Y-%m-%dT%H:%M"))
    assert past.values("stock-value", "pieces", by="variant") == slow.on_hand()
    assert past.values("stock-value", "pieces", by="variant", at=typed) == slow.on_hand(then)
    answer = past.ask("difference", by="variant", from_moment=typed)
    lines = {line.variant: line.values for line in answer.lines}
    assert trimmed({pk: v["opening"] for pk, v in lines.items()}) == slow.on_hand(then)
    assert trimmed({pk: v["closing"] for pk, v in lines.items()}) == slow.on_hand(now + timedelta(days=3))
    assert "it adds up" in answer.notes[0] or "맞아요" in answer.notes[0]


def check_days(past: Past, slow: Slow, first: date, last: date) -> None:
    answer = past.ask("movements", since=str(first), until=str(last))
    assert len(answer.lines) == (last - first).days + 1
    for flow, kind, inward in (
        ("received", "supplier", True),
        ("found", "adjustment", True),
        ("lent", "sample", False),
    ):
        counted: dict[date, int] = defaultdict(int)
        for line in answer.lines:
            counted[line.address["since"]] += line.values[flow]
        for day, pieces in counted.items():
            assert pieces == sum(slow.between(kind, inward=inward, first=day, last=day).values()), (flow, day)
    months = past.ask("movements", since=str(first), until=str(last), step="month")
    assert months.totals["received"] == answer.totals["received"] and months.totals["net"] == answer.totals["net"]


def check_turnover(past: Past, slow: Slow, days: dict, first: date, last: date, sold: dict[int, int]) -> None:
    ends = [day_start(past.brand, first + timedelta(days=n + 1)) for n in range((last - first).days + 1)]
    at_ends = [slow.on_hand(end) for end in ends]
    average = {pk: sum(held.get(pk, 0) for held in at_ends) / len(ends) for pk in {p for held in at_ends for p in held}}
    found = past.values("turnover", "average", **days)
    assert {pk: round(float(value), 6) for pk, value in found.items() if value} == {
        pk: round(value, 6) for pk, value in average.items()
    }
    assert trimmed(past.values("turnover", "sold", **days)) == sold


def check_sell_through(past: Past, slow: Slow) -> None:
    came = minus(slow.between("supplier", inward=True), slow.between("supplier", inward=False))
    gone = minus(slow.between("customer", inward=False), slow.between("customer", inward=True))
    received = past.values("sell-through", "received", by="variant")
    assert trimmed(received) == came
    rates = past.values("sell-through", "rate", by="variant")
    assert rates == {pk: gone.get(pk, 0) / came[pk] if came.get(pk) else None for pk in received}


def check_ageing(past: Past, slow: Slow) -> None:
    """First in, first out, piece by piece: what stands of each arrival that was not taken back."""
    expected: dict[int, list[int]] = {}
    undone = {m.reverses_id for m in slow.movements if m.reverses_id}
    for pk, left in slow.on_hand().items():
        arrivals = [
            (slow.day(m), m.quantity) for m in slow.movements
            if m.variant_id == pk and m.pk not in undone and not m.reverses_id and m.destination.is_internal
            and m.source.kind in ("supplier", "opening", "adjustment")
        ]  # fmt: skip
        ages = [0] * 5
        for day, quantity in sorted(arrivals, reverse=True):
            taken = min(left, quantity)
            ages[sum((slow.today - day).days > edge for edge in (30, 60, 90, 180))] += taken
            left -= taken
        ages[-1] += left
        expected[pk] = ages
    answer = past.ask("ageing", by="variant")
    keys = [column.key for column in answer.columns if column.key.startswith("age_")]
    assert {line.variant: [line.values[key] for key in keys] for line in answer.lines} == expected


def check_dead(past: Past, slow: Slow) -> None:
    for idle in (30, 90):
        recent = {
            m.variant_id for m in slow.movements
            if not m.reverses_id and m.destination.kind == "customer" and (slow.today - slow.day(m)).days < idle
        }  # fmt: skip
        idle_ones = set(past.values("dead-stock", "pieces", by="variant", idle=str(idle)))
        assert not idle_ones & {pk for pk in recent if pk not in netted(slow, idle)}
        assert idle_ones <= set(slow.on_hand())


def netted(slow: Slow, idle: int) -> set[int]:
    """Variants whose sale was taken back on its own day: nothing was sold on that day."""
    return {m.variant_id for m in slow.movements if m.reverses_id and m.source.kind == "customer"}


@pytest.mark.parametrize("seed", range(6))
def test_a_long_past(seed: int, past: Past) -> None:
    dice = random.Random(seed)
    play(past, dice, 120)
    slow = Slow(past)
    balances = defaultdict(int)
    for balance in Balance.objects.of(past.brand):
        balances[balance.variant_id] += balance.on_hand
    assert trimmed(balances) == slow.on_hand()
    check(past, slow, dice)
    roll_up(brand=past.brand)
    assert verify_rollups() == []
    check(past, slow, dice)
    rebuild(brand=past.brand)
    check(past, slow, dice)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32), st.integers(1, 25))
def test_any_past(past: Past, seed: int, moves: int) -> None:
    """The same shop goes on from example to example: its past only grows."""
    dice = random.Random(seed)
    play(past, dice, moves)
    check(past, Slow(past), dice)
    assert verify_rollups() == []
