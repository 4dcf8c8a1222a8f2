"""Photos: sent to a product, which starts their analysis; shown, described, ordered and removed."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.base import BrandViewSet
from catalog.api.filters import ImageFilter
from catalog.api.serializers import (
    IMAGE_KINDS,
    ImageEntrySerializer,
    ImageOrderSerializer,
    ImageSerializer,
    ImageUploadSerializer,
)
from catalog.images import image_response
from catalog.models import Product, ProductImage
from catalog.services import add_image, describe_image, order_images, remove_image
from erp.core.api.views import AnyAccept


@extend_schema(tags=["images"])
class ProductImagesViewSet(BrandViewSet):
    """The photos of one product."""

    scope = "catalog"
    queryset = Product.objects.select_related("brand")
    serializer_class = ImageSerializer
    page_ordering = ("position", "id")

    @extend_schema(summary="Photos of a product", responses=ImageSerializer(many=True))
    def list(self, request: Request, pk: int) -> Response:
        page = self.paginate_queryset(self.get_object().images.all())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        operation_id="products_images_upload",
        summary="Send a photo",
        description=(
            "One file a request, as the form field `image`. The photo is kept byte for byte, and its analysis starts: "
            "poll `/api/v1/images/{id}/analysis/` or `/api/v1/products/{id}/suggestions/`. A file that is no usable "
            "photo is refused with a code such as `photo_not_an_image`, `photo_truncated`, `photo_animated`, "
            "`photo_too_many_pixels`, `photo_file_too_large`; the same photo twice is `duplicate_photo`."
        ),
        request={"multipart/form-data": ImageUploadSerializer},
        responses={201: ImageSerializer},
    )
    def create(self, request: Request, pk: int) -> Response:
        product = self.get_object()
        entered = ImageUploadSerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        file = entered.validated_data["image"]
        image = add_image(product=product, data=file.read(), filename=file.name, actor=self.actor)
        return Response(self.get_serializer(image).data, status=201)

    @extend_schema(
        operation_id="products_images_order",
        summary="Order the photos",
        description="The first is the product's picture.",
        request=ImageOrderSerializer,
        responses=ImageSerializer(many=True),
    )
    def order(self, request: Request, pk: int) -> Response:
        product = self.get_object()
        entered = ImageOrderSerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        order_images(product=product, order=entered.validated_data["order"], actor=self.actor)
        data = self.get_serializer(product.images.all(), many=True).data
        return Response({"next": None, "previous": None, "results": data})


@extend_schema(tags=["images"])
@extend_schema_view(list=extend_schema(summary="Photos of all products"), retrieve=extend_schema(summary="One photo"))
class ImagesViewSet(ListModelMixin, RetrieveModelMixin, BrandViewSet):
    """Photos by their id."""

    scope = "catalog"
    queryset = ProductImage.objects.select_related("product__brand")
    serializer_class = ImageSerializer
    filterset_class = ImageFilter
    synced_by = "updated_at"
    brand_of = "product.brand"
    lookup_field = "public_id"
    lookup_value_converter = "uuid"

    @extend_schema(summary="Describe a photo", request=ImageEntrySerializer, responses=ImageSerializer)
    def partial_update(self, request: Request, public_id: Any) -> Response:
        image = self.get_object()
        entered = ImageEntrySerializer(image, data=request.data, partial=True)
        entered.is_valid(raise_exception=True)
        describe_image(image=image, actor=self.actor, **entered.validated_data)
        return Response(self.get_serializer(image).data)

    @extend_schema(
        summary="Remove a photo", responses={204: OpenApiResponse(description="It is gone, with all its files.")}
    )
    def destroy(self, request: Request, public_id: Any) -> Response:
        remove_image(image=self.get_object(), actor=self.actor)
        return Response(status=204)


@extend_schema(tags=["images"])
class ImageFileViewSet(BrandViewSet):
    """The files of a photo, for clients that hold a token."""

    scope = "catalog"
    queryset = ProductImage.objects.all()
    lookup_field = "public_id"
    content_negotiation_class = AnyAccept

    @extend_schema(
        operation_id="images_file",
        summary="The file of a photo",
        parameters=[OpenApiParameter("kind", OpenApiTypes.STR, OpenApiParameter.PATH, enum=IMAGE_KINDS)],
        responses={(200, "image/*"): OpenApiTypes.BINARY},
    )
    def retrieve(self, request: Request, public_id: Any, kind: str) -> Any:
        return image_response(request._request, self.get_object(), kind)
