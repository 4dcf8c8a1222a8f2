"""Brands and their people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from catalog.admin_base import BrandFilter, BrandScopedAdmin, BrandScopedInline, person
from catalog.models import Brand, Membership
from catalog.services import change_member, create_brand, invite_member, remove_member, update_brand


class MembershipInline(BrandScopedInline):
    """Roles change and people leave here; they are invited on the page of memberships."""

    model = Membership
    fields = ("user", "role")
    readonly_fields = ("user",)
    can_add = False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("user")


@admin.register(Brand)
class BrandAdmin(BrandScopedAdmin):
    brand_path = ""
    list_display = ("name_ko", "name_en", "slug", "currency", "time_zone")
    search_fields = ("slug", "name_ko", "name_en")
    inlines = (MembershipInline,)
    fieldsets = (
        (None, {"fields": (("name_ko", "name_en"), "slug")}),
        (_("Trade"), {"fields": (("currency", "time_zone"), "day_ends_at", "sku_scheme", "low_stock_at")}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_superuser", False))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request)

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else ()

    def write(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Whoever makes a brand owns it, until they make somebody else its owner."""
        if change:
            given = {name: form.cleaned_data[name] for name in form.changed_data}
            update_brand(brand=obj, actor=person(request), **given)
            return
        obj.pk = create_brand(owner=person(request), **form.cleaned_data).pk
        obj.refresh_from_db()

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        for row in formset.initial_forms:
            if row in formset.deleted_forms:
                remove_member(membership=row.instance)
                formset.deleted_objects.append(row.instance)
            elif row.has_changed():
                change_member(membership=row.instance, role=row.cleaned_data["role"])
                formset.changed_objects.append((row.instance, row.changed_data))


class InvitationForm(forms.ModelForm):
    """Somebody is invited by user name: a list to choose from would show every brand's people to each other."""

    username = forms.CharField(label=_("User name"), max_length=150, widget=UnfoldAdminTextInputWidget)
    password = forms.CharField(
        label=_("First password"),
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=_("Only for somebody without an account: it is made with this password. Otherwise leave it blank."),
    )

    class Meta:
        model = Membership
        fields = ("brand", "role")


@admin.register(Membership)
class MembershipAdmin(BrandScopedAdmin):
    list_display = ("user", "brand", "role", "created_at")
    list_filter = (BrandFilter, "role")
    list_select_related = ("user", "brand")
    search_fields = ("user__username",)
    readonly_fields = ("user",)
    fields = ("brand", "user", "role")
    add_fieldsets = ((None, {"fields": ("brand", "username", "role", "password")}),)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = InvitationForm
        return super().get_form(request, obj, change, **kwargs)

    def write(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            obj.role = form.initial["role"]
            change_member(membership=obj, role=form.cleaned_data["role"])
            return
        obj.pk = invite_member(**form.cleaned_data).pk
        obj.refresh_from_db()

    def remove(self, request: HttpRequest, obj: Any) -> None:
        remove_member(membership=obj)
