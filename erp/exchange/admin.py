"""Imports in the admin, to look at: what was uploaded, by whom, and what became of it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from catalog.admin_base import BrandFilter, BrandScopedAdmin, ReadOnlyAdmin
from erp.exchange.models import ImportJob, ImportMapping


@admin.register(ImportJob)
class ImportJobAdmin(ReadOnlyAdmin):
    list_display = ("file_name", "brand", "state", "created_by", "created_at", "total", "applied")
    list_filter = (BrandFilter, "state")
    list_select_related = ("brand", "created_by")
    search_fields = ("file_name", "sha256")
    fields = (
        ("brand", "state"), ("file_name", "size", "sha256"), ("file_format", "encoding", "delimiter"),
        ("created_by", "created_at"), ("applied_by", "applied_at", "only_good"), "location", "headings", "columns",
        ("total", "applied", "counts"), "problem",
    )  # fmt: skip


@admin.register(ImportMapping)
class ImportMappingAdmin(BrandScopedAdmin):
    """Remembered columns can be forgotten; they are learned again with the next file."""

    list_display = ("__str__", "brand", "updated_at")
    list_filter = (BrandFilter,)
    list_select_related = ("brand",)
    fields = ("brand", "headings", "columns", "updated_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
