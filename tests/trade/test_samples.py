"""Sample loans: out by a day, back in parts, sold or lost, late, and taken back when written down by mistake."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection  # noqa: F401 - a condition below names it

from catalog.days import business_day
from erp.core.errors import DomainError
from erp.inventory.models import Posting
from erp.inventory.services import reverse_posting
from erp.inventory.verify import verify_ledger
from erp.trade.models import Loan, LoanEvent, Partner, Slip
from erp.trade.pdf.loan import loan_pdf
from erp.trade.selectors.samples import late_loans, open_loans, overdue
from erp.trade.services.samples import (
    extend_loan,
    lend,
    lose_samples,
    sell_samples,
    take_back_event,
    take_samples_back,
)
from tests.inventory.racers import at_once
from tests.trade.paper import needs_poppler, pages_of, text_of, words_outside
from tests.trade.stall import PRICE, Stall, key, make_stall


@pytest.fixture
def stall(db) -> Stall:
    return make_stall()


def lent(stall: Stall, *quantities: int, **more: Any) -> Loan:
    stall.stock(*quantities)
    wanted = {v.pk: n for v, n in zip(stall.variants, quantities, strict=False) if n}
    due = business_day(stall.brand) + timedelta(days=more.pop("days", 3))
    words = {"borrower": stall.buyer, "location": stall.main, "actor": stall.owner, "idempotency_key": key()}
    return lend(quantities=wanted, due_on=due, **words | more)


def some(stall: Stall, loan: Loan, *quantities: int, **more: Any) -> dict[str, Any]:
    wanted = {v.pk: n for v, n in zip(stall.variants, quantities, strict=False) if n}
    return {"loan": loan, "quantities": wanted, "actor": stall.owner, "idempotency_key": key()} | more


def counts(loan: Loan) -> list[tuple[int, int, int]]:
    return [(line.out, line.returned, line.kept) for line in loan.lines.order_by("pk")]


def test_pieces_go_out_and_come_back_in_parts(stall: Stall) -> None:
    loan = lent(stall, 3, 2, note="화보 촬영")
    assert loan.posting.kind == "transfer" and loan.posting.reference == loan.number
    assert (stall.on_hand(0), stall.on_hand(1), counts(loan)) == (0, 0, [(3, 0, 0), (2, 0, 0)])
    take_samples_back(location=stall.main, **some(stall, loan, 2))
    loan.refresh_from_db()
    assert (stall.on_hand(0), counts(loan), loan.closed_at) == (2, [(1, 2, 0), (2, 0, 0)], None)
    take_samples_back(location=stall.place("defective"), **some(stall, loan, 1, 2))
    loan.refresh_from_db()
    assert counts(loan) == [(0, 3, 0), (0, 2, 0)] and loan.closed_at is not None
    assert stall.on_hand(1, stall.place("defective")) == 2 and verify_ledger() == []


def test_no_more_is_lent_than_there_is(stall: Stall) -> None:
    stall.stock(1)
    with pytest.raises(DomainError) as refused:
        lent(stall, 0, 1, days=0, location=stall.place("defective"))
    assert refused.value.code == "insufficient_stock" and not Loan.objects.exists()
    with pytest.raises(DomainError) as refused:
        lent(stall, 1, days=-1)
    assert refused.value.problems[0].field == "due_on"


def test_no_more_comes_back_than_is_out(stall: Stall) -> None:
    loan = lent(stall, 3)
    before = Posting.objects.count()
    for quantities in ((4,), (0, 1)):
        with pytest.raises(DomainError) as refused:
            take_samples_back(location=stall.main, **some(stall, loan, *quantities))
        assert [(p.code, p.line) for p in refused.value.problems] == [("not_out", 1)]
    assert Posting.objects.count() == before and counts(loan) == [(3, 0, 0)]


def test_the_borrower_buys_what_they_keep(stall: Stall) -> None:
    loan = lent(stall, 3)
    prices = {stall.variants[0].pk: Decimal(8000)}
    event = sell_samples(unit_prices=prices, paid=Decimal(6000), method="card", **some(stall, loan, 2))
    assert (event.slip.total, event.slip.new_balance, stall.balance) == (16000, 10000, 10000)
    assert event.posting.kind == "shipment" and counts(loan) == [(1, 0, 2)]
    with pytest.raises(DomainError) as refused:
        sell_samples(unit_prices={}, **some(stall, loan, 1))
    assert [(p.code, p.line) for p in refused.value.problems] == [("no_price", 1)]
    lose_samples(**some(stall, loan, 1))
    loan.refresh_from_db()
    assert counts(loan) == [(0, 0, 3)] and loan.closed_at and verify_ledger() == []
    with pytest.raises(DomainError) as refused:
        lose_samples(**some(stall, loan, 1))
    assert refused.value.code == "closed"


def test_a_refused_sale_leaves_the_loan_as_it_was(stall: Stall) -> None:
    Partner.objects.filter(pk=stall.buyer.pk).update(credit_limit=100)
    loan = lent(stall, 3)
    with pytest.raises(DomainError) as refused:
        sell_samples(unit_prices={stall.variants[0].pk: PRICE}, **some(stall, loan, 2))
    assert refused.value.code == "credit_limit"
    assert counts(loan) == [(3, 0, 0)] and not Slip.objects.exists() and not LoanEvent.objects.exists()


def test_the_same_key_is_done_once(stall: Stall) -> None:
    wanted = {"idempotency_key": "press", "days": 1}
    stall.stock(9)
    first, again = lent(stall, 2, **wanted), lent(stall, 2, **wanted)
    assert first.pk == again.pk and again.replayed
    asked = some(stall, first, 1, location=stall.main)
    assert take_samples_back(**asked).pk == take_samples_back(**asked).pk
    assert counts(first) == [(1, 1, 0)]
    with pytest.raises(DomainError) as refused:
        lent(stall, 1, **wanted)
    assert refused.value.status == 409


def test_what_was_written_down_by_mistake_is_taken_back_once(stall: Stall) -> None:
    loan = lent(stall, 3)
    prices = {stall.variants[0].pk: PRICE}
    sold = sell_samples(unit_prices=prices, **some(stall, loan, 2))
    back = take_samples_back(location=stall.main, **some(stall, loan, 1))
    for event in (sold, back):
        for replayed in (False, True):
            assert take_back_event(event=event, actor=stall.owner).replayed is replayed
    loan.refresh_from_db()
    assert (counts(loan), loan.closed_at, stall.balance, stall.on_hand(0)) == ([(3, 0, 0)], None, 0, 0)
    assert Slip.objects.latest("pk").reverses == sold.slip and verify_ledger() == []


def test_the_ledgers_own_page_refuses(stall: Stall) -> None:
    loan = lent(stall, 3)
    event = sell_samples(unit_prices={stall.variants[0].pk: PRICE}, **some(stall, loan, 2))
    for posting in (loan.posting, event.posting):
        with pytest.raises(DomainError) as refused:
            reverse_posting(posting=posting, actor=stall.owner, idempotency_key=key())
        assert refused.value.code == "belongs_to_paper" and loan.number in str(refused.value.message)
    assert counts(loan) == [(1, 0, 2)] and stall.balance == 2 * PRICE


def test_what_is_late_is_told(stall: Stall) -> None:
    late, fine = lent(stall, 3), lent(stall, 2)
    today = business_day(stall.brand)
    Loan.objects.filter(pk=late.pk).update(due_on=today - timedelta(days=4))
    late.refresh_from_db()
    assert (late.days_late, fine.days_late) == (4, 0)
    assert list(late_loans(stall.brand)) == [late] and list(open_loans(stall.brand)) == [late, fine]
    told = overdue(stall.brand)
    assert (told.loans, told.pieces, told.since) == (1, 3, late.due_on)
    with pytest.raises(DomainError):
        extend_loan(loan=late, due_on=today - timedelta(days=1))
    extend_loan(loan=late, due_on=today)
    assert overdue(stall.brand).loans == 0
    take_samples_back(location=stall.main, **some(stall, fine, 2))
    with pytest.raises(DomainError) as refused:
        extend_loan(loan=fine, due_on=today)
    assert refused.value.code == "closed"


@needs_poppler
@pytest.mark.parametrize("width", ["a6", "a4"])
def test_the_paper_that_a_borrower_signs(stall: Stall, width: str) -> None:
    loan = lent(stall, 3, 2, note="화보 촬영")
    content = loan_pdf(loan, width)
    joined = "".join(text_of(content).split())
    for word in ("샘플대여증", loan.number, "나래상회", "네이비/S", "화보촬영", "5장", stall.variants[0].sku):
        assert word in joined, word
    assert pages_of(content)[0][0] == {"a6": 105, "a4": 210}[width] and not words_outside(content)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_no_piece_comes_back_twice(transactional_db: None) -> None:
    stall = make_stall()
    loan = lent(stall, 3)
    answers = at_once([lambda: take_samples_back(location=stall.main, **some(stall, loan, 1)) for _n in range(5)])
    assert sum(isinstance(answer, DomainError) for answer in answers) == 2
    assert counts(loan) == [(0, 3, 0)] and stall.on_hand(0) == 3 and verify_ledger() == []
