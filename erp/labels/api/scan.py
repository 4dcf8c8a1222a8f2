"""What a code means: read by a scanner, or by us in a photo."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.access import Right
from catalog.api.base import named_brand
from catalog.models import Brand
from erp.core.api.parsers import JSONParser, UploadParser
from erp.inventory.lookup import find_variant
from erp.labels.api.serializers import ScanEntrySerializer, ScanPhotoSerializer, ScanSerializer
from erp.labels.reading import FoundCode, read_upload
from erp.labels.throttle import ScanThrottle


class ScanView(APIView):
    scope = "catalog"
    reads_by_post = ("post",)
    parser_classes = (JSONParser, UploadParser)
    throttle_classes = (ScanThrottle,)

    @extend_schema(
        operation_id="scan",
        summary="Find the variant of a code",
        description=(
            "Send what a scanner read as `code`, or a picture as the form field `photo`: EAN, UPC, Code 128, Code 39, "
            "QR and other codes in it are read, in any direction. A picture without a code is no error: `codes` is "
            "empty and `message` says what to do. Pictures are limited to some hundred a minute and person."
        ),
        tags=["scan"],
        request={"application/json": ScanEntrySerializer, "multipart/form-data": ScanPhotoSerializer},
        responses=ScanSerializer,
        examples=[
            OpenApiExample("A scanned code", value={"brand": "haneul", "code": "2000000000015"}, request_only=True)
        ],
    )
    def post(self, request: Request) -> Response:
        brand = named_brand(request, Right.VIEW)
        codes = _in_photo(request) if "photo" in request.data else _typed(request)
        message = "" if codes else _("There is no code in this picture. Go closer, hold still, and mind the light.")
        found = [_found(brand, code) for code in codes]
        return Response(ScanSerializer({"codes": found, "message": message}).data)


def _in_photo(request: Request) -> list[FoundCode]:
    entered = ScanPhotoSerializer(data=request.data)
    entered.is_valid(raise_exception=True)
    return read_upload(entered.validated_data["photo"])


def _typed(request: Request) -> list[FoundCode]:
    entered = ScanEntrySerializer(data=request.data)
    entered.is_valid(raise_exception=True)
    return [FoundCode(entered.validated_data["code"], "")]


def _found(brand: Brand, code: FoundCode) -> dict[str, Any]:
    return {"text": code.text, "format": code.format, "variant": find_variant(brand, code.text)}
