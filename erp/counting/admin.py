"""Counts in the admin are only looked at: they are made and posted on their own pages."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse

from catalog.admin_base import BrandFilter, ReadOnlyAdmin
from erp.counting.models import CountEntry, CountLine, StockCount


@admin.register(StockCount)
class StockCountAdmin(ReadOnlyAdmin):
    list_display = ("title", "brand", "location", "scope", "state", "blind", "created_by", "started_at", "posted_at")
    list_filter = (BrandFilter, "state", "scope")
    list_select_related = ("brand", "location", "created_by")
    search_fields = ("title",)
    fields = (
        ("brand", "location", "title"),
        ("scope", "category", "blind"),
        ("state", "revision"),
        ("created_by", "started_at"),
        ("posted_by", "posted_at", "posting"),
    )

    def view_on_site(self, obj: StockCount) -> str:
        return reverse("counting:count", args=[obj.brand.slug, obj.public_id])


@admin.register(CountEntry)
class CountEntryAdmin(ReadOnlyAdmin):
    """Who gave which number, when, and from which device. What the book said stays on the pages of the count."""

    brand_path = "count__brand"
    list_display = ("recorded_at", "count", "variant", "kind", "quantity", "actor", "device")
    list_filter = (BrandFilter, "kind")
    list_select_related = ("count__brand", "line__variant", "actor")
    search_fields = ("line__variant__sku",)
    fields = (("count", "line"), ("kind", "quantity", "undoes"), ("actor", "device", "recorded_at"), "public_id")

    @admin.display(description=CountLine._meta.get_field("variant").verbose_name)
    def variant(self, entry: CountEntry) -> str:
        return entry.line.variant.sku
