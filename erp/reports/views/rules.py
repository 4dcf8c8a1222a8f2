"""The rules of reordering: a list of them, and a form that adds one or changes it."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.access import Right
from catalog.pages import BrandRequest, brand_page
from erp.core.flash import done
from erp.reports.models import ReorderRule
from erp.reports.rule_form import RuleForm
from erp.reports.services import remove_rule

PER_PAGE = 50


@brand_page()
def rules(request: BrandRequest) -> HttpResponse:
    return _page(request, RuleForm(brand=request.brand, initial={"code": request.GET.get("code", "")}))


@brand_page(Right.WORK)
@require_POST
def add(request: BrandRequest) -> HttpResponse:
    form = RuleForm(request.POST, brand=request.brand)
    rule = form.save() if form.is_valid() else None
    if rule is None:
        return _page(request, form)
    words = {"point": rule.point, "target": rule.target}
    done(request, _("Saved: reorder at %(point)s, fill up to %(target)s.") % words)
    return redirect("reports:rules", request.brand.slug)


@brand_page(Right.WORK)
@require_POST
def remove(request: BrandRequest, pk: int) -> HttpResponse:
    rule = get_object_or_404(ReorderRule.objects.of(request.brand), pk=pk)
    remove_rule(rule=rule)
    done(request, _("The rule is removed."))
    return redirect("reports:rules", request.brand.slug)


def _page(request: BrandRequest, form: RuleForm) -> HttpResponse:
    found = ReorderRule.objects.of(request.brand).select_related(
        "category", "product", "variant__product", "variant__colour", "variant__size"
    )
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page_obj": page, "rules": page.object_list}
    return render(request, "reports/rules.html", context, status=422 if form.errors else 200)
