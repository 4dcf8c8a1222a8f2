"""Partners in the admin, and their accounts to look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from catalog.admin_base import BrandFilter, BrandScopedAdmin, BrandScopedInline, ReadOnlyAdmin
from erp.trade.models import AccountEntry, DeliverTo, Partner
from erp.trade.services.partners import FIELDS, create_partner, update_partner


class DeliverToInline(BrandScopedInline):
    model = DeliverTo
    can_delete = False
    fields = ("name", "phone", "address", "is_active")


@admin.register(Partner)
class PartnerAdmin(BrandScopedAdmin):
    list_display = ("name", "kind", "brand", "is_buyer", "is_supplier", "owed", "phone", "is_active")
    list_filter = (BrandFilter, "kind", "is_buyer", "is_supplier", "is_active")
    list_select_related = ("brand", "account")
    search_fields = ("name", "phone", "business_number")
    fields = (
        "brand", ("name", "kind"), ("is_buyer", "is_supplier"), ("phone", "business_number"), "address",
        "credit_limit", "note", "is_active",
    )  # fmt: skip
    inlines = (DeliverToInline,)

    @display(description=_("Owes"))
    def owed(self, partner: Partner) -> Any:
        return partner.account.balance if hasattr(partner, "account") else 0

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Partners are taken out of use: their papers stay."""
        return False

    def view_on_site(self, obj: Any) -> str:
        return reverse("trade:partner", args=[obj.brand.slug, obj.pk])

    def write(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        given = {name: value for name, value in form.cleaned_data.items() if name in FIELDS}
        if change:
            update_partner(partner=obj, **{name: given[name] for name in form.changed_data})
            return
        obj.pk = create_partner(brand=form.cleaned_data["brand"], **given).pk
        obj.refresh_from_db()


@admin.register(AccountEntry)
class AccountEntryAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "partner", "brand", "amount", "balance_after", "method", "occurred_on", "actor")
    list_filter = (BrandFilter, "kind", "method")
    list_select_related = ("brand", "partner", "actor")
    search_fields = ("partner__name", "note")
    fields = (("brand", "partner"), ("kind", "method"), ("amount", "balance_after"), ("slip", "reverses"), "note",
              ("actor", "occurred_on", "recorded_at"), "idempotency_key")  # fmt: skip
