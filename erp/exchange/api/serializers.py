"""Imports as JSON."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.api.base import BrandNameSerializer
from catalog.api.fields import shown_by
from erp.core.api.fields import choice_or_blank
from erp.exchange.models import ImportJob, ImportRow
from erp.exchange.products.columns import COLUMNS
from erp.exchange.products.showing import Reader
from erp.exchange.products.tables import DELIMITERS, ENCODINGS

COLUMNS_SCHEMA = {
    "type": "object",
    "propertyNames": {"enum": list(COLUMNS)},
    "additionalProperties": {"type": "integer", "minimum": 0},
    "example": {"style_number": 0, "colour": 4, "size": 5, "stock": 7},
}
COUNTS_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {fate: {"type": "integer", "minimum": 0} for fate in ImportRow.Fate.values},
}


@extend_schema_field(COLUMNS_SCHEMA)
class ColumnsField(serializers.DictField):
    """Column -> place of its heading, counted from 0."""

    child = serializers.IntegerField(min_value=0, max_value=1_000)

    def to_internal_value(self, data: Any) -> dict[str, int]:
        chosen = super().to_internal_value(data)
        if unknown := chosen.keys() - set(COLUMNS):
            names = {"names": ", ".join(sorted(unknown))[:80], "known": ", ".join(COLUMNS)}
            raise serializers.ValidationError(_("No such column: %(names)s. There are %(known)s.") % names, "unknown")
        return chosen


@extend_schema_field(COUNTS_SCHEMA)
class CountsField(serializers.JSONField):
    """Fate -> how many rows have it."""


class ImportSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    brand = shown_by()
    created_by = shown_by("username")
    location = shown_by("code")
    columns = ColumnsField(read_only=True)
    counts = CountsField(read_only=True)
    headings = serializers.ListField(child=serializers.CharField(), read_only=True)
    progress = serializers.SerializerMethodField(help_text="From 0 to 1, of the check or the applying.")

    class Meta:
        model = ImportJob
        fields = (
            "id", "brand", "state", "problem", "file_name", "size", "sha256", "file_format", "encoding", "delimiter",
            "headings", "columns", "location", "total", "progress", "counts", "applied", "only_good", "created_by",
            "created_at", "checked_at", "applied_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_progress(self, job: ImportJob) -> float:
        return round(job.next_chunk / job.chunks, 3) if job.chunks else 0.0


class ImportUploadSerializer(BrandNameSerializer):
    file = serializers.FileField(help_text="CSV, TSV or XLSX, up to 20 MB and 50,000 rows.")


class ImportColumnsSerializer(serializers.Serializer):
    """What the file's columns mean; starts the dry run."""

    columns = ColumnsField()
    location = serializers.CharField(
        max_length=20, required=False, allow_blank=True, help_text="Code of the place of rows that name none."
    )


class ImportReadingSerializer(serializers.Serializer):
    encoding = serializers.ChoiceField(ENCODINGS, required=False)
    delimiter = serializers.ChoiceField(DELIMITERS, required=False)


class ImportApplySerializer(serializers.Serializer):
    only_good = serializers.BooleanField(default=False, help_text="Apply although some rows have errors.")


class RowChangeSerializer(serializers.Serializer):
    column = serializers.CharField()
    before = serializers.CharField(help_text="Blank where nothing was there.")
    after = serializers.CharField()


class RowErrorSerializer(serializers.Serializer):
    field = serializers.CharField(help_text="The column.")
    code = serializers.CharField()
    message = serializers.CharField(help_text="The reason and how to mend it.")


class ImportRowSerializer(serializers.ModelSerializer):
    """A row and what becomes of it."""

    row = serializers.IntegerField(source="number", help_text="Its number in the file.")
    fate = choice_or_blank(ImportRow.Fate.choices)
    cells = serializers.ListField(child=serializers.CharField(allow_blank=True), read_only=True)
    changes = serializers.SerializerMethodField()
    problems = serializers.SerializerMethodField()

    class Meta:
        model = ImportRow
        fields = ("row", "fate", "applied", "cells", "changes", "problems")
        read_only_fields = fields

    @property
    def reader(self) -> Reader:
        reader: Reader = self.context["reader"]
        return reader

    @extend_schema_field(RowChangeSerializer(many=True))
    def get_changes(self, row: ImportRow) -> list[dict[str, str]]:
        return [
            {"column": name, "before": self.reader.value(name, before), "after": self.reader.value(name, after)}
            for name, (before, after) in row.changes.items()
        ]

    @extend_schema_field(RowErrorSerializer(many=True))
    def get_problems(self, row: ImportRow) -> list[dict[str, str]]:
        return [
            {"field": error["field"] or "", "code": error["code"], "message": self.reader.sentence(error)}
            for error in row.errors
        ]
