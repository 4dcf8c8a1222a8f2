"""Who owes how much, and for how long."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Max, Q, Sum
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from erp.reports.kinds.base import Report
from erp.reports.scope import Scope
from erp.reports.tables import DAY, MONEY, Answer, Column, Figure, Line, bars, total
from erp.trade.models import Account, AccountEntry

EDGES = (30, 60, 90)
KEYS = ("due_30", "due_60", "due_90", "due_more")
LABELS = (_("0–30 days"), _("31–60 days"), _("61–90 days"), _("Over 90 days"))


class BuyerBalances(Report):
    slug = "buyers"
    icon = "user"
    title = _("Buyer balances")
    lead = _("What each buyer owes, by how old the unpaid part is. Payments are taken to settle the oldest first.")
    empty = _("Nobody owes anything, and nobody has credit.")
    fields = ()
    order = "-balance"
    columns = (
        Column(
            "balance",
            pgettext_lazy("account", "Balance"),
            MONEY,
            _("Above zero they owe us, below zero they have credit."),
            strong=True,
        ),
        *(Column(key, label, MONEY) for key, label in zip(KEYS, LABELS, strict=True)),
        Column("last_paid", _("Last payment"), DAY),
        Column("limit", _("Credit limit"), MONEY),
        Column("over", _("Over the limit"), MONEY),
    )

    def answer(self, scope: Scope) -> Answer:
        accounts = Account.objects.filter(partner__brand=scope.brand).exclude(balance=0).select_related("partner")
        owing = {account.partner_id: account for account in accounts}
        billed = self._billed(scope, owing)
        paid = self._last_payments(scope, owing)
        lines = []
        for pk, account in owing.items():
            limit = account.partner.credit_limit
            values: dict[str, Any] = {
                "balance": account.balance,
                "limit": limit,
                "over": max(account.balance - limit, Decimal(0)) if limit is not None else None,
                "last_paid": paid.get(pk),
            }
            values |= dict(zip(KEYS, _allot(account.balance, billed[pk]), strict=True))
            lines.append(Line(values, label=account.partner.name, partner=pk))
        sums = total(lines, "balance", *KEYS)
        owed = [line.values["balance"] for line in lines if line.values["balance"] > 0]
        credit = [-line.values["balance"] for line in lines if line.values["balance"] < 0]
        figures = [
            Figure(_("They owe us"), sum(owed, Decimal(0)), MONEY),
            Figure(_("Their credit"), sum(credit, Decimal(0)), MONEY),
            Figure(_("Over 90 days"), sums[KEYS[-1]] or Decimal(0), MONEY),
        ]
        over = sum(1 for line in lines if line.values["over"])
        words = ngettext("%(n)s buyer is over the credit limit.", "%(n)s buyers are over their credit limit.", over)
        notes = [words % {"n": over}] if over else []
        chart = bars(_("Who owes most"), lines, "balance", kind=MONEY)
        return Answer(list(self.columns), lines, sums, figures, chart, notes, first=_("Buyer"))

    def _billed(self, scope: Scope, partners: Any) -> dict[int, list[Decimal]]:
        """What was billed of late, by age: corrections and credit notes come off where they are."""
        entries = AccountEntry.objects.of(scope.brand).filter(partner__in=list(partners))
        ages = {}
        newer = None
        for place, edge in enumerate(EDGES):
            since = Q(occurred_on__gte=scope.today - timedelta(days=edge))
            ages[f"age_{place}"] = Sum("amount", filter=since & newer if newer else since)
            newer = Q(occurred_on__lt=scope.today - timedelta(days=edge))
        rows: Any = entries.exclude(kind=AccountEntry.Kind.PAYMENT).order_by().values("partner").annotate(**ages)
        found: dict[int, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * len(EDGES))
        for partner, *amounts in rows.values_list("partner", *ages):
            found[partner] = [amount or Decimal(0) for amount in amounts]
        return found

    def _last_payments(self, scope: Scope, partners: Any) -> dict[int, Any]:
        paid = AccountEntry.objects.of(scope.brand).filter(
            partner__in=list(partners), kind=AccountEntry.Kind.PAYMENT, amount__lt=0
        )
        return dict(paid.order_by().values("partner").annotate(day=Max("occurred_on")).values_list("partner", "day"))


def _allot(balance: Decimal, billed: list[Decimal]) -> list[Decimal]:
    """What is unpaid was billed last; the rest is as old as can be. A credit is no debt of any age."""
    left, parts = max(balance, Decimal(0)), []
    for amount in billed:
        part = min(left, max(amount, Decimal(0)))
        parts.append(part)
        left -= part
    return [*parts, left]
