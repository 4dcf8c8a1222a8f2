"""Products with their colours, variants and photos."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from catalog.admin_base import BrandFilter, BrandScopedAdmin, BrandScopedInline, person
from catalog.models import Product, ProductColour, ProductImage, Variant
from catalog.services import (
    activate_product,
    archive_product,
    create_product,
    describe_image,
    order_images,
    remove_image,
    set_product_colours,
    update_product,
    update_variant,
)
from catalog.services.products import DETAILS
from catalog.templatetags.photos import tile_url
from erp.core.money import decimals_of
from erp.core.templatetags.jangbu import money

STATUS_LABELS = {"draft": "warning", "active": "success", "archived": "info"}


def picture(image: ProductImage | None, brand_slug: str, side: int = 48) -> str:
    """A small square picture; blank without a photo."""
    if image is None:
        return ""
    return format_html(
        '<img src="{}" alt="{}" loading="lazy" style="width:{}px;height:{}px;object-fit:cover;border-radius:6px">',
        tile_url(image, brand_slug),
        image.alt,
        side,
        side,
    )


class ProductForm(forms.ModelForm):
    class Meta:
        model = Product
        fields = ("brand", "style_number", *sorted(DETAILS))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        price = self.instance.price
        if price is not None:
            self.initial["price"] = round(price, decimals_of(self.instance.currency))


def changes(form: Any) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in form.changed_data}


class ColourInline(BrandScopedInline):
    model = ProductColour
    fields = ("colour", "hex", "position")
    autocomplete_fields = ("colour",)


class VariantInline(BrandScopedInline):
    """Cells are added and retired in the colour x size grid of the product's page."""

    model = Variant
    fields = ("colour", "size", "sku", "barcode", "is_active")
    readonly_fields = ("colour", "size")
    can_add = False
    can_delete = False
    per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("colour", "size")


class PhotoInline(BrandScopedInline):
    model = ProductImage
    fields = ("preview", "alt_ko", "alt_en", "position")
    readonly_fields = ("preview",)
    can_add = False

    @display(description=_("Photo"))
    def preview(self, image: ProductImage) -> str:
        return picture(image, image.product.brand.slug, 72)


