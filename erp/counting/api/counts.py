"""Counts over the REST API: the same services as the pages, for phones and scanners."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import F
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import Right, rights_in, visible_brands
from catalog.api.base import BrandViewSet, named_brand
from catalog.models import Category
from erp.core.api.idempotency import KEY_PARAMETER, REPLAY_PARAMETER, idempotency_key
from erp.core.errors import DomainError, NotAllowed, Problem
from erp.core.filters import SinceFilter
from erp.counting import services
from erp.counting.access import require_review, sees_book
from erp.counting.api.entries import explained, read_entries
from erp.counting.api.serializers import (
    CountAddedSerializer,
    CountDecisionSerializer,
    CountEntriesSerializer,
    CountLineSerializer,
    CountReviewSerializer,
    CountSerializer,
    CountUndoSerializer,
    NewCountSerializer,
    PostCountSerializer,
)
from erp.counting.models import CountEntry, CountLine, StockCount
from erp.counting.review import review_of
from erp.inventory.models import Location

NEW = {"brand": "haneul", "location": "MAIN", "scope": "full", "title": "November", "blind": True}
SCANS = {
    "device": "phone-2",
    "entries": [
        {"id": "0f8fad5b-d9cb-469f-a165-70867728950e", "barcode": "2000000000015"},
        {"id": "7c9e6679-7425-40de-944b-e07fc1f90ae7", "sku": "HA0001-NV-M", "kind": "set", "quantity": 12, "was": 11},
    ],
}
MOVED = {
    "code": "moved",
    "message": "Nothing was posted. Decide about what is named below, then post again.",
    "errors": [
        {
            "field": "counted",
            "line": 4,
            "code": "moved",
            "message": "HA0001-NV-M moved while counting: 12 then, 10 now. Let the difference stand, or count again.",
        }
    ],
}


class CountFilter(filters.FilterSet):
    brand = filters.ModelChoiceFilter(to_field_name="slug", queryset=visible_brands)
    location = filters.CharFilter(field_name="location__code", label="The code of a location.")
    since = SinceFilter(field_name="started_at", label="Begun at this moment or later.")
    until = SinceFilter(field_name="started_at", lookup_expr="lt", label="Begun before this moment.")

    class Meta:
        model = StockCount
        fields = ["brand", "location", "state", "scope"]


LINE_FILTERS = [
    OpenApiParameter("differing", bool, description="Only lines that differ from the book. Refused while blind."),
    OpenApiParameter("uncounted", bool, description="Only lines that nobody counted."),
]


@extend_schema(tags=["counts"])
@extend_schema_view(
    list=extend_schema(summary="List counts, newest first"),
    retrieve=extend_schema(summary="One count and how far it is"),
)
class CountsViewSet(ListModelMixin, RetrieveModelMixin, BrandViewSet):
    """Counts of the stock. Selling goes on meanwhile: each line keeps what the book said when it was counted."""

    scope = "stock"
    queryset = StockCount.objects.with_progress().select_related(
        "brand", "location", "category", "created_by", "posting"
    )
    serializer_class = CountSerializer
    filterset_class = CountFilter
    lookup_field = "public_id"
    lookup_value_converter = "uuid"

    @extend_schema(
        summary="Start a count",
        description="A full count has a line for all that the book says lies there; what else is found gets its own.",
        request=NewCountSerializer,
        responses={201: CountSerializer},
        examples=[OpenApiExample("Everything, blind", value=NEW, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        brand = named_brand(request, Right.WORK)
        entered = NewCountSerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        given = dict(entered.validated_data)
        location = Location.objects.of(brand).filter(code=given["location"]).first()
        category = Category.objects.filter(slug=given.get("category", "")).first()
        problems = [] if location else [_unknown("location", given["location"])]
        if given.get("category") and category is None:
            problems.append(_unknown("category", given["category"]))
        if location is None or problems:
            raise DomainError(problems[0].code, problems[0].message, problems)
        count = services.create_count(
            brand=brand, location=location, scope=given["scope"], actor=self.actor, title=given.get("title", ""),
            category=category, blind=given.get("blind", False), variants=given.get("variants", ()),
            public_id=given.get("id"),
        )  # fmt: skip
        return self._answer(count, 201)

    @extend_schema(
        summary="The lines of a count", responses=CountLineSerializer(many=True), parameters=LINE_FILTERS, filters=False
    )
    @action(detail=True, methods=["get"], serializer_class=CountLineSerializer, filterset_class=None)
    def lines(self, request: Request, public_id: Any) -> Response:
        count = self._count()
        shows = sees_book(count, request.user, rights_in(request.user, count.brand))
        lines = CountLine.objects.filter(count=count).select_related("variant", "counted_by")
        if _wants(request, "uncounted"):
            lines = lines.uncounted()
        if _wants(request, "differing"):
            if not shows:
                raise NotAllowed()
            lines = lines.counted().exclude(counted=F("seen"))
        page = self.paginate_queryset(lines.order_by("-id"))
        context = {**self.get_serializer_context(), "shows_book": shows}
        return self.get_paginated_response(self.get_serializer(page, many=True, context=context).data)

    @extend_schema(
        summary="Count",
        description=(
            "Adds all entries in their order, or none; a refusal names every one that needs mending. Each has an id of "
            "the device's own: sent again after a lost answer it counts once. Any number of people count at once."
        ),
        request=CountEntriesSerializer,
        responses=CountAddedSerializer,
        examples=[OpenApiExample("A scan and a typed number", value=SCANS, request_only=True)],
    )
    @action(detail=True, methods=["post"])
    def entries(self, request: Request, public_id: Any) -> Response:
        count = self._count()
        entered = CountEntriesSerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        given = entered.validated_data
        entries, problems = read_entries(count.brand, given["entries"])
        try:
            added = services.add_entries(count=count, actor=self.actor, entries=entries, device=given.get("device", ""))
        except DomainError as error:
            raise explained(error, problems) from error
        lines = [{"variant": variant, "counted": counted} for variant, counted in added.counted.items()]
        return Response(CountAddedSerializer({"lines": lines, "repeated": sorted(added.repeated)}).data)

    @extend_schema(summary="Take an own scan back", request=CountUndoSerializer, responses=CountLineSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, public_id: Any) -> Response:
        count = self._count()
        entered = CountUndoSerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        entry = CountEntry.objects.filter(count=count, public_id=entered.validated_data["entry"]).first()
        if entry is None:
            problem = _unknown("entry", str(entered.validated_data["entry"]))
            raise DomainError(problem.code, problem.message, [problem])
        line = services.undo_entry(count=count, actor=self.actor, entry=entry)
        shows = sees_book(count, request.user, rights_in(request.user, count.brand))
        return Response(CountLineSerializer(line, context={"shows_book": shows}).data)

    @extend_schema(
        summary="Review a count",
        description="Counting ends. Answers what was found, and which lines must be decided about before it is posted.",
        request=None,
        responses=CountReviewSerializer,
    )
    @action(detail=True, methods=["post"])
    def review(self, request: Request, public_id: Any) -> Response:
        return self._reviewed(services.start_review(count=self._reviewable()))

    @extend_schema(
        summary="Decide about lines in review",
        description="After `recount` the count is open again; the other decisions answer the review.",
        request=CountDecisionSerializer,
        responses=CountReviewSerializer,
    )
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, public_id: Any) -> Response:
        count = self._reviewable()
        entered = CountDecisionSerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        what, lines = entered.validated_data["what"], entered.validated_data.get("lines", [])
        if what != "zero" and not lines:
            message = _("Name the lines that this is about.")
            raise DomainError("required", message, [Problem("required", message, "lines")])
        if what == "zero":
            services.zero_uncounted(count=count, actor=self.actor)
        elif what == "recount":
            count = services.recount_lines(count=count, actor=self.actor, lines=lines)
        else:
            services.carry_lines(count=count, lines=lines, carry=what == "carry")
        return self._reviewed(count)

    @extend_schema(summary="Count on after a review", request=None, responses=CountSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, public_id: Any) -> Response:
        return self._answer(services.reopen_count(count=self._reviewable()))

    @extend_schema(
        summary="Post a count",
        description=(
            "Adjusts the book by all differences, or by none; a refusal names every line that stands in the way. "
            "Lines whose stock moved since they were counted need a decision, unless `carry_all`."
        ),
        parameters=[KEY_PARAMETER, REPLAY_PARAMETER],
        request=PostCountSerializer,
        responses={201: CountSerializer, 200: CountSerializer},
        examples=[OpenApiExample("Stock moved", value=MOVED, response_only=True, status_codes=["400"])],
    )
    @action(detail=True, methods=["post"], url_path="post")
    def post_to_book(self, request: Request, public_id: Any) -> Response:
        count = self._reviewable()
        entered = PostCountSerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        key = idempotency_key(request)
        posted = services.post_count(count=count, actor=self.actor, idempotency_key=key, **entered.validated_data)
        return self._answer(posted, 200 if posted.replayed else 201)

    @extend_schema(summary="Give a count up", request=None, responses=CountSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, public_id: Any) -> Response:
        return self._answer(services.cancel_count(count=self._count()))

    def _count(self) -> StockCount:
        return cast(StockCount, self.get_object())

    def _reviewable(self) -> StockCount:
        count = self._count()
        require_review(count, self.request.user, rights_in(self.request.user, count.brand))
        return count

    def _answer(self, count: StockCount, status: int = 200) -> Response:
        data = CountSerializer(self.get_queryset().get(pk=count.pk)).data
        return Response(data, status=status, headers={"Idempotent-Replay": "true"} if count.replayed else None)

    def _reviewed(self, count: StockCount) -> Response:
        found = review_of(count)
        answer = {"revision": count.revision, "totals": found.totals, "trouble": found.troubled()}
        return Response(CountReviewSerializer(answer).data)


def _wants(request: Request, name: str) -> bool:
    return request.query_params.get(name, "").lower() in ("1", "true")


def _unknown(field: str, value: str) -> Problem:
    messages = {
        "location": _("There is no location “%(code)s” in this brand."),
        "category": _("There is no category “%(code)s”."),
        "entry": _("There is no such entry in this count."),
    }
    return Problem("does_not_exist", messages[field] % {"code": value[:40]}, field)
