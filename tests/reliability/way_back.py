"""Taking back every paper of a storm, until the stock and the accounts are what they were."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Sum

from erp.core.errors import DomainError
from erp.inventory.models import Balance, MovementKind, Posting
from erp.inventory.services import receive, reverse_posting
from erp.inventory.verify import verify_ledger
from erp.trade.models import Account, Order, Partner, ReturnNote
from erp.trade.services import consignment, orders, returns, samples
from erp.trade.services.accounts import reverse_entry
from erp.trade.verify import verify_accounts
from tests.inventory.conftest import Shop


class WayBack:
    """What a storm of papers leaves behind, and the way back from there."""

    shop: Shop
    buyer: Partner
    papers: dict[str, list[Any]]

    def heading(self) -> dict[str, Any]:
        return {"actor": self.shop.actor, "idempotency_key": uuid4().hex}

    def take_everything_back(self) -> None:
        brand = self.shop.brand
        for entry in self.papers["payment"]:
            reverse_entry(entry=entry, **self.heading())
        for order in Order.objects.of(brand).filter(state__in=["open", "picked"]):
            orders.cancel_order(order=order, **self.heading())
        # What was reversed in mid-storm may be missing on the way back: for a while there is enough of everything.
        plenty = {shirt.pk: 1_000 for shirt in self.shop.shirts}
        enough = receive(brand=brand, location=self.shop.main, quantities=plenty, **self.heading())
        left = list(Posting.objects.of(brand).exclude(kind=MovementKind.REVERSAL).order_by("-pk")[1:])
        while left:
            stuck = [posting for posting in left if not self.went_back(posting)]
            assert len(stuck) < len(left), stuck
            left = stuck
        reverse_posting(posting=enough, **self.heading())
        for order in Order.objects.of(brand).filter(state__in=["open", "picked"]):
            orders.cancel_order(order=order, **self.heading())
        assert not Balance.objects.exclude(on_hand=0, reserved=0).exists()
        # Money that was handed over with a sale stays handed over: it is the buyer's now.
        kept = self.buyer.entries.filter(kind="payment", reversed_by=None, reverses=None)
        paid = kept.aggregate(n=Sum("amount"))["n"] or 0
        assert set(Account.objects.values_list("balance", flat=True)) <= {Decimal(paid)}
        assert verify_ledger() == []
        assert verify_accounts() == []

    def went_back(self, posting: Posting) -> bool:
        """False where its goods went on from another place of ours, by a posting that is taken back first."""
        if not posting.movements.filter(reversed_by=None).exists():
            return True
        try:
            with transaction.atomic():
                self.take_back(posting, self.shop.actor)
        except DomainError as error:
            if error.code != "insufficient_stock":
                raise
            return False
        return True

    def take_back(self, posting: Posting, actor: Any) -> None:
        """By the paper it belongs to, where it belongs to one."""
        if (
            note := ReturnNote.objects.filter(posting=posting).first()
            or ReturnNote.objects.filter(sent=posting).first()
        ):
            returns.take_back_return(note=note, actor=actor)
        elif hasattr(posting, "loan_event"):
            samples.take_back_event(event=posting.loan_event, actor=actor)
        elif hasattr(posting, "loan"):
            out = {line.variant_id: line.out for line in posting.loan.lines.all() if line.out}
            samples.take_samples_back(loan=posting.loan, location=self.shop.main, quantities=out, **self.heading())
        elif hasattr(posting, "consignment_sale"):
            consignment.take_back_sale(sale=posting.consignment_sale, actor=actor)
        elif hasattr(posting, "shipment") and self.was_cancelled_in_part(posting):
            self.return_pieces_of(posting)
        else:
            reverse_posting(posting=posting, **self.heading())

    def was_cancelled_in_part(self, posting: Posting) -> bool:
        """Its slip also billed goods that were never sent, and whose money went back when they were cancelled."""
        try:
            with transaction.atomic():
                reverse_posting(posting=posting, **self.heading())
                transaction.set_rollback(True)
        except DomainError as error:
            if error.code != "went_on":
                raise
            return True
        return False

    def return_pieces_of(self, posting: Posting) -> None:
        """Such a slip stays; the pieces come back as a return."""
        standing = posting.movements.filter(reversed_by=None).select_related("variant")
        entries = [returns.ReturnEntry(m.variant, "sellable", m.quantity, m.source) for m in standing]
        order = posting.shipment.order
        returns.create_return(brand=self.shop.brand, entries=entries, order=order, **self.heading())
