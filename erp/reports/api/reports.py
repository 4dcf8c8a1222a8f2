"""The reports over REST: one address each, the same numbers as the page, with every field documented."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.forms import Form
from django.utils import timezone
from django.utils.translation import override
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.base import asked_brand
from catalog.models import Brand
from erp.core.errors import from_validation
from erp.core.money import decimals_of
from erp.reports.asked import PER_PAGE, Asked, ask
from erp.reports.forms import ReportForm
from erp.reports.kinds import REPORTS, Report
from erp.reports.tables import DAY, DAYS, MONEY, NUMBER, PERCENT, TEXT, Column, Line, name_of

MOST_PER_PAGE = 200
_KINDS: dict[str, type[serializers.Field]] = {
    TEXT: serializers.CharField,
    MONEY: serializers.DecimalField,
    PERCENT: serializers.FloatField,
    NUMBER: serializers.FloatField,
    DAYS: serializers.IntegerField,
    DAY: serializers.DateField,
}
_EXPLAINED = {
    MONEY: "In the brand's currency.",
    PERCENT: "A share: 0.25 is 25 %.",
    DAYS: "In days.",
    DAY: "A business day.",
}


def _field(column: Column) -> serializers.Field:
    words = [str(column.help or column.label), _EXPLAINED.get(column.kind, ""), "Null: there is no such number."]
    options: dict[str, Any] = {"allow_null": True, "help_text": " ".join(word for word in words if word)}
    if column.kind == MONEY:
        options |= {"max_digits": 24, "decimal_places": 2}
    return _KINDS.get(column.kind, serializers.IntegerField)(**options)


class LineFields(serializers.Serializer):
    """What a line is about."""

    name = serializers.CharField(help_text="What the line is called in the language of the request.")
    product = serializers.IntegerField(allow_null=True, help_text="The id of the product, where it is of one.")
    variant = serializers.IntegerField(allow_null=True, help_text="The id of the variant, where it is of one.")
    sku = serializers.CharField(allow_null=True)
    partner = serializers.IntegerField(allow_null=True, help_text="The id of the buyer, where it is of one.")


def _serializers(report: Report) -> type[serializers.Serializer]:
    """The body of an answer, made of the report's columns. Named after it, so that the document can."""
    stem = "".join(part.title() for part in report.slug.split("-")) + "Report"
    numbers = {column.key: _field(column) for column in report.columns}
    line = type(f"{stem}Line", (LineFields,), {**numbers, "__doc__": "One line."})
    sums = type(f"{stem}Totals", (serializers.Serializer,), {c.key: _field(c) for c in report.columns})
    body: dict[str, Any] = {
        "report": serializers.CharField(),
        "brand": serializers.SlugField(),
        "currency": serializers.CharField(help_text="Of all amounts."),
        "since": serializers.DateField(allow_null=True, help_text="The first business day that is counted."),
        "until": serializers.DateField(allow_null=True, help_text="The last one; null: up to now."),
        "notes": serializers.ListField(child=serializers.CharField(), help_text="Such as costs that are unknown."),
        "totals": sums(help_text="Of all lines. Null where a sum says nothing."),
        "count": serializers.IntegerField(help_text="How many lines there are on all pages."),
        "pages": serializers.IntegerField(),
        "page": serializers.IntegerField(),
        "results": line(many=True),
    }  # fmt: skip
    return type(f"{stem}Body", (serializers.Serializer,), body)


def _parameters(report: Report) -> list[OpenApiParameter]:
    form: Form = ReportForm({}, brand=Brand(pk=0), report=report)
    asked = [
        OpenApiParameter(
            name, OpenApiTypes.STR, description=f"{field.label}. {field.help_text}".strip(), enum=_enum(field)
        )
        for name, field in form.fields.items()
    ]
    columns = ", ".join(f"`{column.key}`" for column in report.columns)
    return [
        OpenApiParameter("brand", OpenApiTypes.STR, required=True, description="The slug of the brand."),
        *asked,
        OpenApiParameter("sort", OpenApiTypes.STR, description=f"One of {columns}; from the most with a minus before."),
        OpenApiParameter("page", OpenApiTypes.INT, description="From 1."),
        OpenApiParameter("page_size", OpenApiTypes.INT, description=f"Lines of a page, up to {MOST_PER_PAGE}."),
    ]  # fmt: skip


def _enum(field: Any) -> list[str] | None:
    choices = None if hasattr(field, "queryset") else getattr(field, "choices", None)
    return [str(value) for value, _label in choices] if choices else None


class ReportView(APIView):
    scope = "reports"
    report: ClassVar[Report]

    def get(self, request: Request) -> Response:
        brand = asked_brand(request)
        with timezone.override(brand.time_zone):
            form = ReportForm(request.query_params, brand=brand, report=self.report)
            if not form.is_valid():
                raise from_validation(_errors(form))
            asked = ask(self.report, brand, request.query_params, per_page=_per_page(request))
        return Response(_body(asked, brand))


def _errors(form: Form) -> ValidationError:
    return ValidationError({name: error.as_data() for name, error in form.errors.items()})


def _per_page(request: Request) -> int:
    wanted = request.query_params.get("page_size", "")
    fine = wanted.isascii() and wanted.isdecimal() and len(wanted) < 9
    return min(max(int(wanted), 1), MOST_PER_PAGE) if fine else PER_PAGE


def _body(asked: Asked, brand: Brand) -> dict[str, Any]:
    columns, answer = asked.report.columns, asked.answer
    return {
        "report": asked.report.slug,
        "brand": brand.slug,
        "currency": brand.currency,
        "since": asked.scope.first,
        "until": asked.scope.last,
        "notes": answer.notes,
        "totals": _values(columns, answer.totals, brand),
        "count": asked.page.paginator.count,
        "pages": asked.page.paginator.num_pages,
        "page": asked.page.number,
        "results": [_line(columns, line, brand) for line in asked.lines],
    }


def _line(columns: Iterable[Column], line: Line, brand: Brand) -> dict[str, Any]:
    sku = line.thing.sku if line.variant and line.thing else None
    named = {
        "name": name_of(line),
        "product": line.product,
        "variant": line.variant,
        "sku": sku,
        "partner": line.partner,
    }
    return named | _values(columns, line.values, brand)


def _values(columns: Iterable[Column], values: dict[str, Any], brand: Brand) -> dict[str, Any]:
    return {column.key: _number(values.get(column.key), column, brand) for column in columns}


def _number(value: Any, column: Column, brand: Brand) -> Any:
    if value is None:
        return None
    if column.kind == MONEY:
        return str(round(Decimal(value), decimals_of(brand.currency)))
    return float(value) if column.kind in (PERCENT, NUMBER) else value


def view_of(report: Report) -> Any:
    """The view of one report, documented by its own words and columns."""
    name = "".join(part.title() for part in report.slug.split("-")) + "ReportView"
    view: Any = type(name, (ReportView,), {"report": report})
    documented = extend_schema(
        operation_id=f"reports_{report.slug.replace('-', '_')}",
        tags=["reports"],
        summary=str(report.title),
        description=str(report.lead),
        parameters=_parameters(report),
        responses=_serializers(report),
    )
    return extend_schema_view(get=documented)(view).as_view()


with override("en"):  # the language of the document
    VIEWS = {slug: view_of(report) for slug, report in REPORTS.items()}
