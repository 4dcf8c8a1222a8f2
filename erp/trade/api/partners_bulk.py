"""Many partners in one request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import Right
from catalog.api.base import BrandViewSet, named_brand
from catalog.api.bulk import locked_rows
from erp.core.api.bulk import CHANGED, MADE, MOST_ROWS, BulkSerializer, answer_rows, bulk_schema, named_row
from erp.core.api.fields import RowIdField
from erp.trade.api.partners import OWN, PartnerEntrySerializer
from erp.trade.models import Partner
from erp.trade.services.partners import create_partner, update_partner

PARTNERS = {
    "brand": "haneul",
    "rows": [{"name": "광장 원단", "is_supplier": True}, {"id": 7, "phone": "010-0000-0000"}],
}


class PartnerRowSerializer(PartnerEntrySerializer):
    id = RowIdField(required=False, help_text="Of the partner to change; left out: one is added.")

    class Meta(PartnerEntrySerializer.Meta):
        fields = ["id", *OWN]
        extra_kwargs = {"name": {"required": False, "help_text": "What is added needs one."}}


class PartnerRowsSerializer(BulkSerializer):
    """Documents the body; each row is read for itself."""

    rows = serializers.ListField(child=PartnerRowSerializer(), allow_empty=False, max_length=MOST_ROWS)


@extend_schema(tags=["partners"])
class PartnersBulkViewSet(BrandViewSet):
    """Partners by the hundred."""

    scope = "trade"
    queryset = Partner.objects.all()

    @bulk_schema("partners_bulk", "Add and change many partners", PartnerRowsSerializer, PARTNERS)
    @transaction.atomic
    def create(self, request: Request) -> Response:
        brand = named_brand(request, Right.WORK)
        known = locked_rows(Partner.objects.of(brand), request)

        def save(row: Mapping[str, Any]) -> tuple[str, int]:
            partner = named_row(row, known)
            entered = PartnerEntrySerializer(partner, data=row, partial=partner is not None)
            entered.is_valid(raise_exception=True)
            if partner is None:
                return MADE, create_partner(brand=brand, **entered.validated_data).pk
            return CHANGED, update_partner(partner=partner, **entered.validated_data).pk

        return answer_rows(request, save)
