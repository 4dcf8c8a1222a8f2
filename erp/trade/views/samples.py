"""Sample loans: the list, a new one, one of them, and what becomes of its pieces."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.access import Right
from catalog.days import business_day
from catalog.pages import BrandRequest, brand_page
from erp.core.errors import DomainError
from erp.core.flash import done
from erp.core.pdf import pdf_response
from erp.core.templatetags.jangbu import day
from erp.inventory.forms.sheet import numbers
from erp.trade.forms.samples import ExtendForm, LendForm, LoanForm
from erp.trade.models import Loan, LoanEvent
from erp.trade.pdf.loan import LOAN_WIDTHS, loan_pdf
from erp.trade.selectors import samples as loans
from erp.trade.services.samples import extend_loan, take_back_event
from erp.trade.views.goods import find_in, goods_entry

PER_PAGE = 30
SHOWS = ("open", "late", "closed")


@brand_page()
def loan_list(request: BrandRequest) -> HttpResponse:
    """`?show=` open (as it is), late or closed; `?borrower=` narrows to one."""
    show = request.GET.get("show", "open")
    show = show if show in SHOWS else "open"
    rows = {
        "open": loans.open_loans(request.brand),
        "late": loans.late_loans(request.brand),
        "closed": loans.with_out(Loan.objects.of(request.brand).exclude(closed_at=None)).order_by("-pk"),
    }[show]
    if borrower := numbers([request.GET.get("borrower", "")]):
        rows = rows.filter(borrower=borrower[0])
    page = {
        "show": show,
        "overdue": loans.overdue(request.brand),
        "page_obj": Paginator(rows.select_related("borrower", "brand"), PER_PAGE).get_page(request.GET.get("page")),
        "today": business_day(request.brand),
    }
    return render(request, "trade/samples.html", page)


@brand_page(Right.WORK)
def new(request: BrandRequest) -> HttpResponse:
    def finished(loan: Loan) -> HttpResponse:
        done(request, _("Lent as %(number)s.") % {"number": loan.number})
        return redirect("trade:loan", request.brand.slug, loan.public_id)

    page: dict[str, Any] = {"crumb": (reverse("trade:samples", args=[request.brand.slug]), _("Sample loans"))}
    page["find"] = reverse("trade:loan-find", args=[request.brand.slug])
    return goods_entry(request, _lending(request), finished, page)


def _lending(request: BrandRequest) -> Any:
    return lambda data=None, **more: LendForm(data, brand=request.brand, **more)


@brand_page(Right.WORK)
def find(request: BrandRequest) -> HttpResponse:
    return find_in(request, _lending(request))


@brand_page()
def loan(request: BrandRequest, public_id: str) -> HttpResponse:
    return _page(request, _loan(request, public_id))


def _loan(request: BrandRequest, public_id: str) -> Loan:
    rows = Loan.objects.of(request.brand).select_related("brand", "borrower", "location", "posting", "created_by")
    return get_object_or_404(rows, public_id=public_id)


def _page(request: BrandRequest, found: Loan, form: ExtendForm | None = None) -> HttpResponse:
    lines = found.lines.select_related("variant__product", "variant__colour", "variant__size")
    page = {
        "loan": found,
        "lines": lines.prefetch_related("variant__product__images"),
        "events": loans.events_of(found),
        "late": found.days_late,
        "kinds": LoanEvent.Kind.choices,
        "form": form or ExtendForm(initial={"due_on": found.due_on}),
    }
    return render(request, "trade/loan.html", page, status=422 if form else 200)


@brand_page(Right.WORK)
def settle(request: BrandRequest, public_id: str) -> HttpResponse:
    """`?kind=` returned (as it is), sold or lost."""
    found = _loan(request, public_id)
    kind = request.GET.get("kind", LoanEvent.Kind.RETURNED)
    if kind not in LoanEvent.Kind.values:
        raise Http404

    def build(data: Any = None, *, products: Any = (), **more: Any) -> LoanForm:
        return LoanForm(data, loan=found, kind=kind, **more)

    def finished(event: LoanEvent) -> HttpResponse:
        done(request, _("%(number)s: written down.") % {"number": found.number})
        return redirect("trade:loan", request.brand.slug, found.public_id)

    if found.closed_at:
        messages.warning(request, _("Nothing of this loan is out any more."))
        return redirect("trade:loan", request.brand.slug, found.public_id)
    address = reverse("trade:loan", args=[request.brand.slug, found.public_id])
    if not request.GET.keys().isdisjoint(("code", "product")):
        return find_in(request, build)
    page = {"crumb": (address, found.number), "find": f"{request.path}?kind={kind}"}
    return goods_entry(request, build, finished, page)


@brand_page(Right.WORK)
@require_POST
def extend(request: BrandRequest, public_id: str) -> HttpResponse:
    found, form = _loan(request, public_id), ExtendForm(request.POST)
    if form.is_valid():
        try:
            extend_loan(loan=found, due_on=form.cleaned_data["due_on"])
        except DomainError as error:
            form.add_error("due_on" if error.problems else None, str(error.message))
        else:
            done(request, _("Due back on %(day)s now.") % {"day": day(form.cleaned_data["due_on"])})
            return redirect("trade:loan", request.brand.slug, found.public_id)
    return _page(request, found, form)


@brand_page(Right.WORK)
@require_POST
def take_back(request: BrandRequest, public_id: str, event: int) -> HttpResponse:
    """Takes back what was written down of a loan by mistake."""
    found = _loan(request, public_id)
    try:
        take_back_event(event=get_object_or_404(found.events, pk=event), actor=request.user)
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        done(request, _("Taken back. The pieces are out again."))
    return redirect("trade:loan", request.brand.slug, found.public_id)


@brand_page()
def pdf(request: BrandRequest, public_id: str) -> HttpResponse:
    """`?width=` is a6 (as it is) or a4."""
    found, width = _loan(request, public_id), request.GET.get("width", "a6")
    width = width if width in LOAN_WIDTHS else "a6"
    return pdf_response(loan_pdf(found, width), f"{request.brand.slug}-{found.number}-{width}.pdf")
