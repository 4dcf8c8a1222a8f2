"""What a history can be narrowed by: the same on the page, in the API and in exports."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_filters as filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.access import visible_brands
from catalog.filters import BusinessDays, DayFilter
from catalog.models import Variant
from erp.core.filters import IdFilter
from erp.core.models import User
from erp.inventory.models import Location, MovementKind, Posting, StockMovement
from erp.inventory.querysets import MovementQuerySet, of_reference


class OfVariant(filters.FilterSet):
    """Narrows rows with a `variant` by it, by its product, or by its SKU."""

    product = IdFilter(field_name="variant__product_id", label="The id of a product.")
    variant = IdFilter(field_name="variant_id", label="The id of a variant.")
    sku = filters.CharFilter(field_name="variant__sku")


class MovementFilter(BusinessDays, filters.FilterSet):
    """Narrows movements that are scoped already. Names, codes and SKUs are resolved to ids first, so that the database
    knows how many rows to expect.
    """

    brand = filters.ModelChoiceFilter(label=_("Brand"), to_field_name="slug", queryset=visible_brands)
    product = IdFilter(label=_("Product"), method="of_product")
    variant = IdFilter(label=_("Variant"), field_name="variant_id")
    sku = filters.CharFilter(label=_("SKU or barcode"), method="of_code", strip=True)
    location = filters.CharFilter(label=_("Location"), method="at_location", strip=True)
    kind = filters.MultipleChoiceFilter(label=_("Kind"), choices=MovementKind.choices, distinct=False)
    actor = filters.CharFilter(label=_("By"), method="by_actor", strip=True)
    since = DayFilter(label=_("From day"), method="in_period")
    until = DayFilter(label=_("To day"), method="in_period")
    reference = filters.CharFilter(label=_("Reference"), method="of_reference", strip=True)
    posting = filters.UUIDFilter(label=_("Posting"), method="of_posting")

    class Meta:
        model = StockMovement
        fields: list[str] = []

    def of_product(self, queryset: MovementQuerySet, name: str, product: Any) -> MovementQuerySet:
        variants = Variant.objects.filter(product_id=product).values_list("pk", flat=True)
        return queryset.of_variants(list(variants))

    def of_code(self, queryset: MovementQuerySet, name: str, code: str) -> MovementQuerySet:
        found = self._own(Variant.objects.of_code(code)).values_list("pk", flat=True)
        return queryset.of_variants(list(found))

    def at_location(self, queryset: MovementQuerySet, name: str, code: str) -> MovementQuerySet:
        locations = list(self._own(Location.objects.all()).filter(code=code).values_list("pk", flat=True))
        return queryset.at(*locations).seen_from(locations) if locations else queryset.none()

    def by_actor(self, queryset: MovementQuerySet, name: str, username: str) -> MovementQuerySet:
        actor = User.objects.filter(username=username).values_list("pk", flat=True).first()
        return queryset.filter(actor_id=actor) if actor else queryset.none()

    def in_period(self, queryset: MovementQuerySet, name: str, day: date) -> MovementQuerySet:
        """Both days make one period; the later of the two names applies it."""
        days = self.form.cleaned_data
        if name == "since" and days.get("until"):
            return queryset
        return queryset.during(*self.period(), self.asked_brand())

    def of_reference(self, queryset: MovementQuerySet, name: str, reference: str) -> MovementQuerySet:
        """Of a posting or of single lines of it."""
        postings = self._own(Posting.objects.all()).filter(of_reference(reference)).values_list("pk", flat=True)
        return queryset.filter(Q(posting_id__in=list(postings[:1000])) | of_reference(reference))

    def of_posting(self, queryset: MovementQuerySet, name: str, public_id: Any) -> MovementQuerySet:
        posting = Posting.objects.filter(public_id=public_id).values_list("pk", flat=True).first()
        return queryset.filter(posting_id=posting) if posting else queryset.none()

    def _own(self, queryset: Any) -> Any:
        """Only of the brand that is asked about, else of those the person sees."""
        brand = self.asked_brand()
        if brand:
            return queryset.of(brand)
        return queryset.visible_to(self.request.user) if self.request else queryset
