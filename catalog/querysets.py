"""The one helper that scopes every query by brand, and the filters of the product lists."""

from __future__ import annotations

from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q


def scoped(queryset: Any, user: Any, path: str) -> Any:
    """The rows whose brand, reached by the lookup `path`, the person may see. Every query of a user passes here."""
    if not user.is_authenticated or not user.is_active:
        return queryset.none()
    if user.only_brand is not None:
        queryset = queryset.filter(**{path: user.only_brand})
    if user.is_superuser or user.is_auditor:
        return queryset
    return queryset.filter(**{f"{path}__in": user.memberships.values("brand_id")})


class BrandQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """The brands a person may see: those of their memberships; every brand for auditors and superusers."""
        return scoped(self, user, "pk")


class BrandScopedQuerySet(models.QuerySet):
    """For every model that belongs to a brand; `brand_path` is the lookup that leads to it."""

    brand_path = "brand"

    def visible_to(self, user: Any) -> Self:
        return scoped(self, user, self.brand_path)

    def of(self, brand: Any) -> Self:
        return self.filter(**{self.brand_path: brand})


class ThroughProductQuerySet(BrandScopedQuerySet):
    brand_path = "product__brand"


class VariantQuerySet(BrandScopedQuerySet):
    def of_code(self, code: str) -> Self:
        """Variants with this SKU (in any case) or this barcode; a UPC of twelve digits is read as the EAN-13 it is.

        Two subqueries: for an OR, SQLite would read every variant of the brand.
        """
        barcodes = [code, f"0{code}"] if len(code) == 12 and code.isdecimal() else [code]
        every = self.model._default_manager.order_by().values("pk")
        return self.filter(pk__in=every.filter(sku=code).union(every.filter(barcode__in=barcodes)))


class VocabularyQuerySet(models.QuerySet):
    """Taxonomy rows of the platform (brand is null) and those a brand added itself."""

    def usable_by(self, brand: Any) -> Self:
        return self.filter(Q(brand=None) | Q(brand=brand))

    def visible_to(self, user: Any) -> Self:
        """The platform's rows, and those of the brands the person sees."""
        own = scoped(self.model._default_manager.all(), user, "brand")
        return self.filter(Q(brand=None) | Q(pk__in=own.values("pk")))


class ChangeQuerySet(BrandScopedQuerySet):
    """Recorded changes. Those of memberships and the like are for owners and auditors."""

    def visible_to(self, user: Any) -> Self:
        seen = super().visible_to(user)
        if not user.is_authenticated or user.is_superuser or user.is_auditor:
            return seen
        owned = user.memberships.filter(role="owner").values("brand_id")
        return seen.filter(Q(is_private=False) | Q(brand__in=owned))

    def about(self, *topics: str) -> Self:
        """Of everything that is seen on the page of these things, each given as `name:pk`."""
        return self.filter(topic__in=topics)


# Each word is a condition of its own; a pasted page of them would be more than SQLite parses.
MOST_WORDS = 20


class ProductQuerySet(BrandScopedQuerySet):
    def search(self, text: str) -> Self:
        """Products whose style number, names, SKU or barcode contain each word."""
        found = self
        variants = apps.get_model("catalog", "Variant").objects.filter(product=OuterRef("pk"))
        for word in text.split()[:MOST_WORDS]:
            found = found.filter(
                Q(style_number__icontains=word)
                | Q(name_ko__icontains=word)
                | Q(name_en__icontains=word)
                | Exists(variants.filter(Q(sku__icontains=word) | Q(barcode=word)))
            )
        return found

    def drafts(self) -> Self:
        return self.filter(status="draft")

    def active(self) -> Self:
        return self.filter(status="active")


class AccessTokenQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """A person's own tokens; through a token that is limited to a brand, those limited to the same one."""
        own = self.filter(user=user.pk)
        return own if user.only_brand is None else own.filter(brand=user.only_brand)
