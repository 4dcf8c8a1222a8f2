"""Stock in the admin: locations are arranged here, the ledger is only looked at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from catalog.admin_base import BrandFilter, BrandScopedAdmin, ReadOnlyAdmin
from catalog.models import Variant
from erp.inventory.models import (
    Balance,
    CostEntry,
    DaySeal,
    LedgerCheck,
    Location,
    PeriodClose,
    Posting,
    Reservation,
    StockMovement,
)
from erp.inventory.querysets import of_reference
from erp.inventory.services.places import create_location, update_location

INTERNAL = [(kind.value, kind.label) for kind in Location.INTERNAL_KINDS]


@admin.register(Location)
class LocationAdmin(BrandScopedAdmin):
    """Warehouses, shops and places for defective goods. The virtual ones come with the brand."""

    fields = ("brand", "code", "kind", "name_ko", "name_en", "position", "is_active")
    list_display = ("code", "name_ko", "name_en", "kind", "brand", "is_active", "position")
    list_filter = (BrandFilter, "kind", "is_active")
    list_select_related = ("brand",)
    search_fields = ("code", "name_ko", "name_en")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What a place is for does not change: its movements mean what they meant."""
        fixed = ("kind",) if obj is not None else ()
        return (*super().get_readonly_fields(request, obj), *fixed)

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "kind":
            kwargs["choices"] = INTERNAL
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The virtual ones are looked at only: Jangbu keeps them itself."""
        return (obj is None or obj.is_internal) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Places are closed: their history stays."""
        return False

    def write(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            update_location(location=obj, **{name: form.cleaned_data[name] for name in form.changed_data})
            return
        obj.pk = create_location(**form.cleaned_data).pk
        obj.refresh_from_db()


class LedgerAdmin(ReadOnlyAdmin):
    """Pages without counting a million rows first; a search is for one exact SKU, barcode or reference."""

    paginator = InfinitePaginator
    search_fields = ("pk",)
    search_help_text = _("A whole SKU, barcode or reference")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        term = search_term.strip()
        return (queryset.filter(self.matching(term)) if term else queryset), False

    def matching(self, term: str) -> Q:
        return Q(variant__in=Variant.objects.of_code(term).values("pk"))


@admin.register(Posting)
class PostingAdmin(LedgerAdmin):
    list_display = ("__str__", "brand", "actor", "reference", "note", "occurred_at", "recorded_at")
    list_filter = (BrandFilter, "kind")
    list_select_related = ("brand", "actor")
    fields = (("brand", "kind"), ("reference", "note"), ("actor", "occurred_at", "recorded_at"), "idempotency_key")

    def matching(self, term: str) -> Q:
        return of_reference(term)

    def view_on_site(self, obj: Any) -> str:
        return reverse("inventory:posting", args=[obj.brand.slug, obj.public_id])


@admin.register(StockMovement)
class StockMovementAdmin(LedgerAdmin):
    list_display = ("recorded_at", "kind", "variant", "quantity", "source", "destination", "actor", "reference", "note")
    list_filter = (BrandFilter, "kind")
    list_select_related = ("variant", "source", "destination", "actor")
    fields = (
        ("brand", "posting", "kind"),
        ("variant", "quantity"),
        ("source", "source_balance"),
        ("destination", "destination_balance"),
        ("reference", "note"),
        ("actor", "occurred_at", "recorded_at"),
        "reverses",
    )

    def matching(self, term: str) -> Q:
        return super().matching(term) | of_reference(term)


@admin.register(Balance)
class BalanceAdmin(LedgerAdmin):
    brand_path = "location__brand"
    list_display = ("variant", "location", "brand", "on_hand", "reserved", "free")
    list_filter = (BrandFilter,)
    list_select_related = ("variant", "location__brand")
    search_help_text = _("A whole SKU or barcode")
    ordering = ("pk",)
    fields = ("variant", "location", ("on_hand", "reserved"))

    @display(description=_("Brand"))
    def brand(self, balance: Balance) -> str:
        return balance.location.brand.name

    @display(description=_("Available"))
    def free(self, balance: Balance) -> int:
        return balance.available


@admin.register(Reservation)
class ReservationAdmin(LedgerAdmin):
    list_display = ("variant", "location", "reference", "quantity", "shipped", "released", "expires_at", "created_at")
    list_filter = (BrandFilter, ("closed_at", admin.EmptyFieldListFilter))
    list_select_related = ("variant", "location")
    fields = (
        ("brand", "variant", "location"),
        ("quantity", "shipped", "released"),
        ("reference", "expires_at"),
        ("actor", "created_at", "closed_at"),
        ("idempotency_key", "line"),
    )

    def matching(self, term: str) -> Q:
        return super().matching(term) | of_reference(term)


@admin.register(CostEntry)
class CostEntryAdmin(LedgerAdmin):
    list_display = (
        "recorded_at",
        "variant",
        "on_hand_before",
        "average_before",
        "quantity",
        "unit_cost",
        "average_after",
    )
    list_filter = (BrandFilter,)
    list_select_related = ("variant",)
    search_help_text = _("A whole SKU or barcode")
    fields = (
        ("brand", "variant", "movement"),
        ("on_hand_before", "average_before"),
        ("quantity", "unit_cost"),
        ("average_after", "recorded_at"),
    )


@admin.register(LedgerCheck)
class LedgerCheckAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "requested_by", "started_at", "finished_at", "found")
    list_filter = (BrandFilter,)
    list_select_related = ("brand", "requested_by")
    fields = (("brand", "requested_by"), ("started_at", "finished_at"), "differences")

    @display(description=_("Differences"))
    def found(self, check: LedgerCheck) -> int:
        return len(check.differences)


@admin.register(DaySeal)
class DaySealAdmin(ReadOnlyAdmin):
    list_display = ("day", "brand", "movements", "hash", "sealed_at")
    list_filter = (BrandFilter,)
    list_select_related = ("brand",)
    fields = (("brand", "day"), ("starts_at", "ends_at"), "movements", "hash", "previous", "sealed_at")


@admin.register(PeriodClose)
class PeriodCloseAdmin(ReadOnlyAdmin):
    """Periods are closed on a page of their own; here is who closed and opened what."""

    list_display = ("through", "brand", "actor", "reason", "recorded_at")
    list_filter = (BrandFilter,)
    list_select_related = ("brand", "actor")
    fields = (("brand", "through"), "reason", ("actor", "recorded_at"))