@admin.register(Product)
class ProductAdmin(BrandScopedAdmin):
    form = ProductForm
    list_display = ("photo", "style_number", "name", "brand", "category", "state", "amount", "variant_count")
    list_display_links = ("photo", "style_number")
    list_filter = (BrandFilter, "status", "category", "pattern", "season", "gender")
    list_select_related = ("brand", "category")
    search_fields = ("style_number", "name_ko", "name_en")
    # The count of variants groups the rows, and a model's own order does not hold for groups.
    ordering = ("-pk",)
    inlines = (ColourInline, VariantInline, PhotoInline)
    actions = ("activate_selected", "archive_selected")
    actions_submit_line = ("activate", "archive")
    readonly_fields = ("status", "created_by", "created_at", "updated_at")
    fieldsets = (
        (None, {"fields": ("brand", ("style_number", "status"), ("name_ko", "name_en"))}),
        (_("Kind"), {"fields": (("category", "pattern"), ("season", "gender"), "size_run")}),
        (_("Details"), {"fields": (("price", "currency"), ("material", "care"))}),
        (_("Record"), {"fields": (("created_by", "created_at", "updated_at"),), "classes": ("collapse",)}),
    )
    add_fieldsets = fieldsets[:3]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        photos = Prefetch("images", ProductImage.objects.order_by("position", "pk"), to_attr="photos")
        for_sale = Count("variants", filter=Q(variants__is_active=True))
        return super().get_queryset(request).prefetch_related(photos).annotate(for_sale=for_sale)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return queryset.search(search_term), False

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else ()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if obj is None and "style_number" in form.base_fields:
            form.base_fields["style_number"].required = False
            form.base_fields["style_number"].help_text = _("Blank: the next number of the brand.")
        return form

    def get_actions_submit_line(self, request: HttpRequest, object_id: Any) -> Any:
        return super().get_actions_submit_line(request, object_id) if self.has_change_permission(request) else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Products are archived: their history stays."""
        return False

    def view_on_site(self, obj: Any) -> str:
        return reverse("catalog:edit", args=[obj.brand.slug, obj.pk])

    def write(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            update_product(product=obj, actor=person(request), **changes(form))
            return
        fields = dict(form.cleaned_data)
        number = fields.pop("style_number") or None
        obj.pk = create_product(actor=person(request), style_number=number, **fields).pk
        obj.refresh_from_db()

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        formset.new_objects, formset.deleted_objects = [], [row.instance for row in formset.deleted_forms]
        edited = [row for row in formset.initial_forms if row.has_changed() and row not in formset.deleted_forms]
        formset.changed_objects = [(row.instance, row.changed_data) for row in edited]
        if formset.model is Variant:
            # What goes on sale first: a product may swap its last variant for another one.
            for row in sorted(edited, key=lambda row: not row.instance.is_active):
                update_variant(variant=row.instance, actor=person(request), **changes(row))
        elif formset.model is ProductColour and formset.has_changed():
            write_colours(formset)
        elif formset.model is ProductImage and formset.has_changed():
            write_photos(formset, edited, person(request))

    @action(description=_("Save and put on sale"))
    def activate(self, request: HttpRequest, obj: Any) -> None:
        activate_product(product=obj, actor=person(request))

    @action(description=_("Save and archive"))
    def archive(self, request: HttpRequest, obj: Any) -> None:
        archive_product(product=obj, actor=person(request))

    @admin.action(description=_("Put on sale"), permissions=["change"])
    def activate_selected(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        for product in self.changeable(request, queryset):
            activate_product(product=product, actor=person(request))

    @admin.action(description=_("Archive"), permissions=["change"])
    def archive_selected(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        for product in self.changeable(request, queryset):
            archive_product(product=product, actor=person(request))

    def changeable(self, request: HttpRequest, queryset: QuerySet[Product]) -> list[Product]:
        """An action is offered when it is allowed in some brand; it is done in those only."""
        return [product for product in queryset if self.has_change_permission(request, product)]

    @display(description=_("Photo"))
    def photo(self, product: Any) -> str:
        return picture(product.photos[0] if product.photos else None, product.brand.slug)

    @display(description=_("Name"))
    def name(self, product: Product) -> str:
        return product.name

    @display(description=_("Status"), label=STATUS_LABELS, ordering="status")
    def state(self, product: Product) -> tuple[str, str]:
        return product.status, product.get_status_display()

    @display(description=_("Price"), ordering="price")
    def amount(self, product: Product) -> str:
        return money(product.price, product.currency)

    @display(description=_("Variants for sale"), ordering="for_sale")
    def variant_count(self, product: Any) -> int:
        return product.for_sale


def write_colours(formset: Any) -> None:
    rows = [row.cleaned_data for row in formset.forms if row not in formset.deleted_forms and row.cleaned_data]
    rows.sort(key=lambda row: row["position"] or 0)
    set_product_colours(product=formset.instance, colours=[(row["colour"], row["hex"]) for row in rows])


def write_photos(formset: Any, edited: list[Any], actor: Any) -> None:
    for row in formset.deleted_forms:
        remove_image(image=row.instance, actor=actor)
    for row in edited:
        texts = {name: value for name, value in changes(row).items() if name != "position"}
        describe_image(image=row.instance, actor=actor, **texts)
    kept = [row for row in formset.initial_forms if row not in formset.deleted_forms]
    kept.sort(key=lambda row: row.cleaned_data["position"])
    order_images(product=formset.instance, order=[row.instance.public_id for row in kept], actor=actor)


@admin.register(Variant)
class VariantAdmin(BrandScopedAdmin):
    list_display = ("sku", "barcode", "product", "colour", "size", "brand", "is_active")
    list_filter = (BrandFilter, "is_active")
    list_select_related = ("product", "colour", "size", "brand")
    search_fields = ("sku", "barcode", "product__style_number")
    fields = ("brand", "product", ("colour", "size"), "sku", "barcode", "is_active")
    readonly_fields = ("product", "colour", "size")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Made by the grid of a product."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def write(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        update_variant(variant=obj, actor=person(request), **changes(form))


@admin.register(ProductImage)
class ProductImageAdmin(BrandScopedAdmin):
    brand_path = "product__brand"
    list_display = ("preview", "product", "original_name", "content_type", "width", "height", "created_at")
    list_filter = (BrandFilter,)
    list_select_related = ("product__brand",)
    search_fields = ("product__style_number", "original_name")
    fields = ("preview", "product", "original_name", ("content_type", "width", "height"), ("alt_ko", "alt_en"))
    readonly_fields = ("preview", "product", "original_name", "content_type", "width", "height")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Photos are added on the product's pages."""
        return False

    def write(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        describe_image(image=obj, actor=person(request), **changes(form))

    def remove(self, request: HttpRequest, obj: Any) -> None:
        remove_image(image=obj, actor=person(request))

    @display(description=_("Photo"))
    def preview(self, image: ProductImage) -> str:
        return picture(image, image.product.brand.slug, 72)
