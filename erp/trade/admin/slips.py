"""Slips in the admin: to look at only, for superusers too."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.urls import reverse

from catalog.admin_base import BrandFilter, BrandScopedInline, ReadOnlyAdmin
from erp.trade.models import Slip, SlipLine


class SlipLineInline(BrandScopedInline):
    model = SlipLine
    can_add = False
    can_delete = False
    fields = ("kind", "name", "colour", "size", "pack", "quantity", "unit_price", "amount")
    readonly_fields = fields


@admin.register(Slip)
class SlipAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "kind", "brand", "buyer_name", "total", "paid", "new_balance", "recorded_at")
    list_filter = (BrandFilter, "kind", "day")
    list_select_related = ("brand",)
    search_fields = ("buyer_name", "number")
    fields = (
        ("brand", "kind", "day", "number"),
        ("buyer", "buyer_name", "shop_name"),
        ("order", "posting", "reverses"),
        ("earlier_balance", "total", "paid", "method", "new_balance"),
        ("note", "actor", "recorded_at"),
    )
    inlines = (SlipLineInline,)

    def view_on_site(self, obj: Any) -> str:
        return reverse("trade:slip", args=[obj.brand.slug, obj.public_id])
