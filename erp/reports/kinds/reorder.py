"""What to reorder: the variants that run low, from the balances of this moment, and how many fill them up."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import F, OuterRef, Subquery, Sum
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.models import Variant
from erp.inventory.low import running_low
from erp.reports.kinds.base import EVERY, Report
from erp.reports.points import reorder_target
from erp.reports.scope import Scope
from erp.reports.tables import TEXT, Action, Answer, Column, Figure, Line, bars, total
from erp.trade.models import OrderLine, PurchaseLine

# Variants that one link takes along to the order.
MOST_LINKED = 60


class Reorder(Report):
    slug = "reorder"
    icon = "alert"
    title = _("What to reorder")
    lead = _("What runs low now, and how many to order: fill up to − available − on the way + waited for.")
    empty = _("Nothing runs low that is not on its way already.")
    fields = (*EVERY, "supplier", "show")
    columns = (
        Column("supplier", _("Supplier"), TEXT, _("Who it was ordered from last.")),
        Column("available", _("Available"), help=_("On hand where it can be sold, less reserved."), history=()),
        Column("point", _("Reorder at"), help=_("By the rule of the variant, its product, its category or all.")),
        Column("on_order", _("On the way"), help=_("Ordered from suppliers and not received yet.")),
        Column("waiting", _("Waited for"), help=_("On orders of customers, with nothing held for them.")),
        Column("target", _("Fill up to")),
        Column("suggested", _("To order"), strong=True,
               help=_("Fill up to − available − on the way + waited for, never below zero.")),
    )  # fmt: skip

    def answer(self, scope: Scope) -> Answer:
        lines = self._lines(scope)
        if supplier := scope.options.get("supplier"):
            lines = [line for line in lines if line.values["supplier_id"] == supplier.pk]
        if scope.options.get("show") != "all":
            lines = [line for line in lines if line.values["suggested"]]
        lines.sort(key=lambda line: (line.values["supplier"] == "", line.values["supplier"], -line.values["suggested"]))
        sums = total(lines, "suggested", "on_order", "waiting")
        figures = [
            Figure(_("Variants running low"), len(lines)),
            Figure(_("Pieces to order"), sums["suggested"] or 0),
            Figure(_("On the way"), sums["on_order"] or 0),
        ]
        chart = bars(_("Most to order"), lines, "suggested")
        return Answer(list(self.columns), lines, sums, figures, chart, actions=_actions(lines), first=_("Variant"))

    def _lines(self, scope: Scope) -> list[Line]:
        variants = Variant.objects.of(scope.brand)
        if scope.product:
            variants = variants.filter(product=scope.product)
        if scope.category:
            variants = variants.filter(product__category=scope.category)
        low = running_low(variants).annotate(target=reorder_target(), ordered_from=_last_supplier("supplier"))
        names = _last_supplier("supplier__name")
        rows = (
            low.annotate(supplier_name=names)
            .order_by()
            .values("pk", "product_id", "available", "low_at", "target", "ordered_from", "supplier_name")
        )
        found = list(rows)
        coming, waiting = _on_order(scope), _waited_for(scope)
        return [_line(row, coming.get(row["pk"], 0), waiting.get(row["pk"], 0)) for row in found]


def _line(row: dict[str, Any], coming: int, waiting: int) -> Line:
    values = {
        "supplier": row["supplier_name"] or "", "supplier_id": row["ordered_from"], "available": row["available"],
        "point": row["low_at"], "on_order": coming, "waiting": waiting, "target": row["target"],
        "suggested": max(row["target"] - row["available"] - coming + waiting, 0),
    }  # fmt: skip
    return Line(values, product=row["product_id"], variant=row["pk"], address={"variant": row["pk"]})


def _last_supplier(field: str) -> Subquery:
    lines = PurchaseLine.objects.filter(variant=OuterRef("pk"), order__supplier__is_active=True)
    return Subquery(lines.exclude(order__state="cancelled").order_by("-pk").values(f"order__{field}")[:1])


def _on_order(scope: Scope) -> dict[int, int]:
    """What suppliers still owe us, by variant."""
    lines = PurchaseLine.objects.filter(
        order__brand=scope.brand, order__state__in=["ordered", "partial"], quantity__gt=F("received")
    )
    return dict(_sums(lines, F("quantity") - F("received")))


def _waited_for(scope: Scope) -> dict[int, int]:
    """What customers ordered and nothing is held for, by variant."""
    taken = F("shipped") + F("cancelled") + F("reserved")
    lines = OrderLine.objects.filter(order__brand=scope.brand, order__state__in=["open", "picked"], quantity__gt=taken)
    return dict(_sums(lines, F("quantity") - taken))


def _sums(lines: Any, pieces: Any) -> Any:
    return lines.order_by().values("variant").annotate(n=Sum(pieces)).values_list("variant", "n")


def _actions(lines: list[Line]) -> list[Action]:
    """An order to each supplier with the quantities filled in; what was never ordered from any is just received."""
    groups: dict[tuple[str, int | None], list[Line]] = defaultdict(list)
    for line in lines:
        if line.values["suggested"]:
            groups[line.values["supplier"], line.values["supplier_id"]].append(line)
    return [_action(name, supplier, group) for (name, supplier), group in groups.items()]


def _action(name: str, supplier: int | None, lines: list[Line]) -> Action:
    lines = lines[:MOST_LINKED]
    query: dict[str, Any] = {"supplier": supplier} if supplier else {}
    query |= {f"q-{line.variant}": line.values["suggested"] for line in lines}
    n = sum(line.values["suggested"] for line in lines)
    if supplier:
        words = gettext("%(supplier)s: order %(n)s pieces") % {"supplier": name, "n": f"{n:,}"}
        return Action(words, "trade:purchase-new", query)
    return Action(gettext("Receive %(n)s pieces") % {"n": f"{n:,}"}, "inventory:receive", query)
