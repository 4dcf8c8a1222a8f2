"""Many rows in one request: each is taken or refused for itself, or `?atomic=true` all of them or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.core.api.errors import as_refusal
from erp.core.api.fields import RowIdField
from erp.core.errors import DomainError, Problem

MOST_ROWS = 500
MADE, CHANGED, REFUSED = STATUSES = ("made", "changed", "refused")
ATOMIC = OpenApiParameter(
    "atomic", bool, description="`true`: all rows or none; a refusal then names every row that stands in the way."
)
ABOUT = (
    f"Up to {MOST_ROWS} rows, each taken or refused for itself by the rules of the single requests: the answer is 200 "
    "and says of every `line` what became of it."
)
RESULTS = {
    "made": 1,
    "changed": 0,
    "refused": 1,
    "results": [
        {"line": 1, "status": "made", "id": 812, "errors": []},
        {
            "line": 2,
            "status": "refused",
            "id": None,
            "errors": [{"field": "price", "code": "price_decimals", "message": "Prices in KRW have no decimals."}],
        },
    ],
}
# What one row may be refused with; a database that is too busy refuses them all.
_OF_A_ROW = (DomainError, ValidationError, exceptions.APIException, Http404, IntegrityError)


class RowProblemSerializer(serializers.Serializer):
    field = serializers.CharField(required=False)
    line = serializers.IntegerField(required=False)
    code = serializers.CharField()
    message = serializers.CharField()


class RowResultSerializer(serializers.Serializer):
    line = serializers.IntegerField(help_text="The row, counted from 1.")
    status = serializers.ChoiceField(choices=STATUSES)
    id = RowIdField(allow_null=True, help_text="Null: there is none, since it was refused.")
    # A field of this name, not the attribute of REST framework's.
    errors = RowProblemSerializer(many=True)  # type: ignore[assignment]


class BulkResultsSerializer(serializers.Serializer):
    made = serializers.IntegerField()
    changed = serializers.IntegerField()
    refused = serializers.IntegerField()
    results = RowResultSerializer(many=True)


class BulkSerializer(serializers.Serializer):
    brand = serializers.SlugField(max_length=40)


def bulk_schema(operation_id: str, summary: str, body: Any, example: Any) -> Any:
    return extend_schema(
        operation_id=operation_id,
        summary=summary,
        description=ABOUT,
        parameters=[ATOMIC],
        request=body,
        responses={200: BulkResultsSerializer},
        examples=[
            OpenApiExample("Two rows", value=example, request_only=True),
            OpenApiExample("One taken, one refused", value=RESULTS, response_only=True, status_codes=["200"]),
        ],
    )


def answer_rows(request: Request, work: Callable[[Mapping[str, Any]], tuple[str, int]]) -> Response:
    """Gives each row of the body to `work`, which answers what it did and the id, or raises as a view would."""
    rows = rows_of(request)
    with transaction.atomic():
        results = [_result(line, row, work) for line, row in enumerate(rows, start=1)]
        problems = [problem for _answer, refusals in results for problem in refusals]
        if problems and _wants_atomic(request):
            raise DomainError("rows_refused", _("Nothing was saved. Mend the rows named below."), problems)
    answers = [answer for answer, _refusals in results]
    counts = {status: sum(answer["status"] == status for answer in answers) for status in STATUSES}
    return Response(counts | {"results": answers})


def rows_of(request: Request) -> list[Any]:
    rows = request.data.get("rows") if isinstance(request.data, dict) else None
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_ROWS:
        message = _("Send `rows` as a list of 1 to %(most)s objects.") % {"most": MOST_ROWS}
        raise DomainError("invalid_rows", message, [Problem("invalid_rows", message, "rows")])
    return rows


def ids_of(rows: list[Any]) -> list[int]:
    """The ids that rows name; what is none is refused with its row."""
    return [row["id"] for row in rows if isinstance(row, dict) and _is_id(row.get("id"))]


def named_row(row: Mapping[str, Any], known: dict[int, Any]) -> Any:
    """The row of the database that a row of the request names, taken out of those known; None where it names none."""
    pk = row.get("id")
    if pk is None:
        return None
    found = known.pop(pk, None) if _is_id(pk) else None
    if found is None:
        message = _("There is none with this id in this brand, or an earlier row named it.")
        raise DomainError("does_not_exist", message, [Problem("does_not_exist", message, "id")])
    return found


def _is_id(value: Any) -> bool:
    return type(value) is int and 0 < value < 2**63


def _result(line: int, row: Any, work: Callable[..., tuple[str, int]]) -> tuple[dict[str, Any], list[Problem]]:
    try:
        if not isinstance(row, dict):
            raise DomainError("not_an_object", _("Each row is an object with its own fields."))
        with transaction.atomic():
            status, pk = work(row)
    except _OF_A_ROW as error:
        refusal = as_refusal(error)
        problems = refusal.problems or (Problem(refusal.code, str(refusal.message)),)
        answer = {"line": line, "status": REFUSED, "id": None, "errors": [p.as_dict() for p in problems]}
        return answer, [replace(problem, line=line) for problem in problems]
    return {"line": line, "status": status, "id": pk, "errors": []}, []


def _wants_atomic(request: Request) -> bool:
    asked: bool = serializers.BooleanField().run_validation(request.query_params.get("atomic", False))
    return asked
