"""Purchase orders and deliveries in the admin: to look at; their pages change them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.urls import reverse

from catalog.admin_base import BrandFilter, BrandScopedInline, ReadOnlyAdmin
from erp.trade.models import Delivery, DeliveryLine, PurchaseLine, PurchaseOrder


class PurchaseLineInline(BrandScopedInline):
    model = PurchaseLine
    can_add = False
    can_delete = False
    fields = ("variant", "quantity", "received", "unit_cost")
    readonly_fields = fields

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("variant")


class DeliveryLineInline(BrandScopedInline):
    model = DeliveryLine
    can_add = False
    can_delete = False
    fields = ("line", "quantity", "unit_cost")
    readonly_fields = fields

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("line")


@admin.register(PurchaseOrder)
class PurchaseOrderAdmin(ReadOnlyAdmin):
    list_display = ("number", "brand", "supplier", "state", "expected_on", "ordered_at", "created_by")
    list_filter = (BrandFilter, "state")
    list_select_related = ("brand", "supplier", "created_by")
    search_fields = ("number", "supplier__name")
    fields = (("brand", "number", "state"), ("supplier", "location"), ("currency", "exchange_rate"),
              ("ordered_at", "expected_on"), "note", ("created_by", "created_at"))  # fmt: skip
    inlines = (PurchaseLineInline,)

    def view_on_site(self, obj: Any) -> str:
        return reverse("trade:purchase", args=[obj.brand.slug, obj.public_id])


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("number", "brand", "order", "posting", "reversal", "created_by", "created_at")
    list_filter = (BrandFilter,)
    list_select_related = ("brand", "order", "posting", "reversal", "created_by")
    search_fields = ("number", "order__number")
    fields = (("brand", "number"), "order", ("posting", "reversal"), "note", ("created_by", "created_at"))
    inlines = (DeliveryLineInline,)

    def view_on_site(self, obj: Any) -> str:
        return reverse("trade:delivery", args=[obj.brand.slug, obj.public_id])
