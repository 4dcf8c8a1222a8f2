"""Two phones, a till and a reviewer at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from erp.core.errors import DomainError
from erp.counting.models import CountEntry, StockCount
from erp.counting.services import Entry, add_entries, post_count, start_review
from erp.inventory.verify import verify_ledger
from tests.counting.conftest import Counted
from tests.inventory.racers import at_once, in_turn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def scanner(live: Counted, actor: Any, places: list[int], times: int) -> Callable[[], None]:
    def scan() -> None:
        for _time in range(times):
            entries = [Entry(live.variant(place).pk, 1) for place in places]
            add_entries(count=live.count, actor=actor, entries=entries)

    return scan


def test_two_phones_scan_the_same_variants_and_both_count(live: Counted) -> None:
    """In opposite order, and with a variant that has no line yet."""
    shop = live.shop
    places = [0, 1, 2, 3]
    people = [(shop.clerk, places), (shop.owner, places[::-1])] * 2
    answers = at_once([scanner(live, actor, order, 10) for actor, order in people])
    assert answers == [None] * 4
    assert [live.line(place).counted for place in places] == [40] * 4
    assert CountEntry.objects.count() == 160


def test_a_scan_sent_twice_at_once_counts_once(live: Counted) -> None:
    entry = Entry(live.variant(0).pk, 1, public_id=uuid4())
    answers = at_once([lambda: add_entries(count=live.count, actor=live.shop.clerk, entries=[entry])] * 4)
    assert sorted(len(answer.repeated) for answer in answers) == [0, 1, 1, 1]
    assert live.line(0).counted == 1


def test_of_two_who_type_over_the_same_number_one_is_told(live: Counted) -> None:
    live.type(0, 5)

    def typist(n: int) -> Callable[[], Any]:
        entry = Entry(live.variant(0).pk, n, "set", was=5)
        return lambda: add_entries(count=live.count, actor=live.shop.clerk, entries=[entry])

    answers = at_once([typist(6), typist(7)])
    refused = [answer for answer in answers if isinstance(answer, DomainError)]
    assert [error.code for error in refused] == ["counted_meanwhile"]


def test_a_sale_between_counting_and_posting_is_seen(live: Counted) -> None:
    """Deterministic: the posting is seen waiting for the sale before the sale is committed."""
    live.type(0, 9)
    live.review()
    _nothing, error = in_turn(lambda: live.sell(0, 2), _poster(live))
    assert [(problem.line, problem.code) for problem in error.problems] == [(1, "moved")]
    assert live.shop.on_hand(0) == 8
    live.post(carry_all=True)
    assert live.shop.on_hand(0) == 7
    assert verify_ledger() == []


def test_selling_goes_on_while_a_count_is_posted(live: Counted) -> None:
    for place in range(3):
        live.type(place, (9, 19, 29)[place])
    live.review()
    tills = [lambda place=place: [live.sell(place) for _time in range(5)] for place in (0, 1, 2)]
    answers = at_once([*tills, _poster(live, carry_all=True)])
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert [live.shop.on_hand(place) for place in range(3)] == [4, 14, 24]
    assert verify_ledger() == []


def test_a_count_pressed_twice_at_once_is_posted_once(live: Counted) -> None:
    live.type(0, 8)
    live.review()
    answers = at_once([_poster(live)] * 3)
    assert sorted(count.replayed for count in answers) == [False, True, True]
    assert live.shop.on_hand(0) == 8


def test_a_review_waits_for_the_scan_under_way(live: Counted) -> None:
    def reviewer() -> int | None:
        start_review(count=live.count)
        return live.line(0).counted

    assert in_turn(lambda: live.scan(0), reviewer)[1] == 1


def _poster(live: Counted, **more: Any) -> Callable[[], StockCount]:
    words: dict[str, Any] = {
        "actor": live.shop.owner, "idempotency_key": "press", "revision": live.count.revision,
        "leave_uncounted": True,
    }  # fmt: skip
    return lambda: post_count(count=live.count, **words | more)
