"""The rules of reordering, to look over and change many at once."""

from __future__ import annotations

from django.contrib import admin

from catalog.admin_base import BrandFilter, BrandScopedAdmin
from erp.reports.models import ReorderRule


@admin.register(ReorderRule)
class ReorderRuleAdmin(BrandScopedAdmin):
    list_display = ("__str__", "brand", "point", "target", "updated_at")
    list_filter = (BrandFilter,)
    list_select_related = ("brand", "variant", "product", "category")
    search_fields = ("variant__sku", "product__style_number", "product__name_ko", "product__name_en")
    autocomplete_fields = ("variant", "product")
