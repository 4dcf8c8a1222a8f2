"""Which sizes sell, which run out, and how long a style has been broken."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models import Product, Variant
from erp.reports.kinds.base import EVERY, Report
from erp.reports.models import Flow
from erp.reports.scope import Scope
from erp.reports.sql.sums import Span, as_day
from erp.reports.tables import DAY, DAYS, PERCENT, TEXT, Answer, Chart, Column, Figure, Line, Point, ratio, total

# Where pieces come from or go to; what moves between our places empties no size.
OUTSIDE = ", ".join(f"'{flow}'" for flow in Flow if flow not in (Flow.MOVED_IN, Flow.MOVED_OUT))


class SizeCurve(Report):
    slug = "sizes"
    icon = "hanger"
    title = _("Size curve")
    lead = _("Each size's share of what was sold beside its share of what is left, and the styles with sizes missing.")
    fields = ("since", "until", *EVERY, "view")
    days = 90

    by_size = (
        Column("sold", _("Sold"), help=_("Shipped, less returned.")),
        Column("sold_share", _("Share of sales"), PERCENT),
        Column("on_hand", _("On hand")),
        Column("stock_share", _("Share of stock"), PERCENT),
        Column("gap", _("Too few or too many"), PERCENT,
               _("Share of sales less share of stock: above zero there is too little of it."), strong=True),
        Column("out", _("Sold out in"), help=_("Variants of this size that are sold out now.")),
    )  # fmt: skip
    by_style = (
        Column("first_out", _("Ran out first"), TEXT),
        Column("since", pgettext_lazy("report", "On"), DAY),
        Column("days", _("Broken for"), DAYS, _("Since the first of its sizes ran out."), strong=True),
        Column("missing", _("Sold out now"), TEXT),
        Column("out", _("Variants sold out")),
        Column("on_hand", _("Left of the style"), history=()),
    )
    columns = (*by_size, *(column for column in by_style if column.key not in ("out", "on_hand")))

    def answer(self, scope: Scope) -> Answer:
        variants = (
            Variant.objects.filter(pk__in=scope.owners) if scope.wanted is not None else Variant.objects.of(scope.brand)
        )
        on_sale = variants.filter(is_active=True, product__status=Product.Status.ACTIVE)
        rows = on_sale.order_by().values_list("pk", "product", "size__run", "size__position", "size__code")
        sizes = {pk: (product, (run, position, code)) for pk, product, run, position, code in rows}
        held, gone = scope.on_hand(), self._ran_out(scope)
        out = {pk: gone[pk] for pk in sizes if pk in gone and not held.get(pk)}
        if scope.options.get("view") == "styles":
            return self._styles(scope, sizes, held, out)
        return self._sizes(scope, sizes, held, out)

    def _sizes(self, scope: Scope, sizes: dict, held: dict, out: dict) -> Answer:
        sold = scope.sold()
        lines: dict[tuple, Line] = {}
        for pk, (_product, size) in sizes.items():
            line = lines.setdefault(size, Line({"sold": 0, "on_hand": 0, "out": 0}, label=size[2]))
            line.values["sold"] += sold.get(pk, 0)
            line.values["on_hand"] += held.get(pk, 0)
            line.values["out"] += pk in out
        chosen = [line for _size, line in sorted(lines.items()) if any(line.values.values())]
        sums = total(chosen, "sold", "on_hand", "out")
        for line in chosen:
            line.values["sold_share"] = ratio(line.values["sold"], sums["sold"])
            line.values["stock_share"] = ratio(line.values["on_hand"], sums["on_hand"])
            line.values["gap"] = (line.values["sold_share"] or 0) - (line.values["stock_share"] or 0)
        points = [
            Point(line.label, [line.values["sold_share"] or 0, line.values["stock_share"] or 0]) for line in chosen
        ]
        series = [_("Share of sales"), _("Share of stock")]
        chart = Chart("pairs", _("Sales and stock by size"), series, points, PERCENT) if points else None
        figures = [Figure(_("Sold"), sums["sold"] or 0), Figure(_("Sizes sold out"), sums["out"] or 0)]
        return Answer(list(self.by_size), chosen, sums, figures, chart, first=pgettext_lazy("report", "Size"))

    def _styles(self, scope: Scope, sizes: dict, held: dict, out: dict[int, date]) -> Answer:
        """Styles of which some sizes are sold out while others lie there; the first that ran out comes first."""
        missing: dict[int, list[tuple[date, Any]]] = defaultdict(list)
        left: dict[int, int] = defaultdict(int)
        for pk, (product, size) in sizes.items():
            left[product] += held.get(pk, 0)
            if pk in out:
                missing[product].append((out[pk], size))
        lines = []
        for product, gone in missing.items():
            if not left[product]:
                continue
            since, first = min(gone)
            codes = [size[2] for size in sorted({size for _day, size in gone})]
            values = {
                "first_out": first[2], "since": since, "days": (scope.today - since).days, "missing": ", ".join(codes),
                "out": len(gone), "on_hand": left[product],
            }  # fmt: skip
            lines.append(Line(values, product=product, address={"product": product}))
        lines.sort(key=lambda line: -line.values["days"])
        sums = total(lines, "out", "on_hand")
        figures = [Figure(_("Broken styles"), len(lines)), Figure(_("Variants sold out"), sums["out"] or 0)]
        return Answer(list(self.by_style), lines, sums, figures)

    def _ran_out(self, scope: Scope) -> dict[int, date]:
        """When the last pieces of each variant went, which is when it ran out if nothing is left."""
        rows = scope.flows(Span(), counted=True).sums(
            "f.variant_id, MAX(f.day)", "f.variant_id", where=f"f.flow IN ({OUTSIDE}) AND f.pieces <> 0"
        )
        return {pk: day for pk, value in rows if (day := as_day(value))}
