"""What to count today."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.base import asked_brand
from erp.counting.api.serializers import CountProposalSerializer
from erp.counting.cycles import proposals
from erp.counting.review import skus_of
from erp.inventory.models import Location

PARAMETERS = [
    OpenApiParameter("brand", str, required=True, description="The slug of the brand."),
    OpenApiParameter("location", str, required=True, description="The code of the place."),
]


class ProposalsView(APIView):
    """The variants whose count is due at a place, by turnover, value and the time since they were counted."""

    scope = "stock"

    @extend_schema(
        summary="What to count today",
        tags=["counts"],
        operation_id="count_proposals",
        parameters=PARAMETERS,
        responses=CountProposalSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        brand, code = asked_brand(request), request.query_params.get("location", "").replace("\0", "")
        location = get_object_or_404(Location.objects.of(brand).internal().open(), code=code)
        found = proposals(brand, location)
        skus = skus_of(proposal.variant_id for proposal in found)
        rows = [
            {
                "variant": proposal.variant_id,
                "sku": skus[proposal.variant_id],
                "group": proposal.group.name,
                "every_days": proposal.group.every.days,
                "shipped": proposal.shipped,
                "counted_at": proposal.counted_at,
            }
            for proposal in found
        ]
        return Response(CountProposalSerializer(rows, many=True).data)
