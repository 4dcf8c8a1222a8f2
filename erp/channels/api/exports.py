"""Exports over the API: started, followed, looked at line by line, taken as files."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import Right, visible_brands
from catalog.api.base import BrandViewSet
from catalog.api.fields import shown_by
from catalog.services.saving import refuse
from erp.channels.api.named import ChannelNameSerializer, named_channel
from erp.channels.models import Export, ExportFinding, ExportLine
from erp.channels.services import exports
from erp.channels.services.pictures import public_origin
from erp.core.api.views import AnyAccept
from erp.core.tables import CSV, XLSX

TYPES = {
    "csv": CSV,
    "tsv": "text/tab-separated-values; charset=utf-8",
    "xlsx": XLSX,
    "xml": "application/xml; charset=utf-8",
    "json": "application/json",
    "zip": "application/zip",
}
MADE_OF_ROWS = {
    "type": "object",
    "required": ["template", "version", "items"],
    "properties": {
        "template": {"type": "string"},
        "version": {"type": "string"},
        "items": {"type": "array", "items": {"type": "object", "additionalProperties": True}},
    },
    "example": {
        "template": "shakalaka",
        "version": "1",
        "items": [{"style_number": "HN-24001", "sku": "HN-24001-NAVY-M", "quantity": 12}],
    },
}
SHOWN = {
    "tsv": "id\ttitle\tavailability\r\nHN-24001-NAVY-M\tNavy shirt\tin_stock\r\n",
    "xml": '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel><title>Haneul</title></channel></rss>',
}
START = {"channel": "5b0c7a52-2f55-4b5a-9d2e-0f6f1f9f0c11", "what": "products", "only_changes": True}


class ExportSerializer(serializers.ModelSerializer):
    """Poll it while `state` is `queued` or `making`. `held`: confirm first what the marketplace would destroy."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    brand = shown_by(source="channel.brand")
    channel = serializers.UUIDField(source="channel.public_id", read_only=True)
    created_by = shown_by("username")
    progress = serializers.SerializerMethodField(help_text="From 0 to 1.")

    class Meta:
        model = Export
        fields = [
            "id", "brand", "channel", "what", "state", "progress", "only_changes", "template", "file_name", "size",
            "sha256", "listings_count", "lines_count", "left_out", "unchanged", "warned", "problem", "created_by",
            "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_progress(self, export: Export) -> float:
        if not export.is_running:
            return 1.0
        return round(min(export.looked_at / export.total, 1), 3) if export.total else 0.0


class NewExportSerializer(ChannelNameSerializer):
    what = serializers.ChoiceField(Export.What.choices, default=Export.What.PRODUCTS)
    only_changes = serializers.BooleanField(default=True, help_text="Leave out what went out like this before.")


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
        "example": {"Price": ["12000", "13000"]},
    }
)
class ChangesField(serializers.JSONField):
    """Column -> before and now, on the first line where they differ."""


class ExportLineSerializer(serializers.ModelSerializer):
    style_number = serializers.CharField(source="listing.product.style_number", read_only=True)
    changes = ChangesField(read_only=True)

    class Meta:
        model = ExportLine
        fields = ["listing", "style_number", "is_new", "changes"]
        read_only_fields = fields


class ExportFindingSerializer(serializers.ModelSerializer):
    """Why a listing was left out (`error`), or what to know of one that went out (`warning`)."""

    style_number = serializers.CharField(source="listing.product.style_number", read_only=True)

    class Meta:
        model = ExportFinding
        fields = ["listing", "style_number", "level", "code", "field", "sku", "message"]
        read_only_fields = fields


class ExportFilter(filters.FilterSet):
    brand = filters.ModelChoiceFilter(field_name="channel__brand", to_field_name="slug", queryset=visible_brands)
    channel = filters.UUIDFilter(field_name="channel__public_id", label="The id of a channel.")

    class Meta:
        model = Export
        fields = ["brand", "channel", "what", "state"]


