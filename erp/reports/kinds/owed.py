"""Owed goods (미송): billed and not delivered yet."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.days import business_day
from erp.inventory.models import Balance
from erp.reports.kinds.base import EVERY, Report
from erp.reports.scope import Scope
from erp.reports.tables import DAY, DAYS, MONEY, Answer, Column, Figure, Line, bars, total
from erp.trade.models import OrderLine


class OwedGoods(Report):
    slug = "owed"
    icon = "alert"
    title = _("Owed goods")
    lead = _("What buyers were billed for and have not got yet, the oldest debt first.")
    empty = _("Nothing is owed: all that was billed has gone out.")
    fields = (*EVERY, "owed_by")
    order = "-days"
    columns = (
        Column("owed", _("Pieces owed"), help=_("Billed and not shipped."), strong=True),
        Column("amount", _("Amount"), MONEY, _("Pieces owed × their price, in the brand's currency.")),
        Column("orders", _("Order lines"), help=_("How many order lines wait.")),
        Column("since", _("Oldest since"), DAY),
        Column("days", _("Age"), DAYS),
        Column("available", _("Available now"), help=_("On hand and not reserved for anybody."), history=()),
    )

    def answer(self, scope: Scope) -> Answer:
        by_buyer = scope.options.get("owed_by") == "buyer"
        groups: dict[int, list[OrderLine]] = defaultdict(list)
        for line in self._owed(scope):
            groups[(line.order.buyer_id or 0) if by_buyer else line.variant_id].append(line)
        ready = self._available(scope, groups) if not by_buyer else {}
        lines = [self._line(scope, key, owed, ready, by_buyer=by_buyer) for key, owed in groups.items()]
        sums = total(lines, "owed", "amount", "available", "orders")
        columns = [column for column in self.columns if column.key != "available" or not by_buyer]
        figures = [
            Figure(_("Pieces owed"), sums["owed"] or 0),
            Figure(_("Amount"), sums["amount"], MONEY),
            Figure(_("Oldest debt"), max((line.values["days"] for line in lines), default=None), DAYS),
        ]
        first = _("Buyer") if by_buyer else ""
        return Answer(columns, lines, sums, figures, bars(_("Most owed"), lines, "owed"), first=first)

    def _owed(self, scope: Scope) -> Any:
        owed = OrderLine.objects.filter(order__brand=scope.brand, billed__gt=F("shipped") + F("cancelled"))
        owed = owed.exclude(order__state="cancelled")
        if scope.wanted is not None:
            owed = owed.filter(variant__in=scope.wanted)
        return owed.select_related("order__buyer").order_by("owed_since", "pk")

    def _line(self, scope: Scope, key: int, owed: list[OrderLine], ready: dict, *, by_buyer: bool) -> Line:
        since = min((line.owed_since or line.order.created_at for line in owed), default=None)
        day = business_day(scope.brand, since)
        ours = [line for line in owed if line.order.currency == scope.brand.currency]
        values = {
            "owed": sum(line.owed for line in owed),
            "amount": sum((line.owed * line.unit_price for line in ours), Decimal(0)) if ours else None,
            "orders": len(owed), "since": day, "days": (scope.today - day).days, "available": ready.get(key, 0),
        }  # fmt: skip
        if by_buyer:
            buyer = owed[0].order.buyer
            name = buyer.name if buyer else gettext("Without a buyer")
            return Line(values, label=name, partner=buyer.pk if buyer else None)
        return Line(values, product=scope.owners[key], variant=key, address={"variant": key})

    def _available(self, scope: Scope, variants: Any) -> dict[int, int]:
        ready: dict[int, int] = defaultdict(int)
        rows = Balance.objects.filter(variant__in=list(variants), location__kind__in=("warehouse", "shop"))
        for balance in rows:
            ready[balance.variant_id] += balance.available
        return ready
