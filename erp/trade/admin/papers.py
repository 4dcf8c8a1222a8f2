"""Returns, loans and consignment in the admin, to look at only: their pages move goods and money together."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.urls import reverse

from catalog.admin_base import BrandFilter, BrandScopedInline, ReadOnlyAdmin
from erp.trade.models import ConsignmentSale, Loan, LoanEvent, LoanLine, ReturnLine, ReturnNote


class LookInline(BrandScopedInline):
    can_add = False
    can_delete = False


class ReturnLineInline(LookInline):
    model = ReturnLine
    fields = ("kind", "variant", "quantity", "unit_price", "location")
    readonly_fields = fields


@admin.register(ReturnNote)
class ReturnNoteAdmin(ReadOnlyAdmin):
    list_display = ("number", "brand", "buyer", "order", "total", "paid", "reason", "created_at", "taken_back_at")
    list_filter = (BrandFilter,)
    list_select_related = ("brand", "buyer", "order")
    search_fields = ("number", "buyer__name", "order__number")
    fields = (
        ("brand", "number"), ("order", "buyer"), ("total", "paid", "method"), ("reason", "note"),
        ("posting", "sent", "slip"), ("created_by", "created_at"), ("taken_back_by", "taken_back_at"),
    )  # fmt: skip
    inlines = (ReturnLineInline,)

    def view_on_site(self, obj: Any) -> str:
        return reverse("trade:return", args=[obj.brand.slug, obj.public_id])


class LoanLineInline(LookInline):
    model = LoanLine
    fields = ("variant", "quantity", "returned", "kept")
    readonly_fields = fields


class LoanEventInline(LookInline):
    model = LoanEvent
    fields = ("kind", "posting", "slip", "taken_back_at")
    readonly_fields = fields


@admin.register(Loan)
class LoanAdmin(ReadOnlyAdmin):
    list_display = ("number", "brand", "borrower", "due_on", "closed_at", "note", "created_at")
    list_filter = (BrandFilter, "due_on")
    list_select_related = ("brand", "borrower")
    search_fields = ("number", "borrower__name")
    fields = (("brand", "number"), ("borrower", "location"), ("due_on", "closed_at"), "note", "posting")
    inlines = (LoanLineInline, LoanEventInline)

    def view_on_site(self, obj: Any) -> str:
        return reverse("trade:loan", args=[obj.brand.slug, obj.public_id])


@admin.register(ConsignmentSale)
class ConsignmentSaleAdmin(ReadOnlyAdmin):
    list_display = ("number", "brand", "partner", "slip", "created_at", "taken_back_at")
    list_filter = (BrandFilter,)
    list_select_related = ("brand", "partner", "slip")
    search_fields = ("number", "partner__name")
    fields = (
        ("brand", "number"),
        "partner",
        ("slip", "posting"),
        "note",
        ("created_by", "created_at"),
        "taken_back_at",
    )

    def view_on_site(self, obj: Any) -> str:
        return reverse("trade:consignment", args=[obj.brand.slug, obj.partner_id])
