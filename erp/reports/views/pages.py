"""The reports: what there is, each as a page, and each as a file."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.vary import vary_on_headers

from catalog.pages import BrandRequest, brand_page
from erp.core.errors import DomainError
from erp.reports.asked import Asked, ask
from erp.reports.charts import draw
from erp.reports.downloads import csv_report, xlsx_report
from erp.reports.forms import ReportForm
from erp.reports.kinds import REPORTS
from erp.reports.shown import shown
from erp.reports.tables import Column, Line


@brand_page()
def index(request: BrandRequest) -> HttpResponse:
    return render(request, "reports/index.html", {"reports": REPORTS.values()})


@vary_on_headers("HX-Request")
@brand_page()
def report(request: BrandRequest, name: str) -> HttpResponse:
    asked = ask(REPORTS[name], request.brand, request.GET)
    context = {
        "report": asked.report,
        "form": asked.form,
        "scope": asked.scope,
        "answer": asked.answer,
        "figures": [(f, shown(f.value, f.kind, request.brand.currency)) for f in asked.answer.figures],
        "headings": [_heading(request, asked, column) for column in asked.answer.columns],
        "rows": [_row(request, asked, line) for line in asked.lines],
        "totals": _totals(asked, request.brand.currency),
        "actions": _actions(request, asked) if request.can_work else [],
        "chart": draw(asked.answer.chart, request.brand.currency),
        "page_obj": asked.page,
        "query": _query(request),
    }
    template = "reports/report.html#results" if request.htmx else "reports/report.html"
    return render(request, template, context)


@brand_page()
def download(request: BrandRequest, name: str, ending: str) -> HttpResponseBase:
    if not ReportForm(request.GET, brand=request.brand, report=REPORTS[name]).is_valid():
        return _back(request, name)
    try:
        write = csv_report if ending == "csv" else xlsx_report
        return write(REPORTS[name], request.brand, request.GET)
    except DomainError as error:
        messages.warning(request, str(error.message))
        return _back(request, name)


def _back(request: BrandRequest, name: str) -> HttpResponse:
    return redirect(f"{reverse(f'reports:{name}', args=[request.brand.slug])}{_query(request)}")


def _query(request: BrandRequest) -> str:
    params = request.GET.copy()
    params.pop("page", None)
    return f"?{params.urlencode()}"


def _heading(request: BrandRequest, asked: Asked, column: Column) -> dict[str, Any]:
    """A column's name, with the address that sorts by it: the most first, then the least."""
    current = request.GET.get("sort") or asked.report.order
    params = request.GET.copy()
    params.pop("page", None)
    params["sort"] = column.key if current == f"-{column.key}" else f"-{column.key}"
    sorted_by = {column.key: "ascending", f"-{column.key}": "descending"}.get(current, "")
    return {"column": column, "sort": f"?{params.urlencode()}", "sorted": sorted_by}


def _row(request: BrandRequest, asked: Asked, line: Line) -> dict[str, Any]:
    cells: list[dict[str, Any]] = []
    for column in asked.answer.columns:
        value = line.values.get(column.key)
        text = shown(value, column.kind, request.brand.currency)
        link = _history(request, asked, line, column) if value not in (None, "", 0) else ""
        cells.append({"column": column, "text": text, "link": link, "minus": _is_below_zero(value)})
    # On a phone each line shows one number large: the strong one, else the first.
    main = next((cell for cell in cells if cell["column"].strong), cells[0])
    return {"line": line, "cells": cells, "main": main}


def _is_below_zero(value: Any) -> bool:
    return not isinstance(value, str) and hasattr(value, "__neg__") and value < 0


def _history(request: BrandRequest, asked: Asked, line: Line, column: Column) -> str:
    """The movements that make a number, as the stock history shows them."""
    if column.history is None or not (line.address or asked.scope.location):
        return ""
    address: dict[str, Any] = {}
    if asked.scope.first and column.history:
        address["since"] = asked.scope.first
    if asked.scope.last and column.history:
        address["until"] = asked.scope.last
    if asked.scope.location:
        address["location"] = asked.scope.location.code
    if asked.scope.product:
        address["product"] = asked.scope.product.pk
    address |= line.address
    if "variant" in address:
        address.pop("product", None)
    parts = [*address.items(), *(("kind", kind) for kind in column.history)]
    return f"{reverse('inventory:history', args=[request.brand.slug])}?{urlencode(parts)}"


def _totals(asked: Asked, currency: str) -> list[dict[str, Any]] | None:
    totals = asked.answer.totals
    if len(asked.answer.lines) < 2 or not any(value is not None for value in totals.values()):
        return None
    return [
        {"column": column, "text": shown(totals[column.key], column.kind, currency) if column.key in totals else ""}
        for column in asked.answer.columns
    ]


def _actions(request: BrandRequest, asked: Asked) -> list[tuple[str, str]]:
    """What can be done with what was found, where quantities are typed already."""
    slug = request.brand.slug
    return [(act.label, reverse(act.page, args=[slug], query=act.query)) for act in asked.answer.actions]
