"""Files of orders over the API: sent, read in the background, their unreadable cells named."""

from __future__ import annotations

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import Right, visible_brands
from catalog.api.base import BrandViewSet
from catalog.api.fields import shown_by
from erp.channels.api.named import ChannelNameSerializer, named_channel
from erp.channels.formats.orders import order_template_names
from erp.channels.models import OrderFile, OrderFileProblem
from erp.channels.services import order_files


@extend_schema_field({"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}})
class FatesField(serializers.JSONField):
    """State -> how many orders of the file have it."""


@extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
class HeadingsByMeaning(serializers.JSONField):
    """Meaning -> the heading that a person chose for it."""


class OrderFileSerializer(serializers.ModelSerializer):
    """Poll it while `state` is `queued` or `reading`."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    brand = shown_by(source="channel.brand")
    channel = serializers.UUIDField(source="channel.public_id", read_only=True)
    created_by = shown_by("username")
    headings = serializers.ListField(child=serializers.CharField(allow_blank=True), read_only=True)
    columns = HeadingsByMeaning(read_only=True)
    counts = FatesField(read_only=True)
    progress = serializers.SerializerMethodField(help_text="From 0 to 1.")

    class Meta:
        model = OrderFile
        fields = [
            "id", "brand", "channel", "state", "progress", "file_name", "size", "sha256", "template", "headings",
            "columns", "total", "counts", "problem", "created_by", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_progress(self, file: OrderFile) -> float:
        return round(file.next_order / file.total, 3) if file.total else 0.0


class OrderFileEntrySerializer(ChannelNameSerializer):
    file = serializers.FileField(help_text="CSV, TSV or XLSX, of up to 200,000 rows.")


class OrderReadingSerializer(serializers.Serializer):
    template = serializers.ChoiceField(order_template_names(), required=False, help_text="Whose file it is.")
    columns = serializers.DictField(
        child=serializers.CharField(max_length=300), required=False, help_text="Meaning -> heading, where they differ."
    )


class OrderFileProblemSerializer(serializers.ModelSerializer):
    class Meta:
        model = OrderFileProblem
        fields = ["line", "column", "code", "message"]
        read_only_fields = fields


class OrderFileFilter(filters.FilterSet):
    brand = filters.ModelChoiceFilter(field_name="channel__brand", to_field_name="slug", queryset=visible_brands)
    channel = filters.UUIDFilter(field_name="channel__public_id", label="The id of a channel.")

    class Meta:
        model = OrderFile
        fields = ["brand", "channel", "state"]


@extend_schema(tags=["channel orders"])
@extend_schema_view(
    list=extend_schema(summary="Files of orders, newest first"),
    retrieve=extend_schema(summary="One file and how far it is"),
)
class OrderFilesViewSet(ListModelMixin, RetrieveModelMixin, BrandViewSet):
    """Each order of a file is taken in by itself, once, whoever sends it again."""

    scope = "channels"
    queryset = OrderFile.objects.select_related("channel__brand", "created_by").defer("preview")
    serializer_class = OrderFileSerializer
    filterset_class = OrderFileFilter
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    brand_of = "channel.brand"

    def _answer(self, file: OrderFile, status: int = 200) -> Response:
        return Response(OrderFileSerializer(self.get_queryset().get(pk=file.pk)).data, status=status)

    @extend_schema(
        operation_id="order_files_upload",
        summary="Send a file of orders",
        description="Whose it is is guessed by its headings. Nothing is taken in until it is read.",
        request={"multipart/form-data": OrderFileEntrySerializer},
        responses={201: OrderFileSerializer},
    )
    def create(self, request: Request) -> Response:
        channel = named_channel(request, Right.WORK)
        entered = OrderFileEntrySerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        sent = entered.validated_data["file"]
        file = order_files.take_order_file(channel=channel, actor=self.actor, data=sent.read(), filename=sent.name)
        return self._answer(file, 201)

    @extend_schema(
        summary="Take its orders in",
        description="In the background. Read again nothing happens twice: orders are known by their numbers.",
        request=OrderReadingSerializer,
        responses={202: OrderFileSerializer},
        examples=[OpenApiExample("As Smartstore writes it", value={"template": "smartstore"}, request_only=True)],
    )
    @action(detail=True, methods=["post"])
    def read(self, request: Request, public_id: Any) -> Response:
        file = self.get_object()
        entered = OrderReadingSerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        said = {"template": file.template, "columns": file.columns} | entered.validated_data
        return self._answer(order_files.start_order_file(file=file, actor=self.actor, **said), 202)

    @extend_schema(
        operation_id="order_files_problems_list",
        summary="Cells that cannot be read",
        description="Their orders were left out whole; mend the file and send it again.",
        responses=OrderFileProblemSerializer(many=True),
        filters=False,
    )
    @action(detail=True)
    def problems(self, request: Request, public_id: Any) -> Response:
        rows = self.get_object().problems.all()
        return self.get_paginated_response(OrderFileProblemSerializer(self.paginate_queryset(rows), many=True).data)