@extend_schema(tags=["exports"])
@extend_schema_view(
    list=extend_schema(summary="Exports, newest first"), retrieve=extend_schema(summary="One export and how far it is")
)
class ExportsViewSet(ListModelMixin, RetrieveModelMixin, BrandViewSet):
    """Files for marketplaces, kept byte for byte."""

    scope = "channels"
    queryset = Export.objects.select_related("channel__brand", "created_by")
    serializer_class = ExportSerializer
    filterset_class = ExportFilter
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    brand_of = "channel.brand"

    def _answer(self, export: Export, **more: Any) -> Response:
        return Response(ExportSerializer(self.get_queryset().get(pk=export.pk)).data, **more)

    @extend_schema(
        summary="Make a file",
        description="In the background. While one of the same kind is being made, that one is answered.",
        request=NewExportSerializer,
        parameters=[
            OpenApiParameter(
                "Location", OpenApiTypes.URI, OpenApiParameter.HEADER, response=[202], description="Where to follow it."
            )
        ],
        responses={202: ExportSerializer},
        examples=[OpenApiExample("What changed", value=START, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        channel = named_channel(request, Right.WORK)
        entered = NewExportSerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        said = {name: entered.validated_data[name] for name in ("what", "only_changes")}
        export = exports.start_export(channel=channel, actor=self.actor, origin=public_origin(request), **said)
        address = request.build_absolute_uri(reverse("api:export-detail", args=[export.public_id]))
        return self._answer(export, status=202, headers={"Location": address})

    @extend_schema(summary="Use a file that was held", request=None, responses=ExportSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, public_id: Any) -> Response:
        """Yes to what the marketplace will destroy by it: its listings count as sent."""
        return self._answer(exports.confirm_export(export=self.get_object(), actor=self.actor))

    @extend_schema(summary="Do not use a file that was held", request=None, responses=ExportSerializer)
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, public_id: Any) -> Response:
        """Nothing of it counts as sent; the record stays."""
        return self._answer(exports.drop_export(export=self.get_object(), actor=self.actor))

    @extend_schema(summary="Make a stopped export anew", request=None, responses={202: ExportSerializer})
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, public_id: Any) -> Response:
        return self._answer(exports.retry_export(export=self.get_object(), actor=self.actor), status=202)

    @extend_schema(
        operation_id="exports_lines_list",
        summary="What went out, and what that changed",
        responses=ExportLineSerializer(many=True),
        filters=False,
    )
    @action(detail=True)
    def lines(self, request: Request, public_id: Any) -> Response:
        rows = self.get_object().lines.select_related("listing__product").defer("cells")
        return self.get_paginated_response(ExportLineSerializer(self.paginate_queryset(rows), many=True).data)

    @extend_schema(
        operation_id="exports_findings_list",
        summary="What was left out and why",
        responses=ExportFindingSerializer(many=True),
        filters=False,
    )
    @action(detail=True)
    def findings(self, request: Request, public_id: Any) -> Response:
        rows = self.get_object().findings.select_related("listing__product")
        return self.get_paginated_response(ExportFindingSerializer(self.paginate_queryset(rows), many=True).data)

    @extend_schema(
        summary="The file of an export",
        description="As it was made, with its own type. Files are kept for 400 days unless the installation says "
        "otherwise, the last one of each kind for good; the record of an older one stays (409 `file_forgotten`).",
        responses={
            (200, kind.partition(";")[0]): MADE_OF_ROWS if suffix == "json" else OpenApiTypes.BINARY
            for suffix, kind in TYPES.items()
        },
        examples=[
            OpenApiExample(suffix, value=text, media_type=TYPES[suffix].partition(";")[0], response_only=True)
            for suffix, text in SHOWN.items()
        ],
        filters=False,
    )
    @action(detail=True, content_negotiation_class=AnyAccept)
    def file(self, request: Request, public_id: Any) -> HttpResponseBase:
        export = self.get_object()
        if export.sha256 and not export.file:
            raise refuse("file_forgotten", _("This file is not kept any more. Make a new one."), "id", status=409)
        if not export.is_usable:
            raise refuse("no_file", _("This export has no file yet. Wait until it is done."), "state", status=409)
        kind = TYPES.get(export.file_name.rpartition(".")[2], "application/octet-stream")
        name = export.file_name
        try:
            opened = export.file.open("rb")
        except FileNotFoundError as error:
            raise Http404 from error
        return FileResponse(opened, content_type=kind, as_attachment=True, filename=name)
