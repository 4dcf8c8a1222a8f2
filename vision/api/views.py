"""Analyses and suggestions."""

from typing import Any

from django.db import transaction
from django.http import Http404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.base import BrandViewSet
from catalog.api.products import complete_products
from catalog.api.serializers import ProductSerializer
from catalog.models import Product, ProductImage
from catalog.services import update_product
from vision.api.serializers import AcceptSerializer, AnalysisSerializer, SuggestionsSerializer
from vision.services import accept_suggestions, record_answers, retry_analysis, suggestions_for


@extend_schema(tags=["images"])
class AnalysisViewSet(BrandViewSet):
    """The analysis of one photo."""

    scope = "vision"
    queryset = ProductImage.objects.select_related("product__brand", "analysis__model_version")
    serializer_class = AnalysisSerializer
    brand_of = "product.brand"
    lookup_field = "public_id"

    @extend_schema(operation_id="images_analysis", summary="How far the analysis is", responses=AnalysisSerializer)
    def retrieve(self, request: Request, public_id: Any) -> Response:
        analysis = getattr(self.get_object(), "analysis", None)
        if analysis is None:
            raise Http404
        return Response(self.get_serializer(analysis).data)

    @extend_schema(
        operation_id="images_analysis_again",
        summary="Analyse again",
        description="One that is waiting or running is left alone.",
        request=None,
        responses={202: AnalysisSerializer},
    )
    def retry(self, request: Request, public_id: Any) -> Response:
        return Response(self.get_serializer(retry_analysis(image=self.get_object())).data, status=202)


@extend_schema(tags=["products"])
class SuggestionsViewSet(BrandViewSet):
    """What the photos of a product suggest for its listing."""

    scope = "vision"
    queryset = Product.objects.select_related("brand", "category", "pattern", "size_run")
    serializer_class = SuggestionsSerializer

    @extend_schema(
        operation_id="products_suggestions", summary="What its photos suggest", responses=SuggestionsSerializer
    )
    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(suggestions_for(self.get_object())).data)

    @extend_schema(
        operation_id="products_suggestions_accept",
        summary="Accept the suggestions",
        description=(
            "Sets the choices of the body, fills what is still empty with what the photos suggest, and keeps the "
            "answers as labels for the next model. What a person entered before stays as it is."
        ),
        request=AcceptSerializer,
        responses=ProductSerializer,
        examples=[OpenApiExample("The second of three", value={"category": "shirt"}, request_only=True)],
    )
    def accept(self, request: Request, pk: int) -> Response:
        product = self.get_object()
        entered = AcceptSerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        chosen = entered.validated_data
        with transaction.atomic():
            if chosen:
                update_product(product=product, actor=self.actor, **chosen)
            accept_suggestions(product=product, actor=self.actor)
            record_answers(product=product, actor=self.actor, category=product.category, pattern=product.pattern)
        data = complete_products(Product.objects).get(pk=product.pk)
        return Response(ProductSerializer(data, context=self.get_serializer_context()).data)
