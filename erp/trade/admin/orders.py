"""Orders and packs in the admin: looked at; their pages and the API take every step."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.urls import reverse

from catalog.admin_base import BrandFilter, BrandScopedInline, ReadOnlyAdmin
from erp.trade.models import Order, OrderEvent, OrderLine, Pack, PackLine


class OrderLineInline(BrandScopedInline):
    model = OrderLine
    can_add = can_delete = False
    fields = ("variant", "pack", "quantity", "unit_price", "reserved", "shipped", "cancelled", "billed", "returned")
    readonly_fields = fields


class OrderEventInline(BrandScopedInline):
    model = OrderEvent
    can_add = can_delete = False
    fields = ("recorded_at", "kind", "pieces", "note", "actor")
    readonly_fields = fields


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ("number", "state", "channel", "buyer", "customer_name", "brand", "created_at", "expires_at")
    list_filter = (BrandFilter, "state", "channel")
    list_select_related = ("brand", "buyer")
    search_fields = ("number", "channel_number", "customer_name", "buyer__name")
    fields = (
        ("brand", "number", "state"),
        ("buyer", "deliver_to", "customer_name"),
        ("channel", "channel_name", "channel_number"),
        ("location", "currency"),
        ("created_by", "created_at", "placed_at", "expires_at"),
        "note",
    )
    inlines = (OrderLineInline, OrderEventInline)

    def view_on_site(self, obj: Any) -> str:
        return reverse("trade:order", args=[obj.brand.slug, obj.public_id])


class PackLineInline(BrandScopedInline):
    model = PackLine
    can_add = can_delete = False
    fields = ("variant", "quantity")
    readonly_fields = fields


@admin.register(Pack)
class PackAdmin(ReadOnlyAdmin):
    list_display = ("name", "product", "code", "price", "is_active", "brand")
    list_filter = (BrandFilter, "is_active")
    list_select_related = ("brand", "product")
    search_fields = ("name", "code", "product__style_number")
    fields = (("brand", "product"), ("name", "code", "price"), "is_active")
    inlines = (PackLineInline,)

    def view_on_site(self, obj: Any) -> str:
        return reverse("trade:pack", args=[obj.brand.slug, obj.pk])
