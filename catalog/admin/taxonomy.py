"""The vocabulary: the platform's, which brands read, and what brands added."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from catalog.admin_base import BrandFilter, BrandScopedAdmin, BrandScopedInline
from catalog.models import Category, Colour, Pattern, Size, SizeRun


class PlatformTermAdmin(BrandScopedAdmin):
    """The models know these words by their slugs: superusers may rename and reorder them."""

    list_display: tuple[str, ...] = ("name_ko", "name_en", "slug", "position")
    search_fields = ("slug", "name_ko", "name_en")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return ModelAdmin.get_queryset(self, request)

    def brand_of(self, row: Any) -> None:
        return None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_superuser", False))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("slug",) if obj else ()


@admin.register(Category)
class CategoryAdmin(PlatformTermAdmin):
    list_display = (*PlatformTermAdmin.list_display, "size_run")
    list_select_related = ("size_run",)


@admin.register(Pattern)
class PatternAdmin(PlatformTermAdmin):
    pass


class VocabularyAdmin(BrandScopedAdmin):
    """Rows of the platform (no brand) and of the person's brands; an owner adds to their own brand only."""

    list_filter = (BrandFilter,)
    list_select_related = ("brand",)
    search_fields = ("slug", "name_ko", "name_en")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return ModelAdmin.get_queryset(self, request).visible_to(request.user)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "brand" and not getattr(request.user, "is_superuser", False):
            field.required = True
            field.help_text = ""
        return field


@admin.register(Colour)
class ColourAdmin(VocabularyAdmin):
    list_display = ("swatch", "name_ko", "name_en", "code", "hex", "brand")
    list_display_links = ("swatch", "name_ko")

    @display(description=_("Colour"))
    def swatch(self, colour: Colour) -> str:
        style = "display:inline-block;width:24px;height:24px;border-radius:12px;border:1px solid rgba(128,128,128,.4)"
        return format_html('<span style="{};background:{}"></span>', style, colour.hex)


class SizeInline(BrandScopedInline):
    model = Size
    fields = ("code", "position")


@admin.register(SizeRun)
class SizeRunAdmin(VocabularyAdmin):
    list_display = ("name_ko", "name_en", "slug", "brand")
    inlines = (SizeInline,)
