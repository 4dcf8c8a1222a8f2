"""What a count that is over found."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import render

from catalog.pages import BrandRequest
from erp.counting.models import CountLine, StockCount
from erp.counting.review import totals_of
from erp.counting.selectors import shown_variants, swatch_of

PER_PAGE = 50


def result(request: BrandRequest, count: StockCount) -> HttpResponse:
    """The differences of a posted count, or what was counted of a cancelled one."""
    lines = CountLine.objects.filter(count=count).counted()
    if request.GET.get("show") != "all":
        lines = lines.exclude(counted=F("seen"))
    page_obj = Paginator(lines.select_related("counted_by").order_by("pk"), PER_PAGE).get_page(request.GET.get("page"))
    shown = list(page_obj.object_list)
    variants = shown_variants(line.variant_id for line in shown)
    context = {
        "count": count,
        "totals": totals_of(count),
        "page_obj": page_obj,
        "all": request.GET.get("show") == "all",
        "rows": [
            {"line": line, "variant": variants[line.variant_id], "swatch": swatch_of(variants[line.variant_id])}
            for line in shown
        ],
    }
    return render(request, "counting/result.html", context)
