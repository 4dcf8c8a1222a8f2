"""Asking a report: one snapshot, the order that is wished for, and the lines of one page dressed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django_q.tasks import async_task

from catalog.models import Brand
from erp.inventory.models import StockMovement
from erp.reports.dress import dress, dress_chart
from erp.reports.forms import ReportForm
from erp.reports.kinds import Report
from erp.reports.scope import Scope
from erp.reports.snapshot import snapshot
from erp.reports.tables import Answer, Line

PER_PAGE = 50
# Movements not summed up yet, by the distance of ids: beyond this a report asks for them to be summed up behind it.
LONG_TAIL = 20_000


@dataclass(slots=True)
class Asked:
    """A report's answer with all that a page or the API shows of it."""

    report: Report
    form: ReportForm
    scope: Scope
    answer: Answer
    page: Page

    @property
    def lines(self) -> list[Line]:
        return list(self.page.object_list)


def ask(report: Report, brand: Brand, data: Any, *, per_page: int = PER_PAGE) -> Asked:
    """A form that is not valid is answered as if it were blank: its errors are for the page to show."""
    form = ReportForm(data, brand=brand, report=report)
    with snapshot():
        scope = form.scope()
        answer = report.answer(scope)
        answer.sort(data.get("sort") or report.order)
        page = Paginator(answer.lines, per_page).get_page(data.get("page"))
        dress(page.object_list)
        dress_chart(answer.chart)
        mark, newest = scope.mark, StockMovement.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    if newest - mark > LONG_TAIL:
        async_task("erp.reports.tasks.roll_up", brand.pk)
    return Asked(report, form, scope, answer, page)
