"""Products: search, create, describe, put on sale, and the grid of their variants."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import Right
from catalog.api.base import BrandViewSet, named_brand
from catalog.api.filters import ProductFilter
from catalog.api.serializers import (
    GridSerializer,
    NewProductSerializer,
    ProductEntrySerializer,
    ProductSerializer,
    VariantSerializer,
)
from catalog.models import Product, Size, SizeRun, Variant
from catalog.services import (
    activate_product,
    archive_product,
    create_product,
    set_product_colours,
    set_size_table,
    set_variants,
    update_product,
)
from erp.core.errors import DomainError, Problem
from erp.core.models import User

NEW_SHIRT = {
    "brand": "haneul",
    "name_ko": "옥스퍼드 셔츠",
    "name_en": "Oxford shirt",
    "category": "shirt",
    "pattern": "solid",
    "size_run": "alpha",
    "material": "cotton 100%",
    "price": "39000",
    "colours": [{"colour": "navy", "hex": "#1e2744"}, {"colour": "white"}],
    "size_table": {"S": {"length": "68", "chest": "52.5"}, "M": {"length": "70", "chest": "55"}},
}
PARTS = ("colours", "size_table")
GRID = {"colours": ["navy", "white"], "size_run": "alpha", "sizes": ["S", "M", "L"]}


def complete_products(queryset: Any) -> Any:
    """Products with all that `ProductSerializer` shows, in a constant number of queries."""
    related = queryset.select_related("brand", "category", "pattern", "size_run")
    return related.prefetch_related("product_colours__colour", "measurements__size", "images")


@extend_schema(tags=["products"])
@extend_schema_view(
    list=extend_schema(summary="List and search products"),
    retrieve=extend_schema(summary="One product"),
)
class ProductsViewSet(ListModelMixin, RetrieveModelMixin, BrandViewSet):
    """Designs of the brands the person sees."""

    scope = "catalog"
    queryset = complete_products(Product.objects.all())
    serializer_class = ProductSerializer
    filterset_class = ProductFilter
    orderings = {"style_number": "style_number"}
    synced_by = "updated_at"

    def _answer(self, product: Product, status: int = 200) -> Response:
        """The product as it is now, read anew."""
        return Response(self.get_serializer(self.get_queryset().get(pk=product.pk)).data, status=status)

    @extend_schema(
        summary="Create a draft",
        request=NewProductSerializer,
        responses={201: ProductSerializer},
        examples=[OpenApiExample("A shirt", value=NEW_SHIRT, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        brand = named_brand(request, Right.WORK)
        entered = NewProductSerializer(data=request.data, context={"brand": brand})
        entered.is_valid(raise_exception=True)
        fields, parts = without_parts(entered.validated_data)
        with transaction.atomic():
            product = create_product(brand=brand, actor=self.actor, **fields)
            set_parts(product, self.actor, **parts)
        return self._answer(product, status=201)

    @extend_schema(summary="Change details", request=ProductEntrySerializer, responses=ProductSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        product = self.get_object()
        context = {"brand": product.brand}
        entered = ProductEntrySerializer(product, data=request.data, partial=True, context=context)
        entered.is_valid(raise_exception=True)
        fields, parts = without_parts(entered.validated_data)
        with transaction.atomic():
            update_product(product=product, actor=self.actor, **fields)
            set_parts(product, self.actor, **parts)
        return self._answer(product)

    @extend_schema(
        summary="Put on sale",
        description="Needs a name, a category and a variant; what is missing is named all at once.",
        request=None,
        responses=ProductSerializer,
    )
    @action(detail=True, methods=["post"])
    def activate(self, request: Request, pk: int) -> Response:
        return self._answer(activate_product(product=self.get_object(), actor=self.actor))

    @extend_schema(
        summary="Take out of the lists",
        description="Its stock and its history stay. It can be activated again.",
        request=None,
        responses=ProductSerializer,
    )
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: int) -> Response:
        return self._answer(archive_product(product=self.get_object(), actor=self.actor))

    @extend_schema(summary="Variants of a product", responses=VariantSerializer(many=True), filters=False)
    @action(
        detail=True,
        methods=["get"],
        filterset_class=None,
        serializer_class=VariantSerializer,
        orderings={"sku": "sku"},
    )
    def variants(self, request: Request, pk: int) -> Response:
        rows = self.get_object().variants.select_related("brand", "product", "colour", "size")
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        summary="Set the colour x size grid",
        description=(
            "Exactly these cells are for sale afterwards: missing ones are created with SKU and barcode, "
            "others are retired (`is_active: false`), never deleted. Answers the variants for sale."
        ),
        request=GridSerializer,
        responses=VariantSerializer(many=True),
        examples=[OpenApiExample("Six variants", value=GRID, request_only=True)],
    )
    @variants.mapping.put
    def set_grid(self, request: Request, pk: int) -> Response:
        product = self.get_object()
        entered = GridSerializer(data=request.data, context={"brand": product.brand})
        entered.is_valid(raise_exception=True)
        run = entered.validated_data.get("size_run") or product.size_run or _usual_run(product)
        sizes = _sizes_of(run, entered.validated_data["sizes"])
        found = set_variants(product=product, colours=entered.validated_data["colours"], sizes=sizes)
        rows = Variant.objects.select_related("brand", "product", "colour", "size").in_bulk([v.pk for v in found])
        data = VariantSerializer([rows[variant.pk] for variant in found], many=True).data
        return Response({"next": None, "previous": None, "results": data})


def without_parts(entered: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A product's own columns, and what is kept in rows of their own."""
    fields = {name: value for name, value in entered.items() if name not in ("brand", *PARTS)}
    return fields, {name: entered[name] for name in PARTS if name in entered}


def set_parts(product: Product, actor: User, *, colours: Any = None, size_table: Any = None) -> None:
    """Each as a whole; what is not given stays."""
    if colours is not None:
        set_product_colours(product=product, colours=[(entry["colour"], entry["hex"]) for entry in colours])
    if size_table is not None:
        set_size_table(product=product, actor=actor, table=size_table)


def _usual_run(product: Product) -> SizeRun | None:
    return product.category.size_run if product.category else None


def _sizes_of(run: SizeRun | None, codes: Sequence[str]) -> list[Size]:
    """The sizes of a run by their codes; each unknown one is named."""
    if run is None:
        problem = Problem("required", _("Say which size run the sizes are of."), field="size_run")
        raise DomainError("invalid", _("Some of the entries need mending."), [problem])
    known = {size.code: size for size in run.sizes.all()}
    problems = [
        Problem("does_not_exist", _("The size run %(run)s has no size “%(size)s”.") % {"run": run.slug, "size": code},
                field="sizes", line=line)
        for line, code in enumerate(codes, start=1)
        if code not in known
    ]  # fmt: skip
    if problems:
        raise DomainError("invalid", _("Some of the entries need mending."), problems)
    return [known[code] for code in codes]
