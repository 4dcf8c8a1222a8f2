"""Channels in the admin: accounts and what is matched can be mended here; what was sent and ordered is looked at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from catalog.admin_base import BrandFilter, BrandScopedAdmin, BrandScopedInline, ReadOnlyAdmin
from erp.channels.models import (
    AttributeMatch,
    CategoryMatch,
    Channel,
    ChannelListing,
    ChannelOrder,
    ChannelOrderLine,
    Credential,
    DescriptionTemplate,
    Export,
    ExportFinding,
    ListingVariant,
    SkuMatch,
)
from erp.channels.services.channels import create_channel, update_channel
from erp.channels.services.descriptions import forget_description, save_description

OWN = (
    "name", "language", "currency", "price_factor", "price_plus", "price_step", "rounding", "location", "share",
    "buffer", "shop_url", "dialect",
)  # fmt: skip


class ByChannel:
    """Rows that belong to a brand by their channel."""

    brand_path = "channel__brand"


class CredentialInline(BrandScopedInline):
    """That a secret is there, and how it ends. It is set on the channel's page or by the API."""

    model = Credential
    can_add = can_delete = False
    fields = ("kind", "hint", "updated_at")
    readonly_fields = fields


@admin.register(Channel)
class ChannelAdmin(BrandScopedAdmin):
    list_display = ("name", "kind", "language", "currency", "is_active", "brand")
    list_filter = (BrandFilter, "kind", "is_active")
    list_select_related = ("brand",)
    search_fields = ("name",)
    fields = (("brand", "kind"), ("name", "shop_url"), ("language", "currency"), ("price_factor", "price_plus"),
              ("price_step", "rounding"), ("location", "share", "buffer"), "is_active")  # fmt: skip
    readonly_fields = ("is_active",)
    inlines = (CredentialInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """An account stays on its marketplace."""
        return (*super().get_readonly_fields(request, obj), *(("kind",) if obj is not None else ()))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Its history stays: it is retired on its page."""
        return False

    def write(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        said = {name: form.cleaned_data[name] for name in OWN if name in form.cleaned_data}
        if change:
            update_channel(channel=obj, **said)
        else:
            obj.pk = create_channel(brand=obj.brand, kind=obj.kind, **said).pk

    def view_on_site(self, obj: Any) -> str:
        return reverse("channels:channel", args=[obj.brand.slug, obj.pk])


class ListingVariantInline(BrandScopedInline):
    model = ListingVariant
    can_add = can_delete = False
    fields = ("variant", "price", "external_id")
    readonly_fields = fields


@admin.register(ChannelListing)
class ListingAdmin(ByChannel, ReadOnlyAdmin):
    """Looked at; its page and the API change it."""

    list_display = ("product", "channel", "status", "external_id", "exported_at", "stale_since")
    list_filter = (BrandFilter, "status", "channel__kind")
    list_select_related = ("product", "channel__brand")
    search_fields = ("product__style_number", "product__name_ko", "product__name_en", "external_id")
    fields = (("channel", "product"), ("status", "problem"), "title", "description", ("price", "compare_at"),
              ("target_category", "external_id"), "attributes", ("exported_at", "stale_since"))  # fmt: skip
    inlines = (ListingVariantInline,)


class ExportFindingInline(BrandScopedInline):
    model = ExportFinding
    can_add = can_delete = False
    fields = ("listing", "level", "code", "field", "sku", "message")
    readonly_fields = fields
    per_page = 50


@admin.register(Export)
class ExportAdmin(ByChannel, ReadOnlyAdmin):
    list_display = ("__str__", "channel", "what", "state", "listings_count", "left_out", "created_by", "created_at")
    list_filter = (BrandFilter, "what", "state")
    list_select_related = ("channel__brand", "created_by")
    search_fields = ("file_name", "sha256")
    fields = (("channel", "what", "state"), ("file_name", "size", "sha256"), ("template", "only_changes"),
              ("listings_count", "lines_count"), ("left_out", "unchanged", "warned"), "problem",
              ("created_by", "created_at", "confirmed_by"))  # fmt: skip
    inlines = (ExportFindingInline,)


class ChannelOrderLineInline(BrandScopedInline):
    model = ChannelOrderLine
    can_add = can_delete = False
    fields = ("number", "sku", "title", "options", "quantity", "unit_price", "variant")
    readonly_fields = fields


@admin.register(ChannelOrder)
class ChannelOrderAdmin(ByChannel, ReadOnlyAdmin):
    list_display = ("number", "channel", "state", "customer_name", "placed_at", "order", "problem")
    list_filter = (BrandFilter, "state", "channel__kind")
    list_select_related = ("channel__brand", "order")
    search_fields = ("number", "customer_name")
    fields = (("channel", "number", "state"), ("order", "is_paid"), ("customer_name", "placed_at"), "problem",
              "contradiction")  # fmt: skip
    inlines = (ChannelOrderLineInline,)


class MatchAdmin(ByChannel, ReadOnlyAdmin):
    """What is matched is changed where it is used, on the channel's page, and can be forgotten there."""

    list_filter: Any = (BrandFilter, "channel__kind")


@admin.register(CategoryMatch)
class CategoryMatchAdmin(MatchAdmin):
    list_display = ("category", "gender", "target", "channel")
    list_select_related = ("category", "channel__brand")
    search_fields = ("target",)
    fields = ("channel", "category", "gender", "target")


@admin.register(AttributeMatch)
class AttributeMatchAdmin(MatchAdmin):
    list_display = ("kind", "ours", "theirs", "channel")
    list_select_related = ("channel__brand",)
    search_fields = ("ours", "theirs")
    fields = ("channel", "kind", "ours", "theirs")


@admin.register(SkuMatch)
class SkuMatchAdmin(MatchAdmin):
    list_display = ("sku", "variant", "channel", "created_by")
    list_select_related = ("variant", "channel__brand", "created_by")
    search_fields = ("sku", "variant__sku")
    fields = ("channel", "sku", "variant", "created_by")


@admin.register(DescriptionTemplate)
class DescriptionTemplateAdmin(BrandScopedAdmin):
    list_display = ("language", "brand", "updated_at")
    list_filter = (BrandFilter, "language")
    list_select_related = ("brand",)
    fields = ("brand", "language", "body")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*super().get_readonly_fields(request, obj), *(("language",) if obj is not None else ()))

    def write(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.pk = save_description(brand=obj.brand, language=obj.language, body=obj.body).pk

    def remove(self, request: HttpRequest, obj: Any) -> None:
        forget_description(brand=obj.brand, language=obj.language)
