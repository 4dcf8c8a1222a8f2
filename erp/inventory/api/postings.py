"""Postings: groups of movements that were written together, and their reversal."""

from typing import Any

from django.db.models import Count, Sum
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.mixins import RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.base import BrandViewSet
from erp.core.api.idempotency import KEY_PARAMETER, REPLAY_PARAMETER, idempotency_key
from erp.inventory.api.serializers import PostingSerializer, ReversalEntrySerializer
from erp.inventory.models import Posting
from erp.inventory.services import reverse_posting


def complete_postings() -> Any:
    """Postings with all that `PostingSerializer` shows."""
    counted = Posting.objects.annotate(lines=Count("movements"), pieces=Sum("movements__quantity", default=0))
    return counted.select_related("brand", "actor")


def answer_posting(posting: Posting) -> Response:
    """201 for a new posting, 200 and a header for the repetition of one."""
    data = PostingSerializer(complete_postings().get(pk=posting.pk)).data
    if posting.replayed:
        return Response(data, status=200, headers={"Idempotent-Replay": "true"})
    return Response(data, status=201)


@extend_schema(tags=["postings"])
@extend_schema_view(
    retrieve=extend_schema(summary="One posting", description="Its movements: `GET /api/v1/movements/?posting={id}`.")
)
class PostingsViewSet(RetrieveModelMixin, BrandViewSet):
    """What was written together, all or none."""

    scope = "stock"
    queryset = complete_postings()
    serializer_class = PostingSerializer
    lookup_field = "public_id"
    lookup_value_converter = "uuid"

    @extend_schema(
        summary="Take a posting back",
        description=(
            "Writes the opposite of every movement, each pointing at the one it takes back. "
            "Refused where one was taken back before, or where its goods have gone on."
        ),
        parameters=[KEY_PARAMETER, REPLAY_PARAMETER],
        request=ReversalEntrySerializer,
        responses={201: PostingSerializer, 200: PostingSerializer},
    )
    @action(detail=True, methods=["post"])
    def reverse(self, request: Request, public_id: Any) -> Response:
        posting = self.get_object()
        entered = ReversalEntrySerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        key = idempotency_key(request)
        return answer_posting(
            reverse_posting(posting=posting, actor=self.actor, idempotency_key=key, **entered.validated_data)
        )
