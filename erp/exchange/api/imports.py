"""Imports over the API: send a file, say what its columns mean, read the verdict on every row, apply."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django_filters import ChoiceFilter, FilterSet
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import Right, visible_brands
from catalog.api.base import BrandViewSet, named_brand
from catalog.models import Brand
from catalog.services.saving import refuse
from erp.core.api.views import AnyAccept
from erp.core.filters import MadeBetween
from erp.exchange import services
from erp.exchange.api.serializers import (
    ImportApplySerializer,
    ImportColumnsSerializer,
    ImportReadingSerializer,
    ImportRowSerializer,
    ImportSerializer,
    ImportUploadSerializer,
)
from erp.exchange.models import ImportJob, ImportRow
from erp.exchange.products.downloads import XLSX, products_csv, products_xlsx
from erp.exchange.products.showing import Reader
from erp.inventory.models import Location

EXAMPLE = {"columns": {"style_number": 0, "name_ko": 1, "colour": 4, "size": 5, "stock": 7}, "location": "MAIN"}
complete = ImportJob.objects.select_related("brand", "created_by", "location")


class ImportFilter(MadeBetween):
    brand = filters.ModelChoiceFilter(to_field_name="slug", queryset=visible_brands)

    class Meta:
        model = ImportJob
        fields = ["brand", "state"]


@extend_schema(tags=["imports"])
@extend_schema_view(
    list=extend_schema(summary="Imports", description="Newest first."),
    retrieve=extend_schema(summary="One import", description="Poll it while `state` is `checking` or `applying`."),
)
class ImportsViewSet(ListModelMixin, RetrieveModelMixin, BrandViewSet):
    """Files of products, variants and stock."""

    scope = "catalog"
    queryset = complete
    serializer_class = ImportSerializer
    filterset_class = ImportFilter
    lookup_field = "public_id"
    lookup_value_converter = "uuid"

    @extend_schema(
        operation_id="imports_upload",
        summary="Send a file",
        description=(
            "CSV, TSV or XLSX as the form field `file`. Encoding and delimiter are found out, and `columns` holds what "
            "the headings probably mean. Nothing changes until it is applied. What is no table is refused with a code "
            "`file_*`."
        ),
        request={"multipart/form-data": ImportUploadSerializer},
        responses={201: ImportSerializer},
    )
    def create(self, request: Request) -> Response:
        brand = named_brand(request, Right.WORK)
        entered = ImportUploadSerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        file = entered.validated_data["file"]
        job = services.create_import(brand=brand, actor=self.actor, data=file.read(), filename=file.name)
        return self._answer(job, 201)

    @extend_schema(
        summary="Read the file otherwise",
        description="In another encoding, or split at another sign; the columns are guessed anew.",
        request=ImportReadingSerializer,
        responses=ImportSerializer,
    )
    @action(detail=True, methods=["put"])
    def reading(self, request: Request, public_id: Any) -> Response:
        job = self.get_object()
        entered = ImportReadingSerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        return self._answer(services.read_again(job=job, actor=self.actor, **entered.validated_data))

    @extend_schema(
        operation_id="imports_check",
        summary="Say what the columns mean, and check every row",
        description="Starts the dry run. The columns are remembered for the brand's next file with these headings.",
        request=ImportColumnsSerializer,
        responses=ImportSerializer,
        examples=[OpenApiExample("Columns", value=EXAMPLE, request_only=True)],
    )
    @action(detail=True, methods=["put"])
    def columns(self, request: Request, public_id: Any) -> Response:
        job = self.get_object()
        entered = ImportColumnsSerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        code = entered.validated_data.get("location", "")
        place = Location.objects.of(job.brand).internal().filter(code=code).first() if code else None
        if code and place is None:
            message = _("There is no location “%(code)s” in this brand.")
            raise refuse("unknown_location", message % {"code": code}, "location")
        columns = entered.validated_data["columns"]
        return self._answer(services.check_import(job=job, actor=self.actor, columns=columns, location=place))

    @extend_schema(
        summary="Apply a checked import",
        description=(
            "In the background, in chunks that are done once each: the id of the import is its idempotency key, and a "
            "repetition answers the import as it is. Refused while rows have errors, unless `only_good`."
        ),
        request=ImportApplySerializer,
        responses=ImportSerializer,
    )
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, public_id: Any) -> Response:
        job = self.get_object()
        entered = ImportApplySerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        return self._answer(services.apply_import(job=job, actor=self.actor, **entered.validated_data))

    @extend_schema(
        summary="Stop an import",
        description="Rows that are applied stay applied.",
        request=None,
        responses=ImportSerializer,
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, public_id: Any) -> Response:
        return self._answer(services.cancel_import(job=self.get_object(), actor=self.actor))

    def _answer(self, job: ImportJob, status: int = 200) -> Response:
        return Response(self.get_serializer(complete.get(pk=job.pk)).data, status=status)


class RowFilter(FilterSet):
    fate = ChoiceFilter(choices=ImportRow.Fate.choices)

    class Meta:
        model = ImportRow
        fields = ("fate",)


@extend_schema(tags=["imports"])
class ImportRowsViewSet(BrandViewSet):
    """The rows of one import."""

    scope = "catalog"
    queryset = complete
    serializer_class = ImportRowSerializer
    filterset_class = RowFilter
    lookup_field = "public_id"
    page_ordering = ("number",)

    @extend_schema(
        operation_id="imports_rows",
        summary="The rows of an import",
        description="Each with what becomes of it: what changes, before and after, or what is wrong and its mend.",
        parameters=[OpenApiParameter("fate", enum=ImportRow.Fate.values)],
        responses=ImportRowSerializer(many=True),
        filters=False,
    )
    def list(self, request: Request, public_id: Any) -> Response:
        job = get_object_or_404(self.get_queryset(), public_id=public_id)
        rows: QuerySet[ImportRow] = job.rows.all()
        found = RowFilter(request.query_params, queryset=rows)
        page = self.paginate_queryset(found.qs if found.is_valid() else rows.none())
        serializer = self.get_serializer(
            page, many=True, context={**self.get_serializer_context(), "reader": Reader(job)}
        )
        return self.get_paginated_response(serializer.data)


@extend_schema(tags=["products"])
class ProductExportsViewSet(BrandViewSet):
    """Products, variants and stock as a table that can be imported again."""

    scope = "catalog"
    queryset = Brand.objects.all()
    lookup_field = "slug"
    content_negotiation_class = AnyAccept
    pagination_class = None

    @extend_schema(
        operation_id="products_csv",
        summary="All products as CSV",
        parameters=[OpenApiParameter("encoding", enum=["utf-8", "cp949"])],
        responses={(200, "text/csv"): OpenApiTypes.BINARY},
    )
    def csv(self, request: Request, slug: str) -> HttpResponseBase:
        return products_csv(self.get_object(), encoding=request.query_params.get("encoding", ""))

    @extend_schema(
        operation_id="products_xlsx",
        summary="All products as a workbook",
        description="Of up to 20,000 variants; `too_many_rows` else.",
        responses={(200, XLSX): OpenApiTypes.BINARY},
    )
    def xlsx(self, request: Request, slug: str) -> HttpResponseBase:
        return products_xlsx(self.get_object())
