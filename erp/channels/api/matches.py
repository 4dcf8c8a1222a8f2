"""Our words and theirs over the API: categories, words, SKUs; and the templates of descriptions."""

from __future__ import annotations

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiResponse,
    extend_schema,
    extend_schema_serializer,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import Right, visible_brands
from catalog.api.base import BrandNameSerializer, BrandViewSet, named_brand
from catalog.api.fields import shown_by
from catalog.models import Category, Product
from erp.channels.api.named import ChannelNameSerializer, named_channel, named_variant
from erp.channels.models import AttributeMatch, CategoryMatch, Channel, DescriptionTemplate, SkuMatch
from erp.channels.models.channels import Language
from erp.channels.selectors.mappings import category_rows
from erp.channels.services.descriptions import MOST_SIGNS, forget_description, save_description
from erp.channels.services.intake import forget_sku, match_sku
from erp.channels.services.mappings import match_categories, match_words
from erp.core.api.fields import RowIdField, choice_or_blank

CHANNEL = "5b0c7a52-2f55-4b5a-9d2e-0f6f1f9f0c11"
GONE = {204: OpenApiResponse(description="It is gone.")}


class CategoryMatchSerializer(serializers.ModelSerializer):
    channel = serializers.UUIDField(source="channel.public_id", read_only=True)
    category = shown_by()
    gender = choice_or_blank(Product.Gender.choices)

    class Meta:
        model = CategoryMatch
        fields = ["id", "channel", "category", "gender", "target", "updated_at"]
        read_only_fields = fields


class CategoryEntrySerializer(ChannelNameSerializer):
    category = serializers.SlugRelatedField(slug_field="slug", queryset=Category.objects.all())
    gender = serializers.ChoiceField(
        Product.Gender.choices, allow_blank=True, default="", help_text="Blank: for everybody."
    )
    target = serializers.CharField(max_length=200, help_text="The marketplace's code or path.")


class WordMatchSerializer(serializers.ModelSerializer):
    channel = serializers.UUIDField(source="channel.public_id", read_only=True)

    class Meta:
        model = AttributeMatch
        fields = ["id", "channel", "kind", "ours", "theirs"]
        read_only_fields = fields


class WordEntrySerializer(ChannelNameSerializer):
    kind = serializers.ChoiceField(AttributeMatch.Kind.choices)
    ours = serializers.CharField(max_length=120, help_text="As it stands in the channel's language.")
    theirs = serializers.CharField(max_length=120)


class SkuMatchSerializer(serializers.ModelSerializer):
    channel = serializers.UUIDField(source="channel.public_id", read_only=True)
    variant_sku = serializers.CharField(source="variant.sku", read_only=True)
    created_by = shown_by("username")

    class Meta:
        model = SkuMatch
        fields = ["id", "channel", "sku", "variant", "variant_sku", "created_by", "updated_at"]
        read_only_fields = fields


class SkuEntrySerializer(ChannelNameSerializer):
    sku = serializers.CharField(max_length=120, help_text="What the marketplace calls it.")
    variant = RowIdField()


class SkuMatchedSerializer(SkuMatchSerializer):
    taken = serializers.IntegerField(help_text="Orders that waited for it and are taken in now.")

    class Meta(SkuMatchSerializer.Meta):
        fields = [*SkuMatchSerializer.Meta.fields, "taken"]
        read_only_fields = fields


class DescriptionTemplateSerializer(serializers.ModelSerializer):
    brand = shown_by()

    class Meta:
        model = DescriptionTemplate
        fields = ["id", "brand", "language", "body", "updated_at"]
        read_only_fields = fields


class DescriptionEntrySerializer(BrandNameSerializer):
    language = serializers.ChoiceField(Language.choices)
    body = serializers.CharField(max_length=MOST_SIGNS)


class UnmatchedCategorySerializer(serializers.Serializer):
    category = serializers.SlugField(source="category.slug", help_text="Ours.")
    name = serializers.CharField(source="category.name", help_text="In the language of Accept-Language.")
    gender = choice_or_blank(Product.Gender.choices)
    products = serializers.IntegerField(min_value=0, help_text="Of this channel.")
    suggestion = serializers.CharField(
        allow_blank=True, help_text="What to send as the `target` of a match; blank: nobody knows."
    )
    suggested_by = serializers.CharField(
        source="vouched",
        allow_blank=True,
        help_text="The name of the channel that is matched so; blank: the marketplace's public list.",
    )


@extend_schema_serializer(many=False)
class UnmatchedCategoriesSerializer(serializers.Serializer):
    results = UnmatchedCategorySerializer(many=True)


class OfChannelFilter(filters.FilterSet):
    brand = filters.ModelChoiceFilter(field_name="channel__brand", to_field_name="slug", queryset=visible_brands)
    channel = filters.UUIDFilter(field_name="channel__public_id", label="The id of a channel.")


class OfBrandFilter(filters.FilterSet):
    brand = filters.ModelChoiceFilter(to_field_name="slug", queryset=visible_brands)


class MatchesViewSet(ListModelMixin, BrandViewSet):
    """What is matched is remembered for every product."""

    scope = "channels"
    brand_of = "channel.brand"
    filterset_class: Any = OfChannelFilter

    def _read(self, shape: Any) -> dict[str, Any]:
        entered = shape(data=self.request.data)
        entered.is_valid(raise_exception=True)
        return entered.validated_data

    def _shown(self, **which: Any) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(**which)).data)


@extend_schema(tags=["channel matches"])
@extend_schema_view(list=extend_schema(summary="Matched categories"))
class CategoryMatchesViewSet(MatchesViewSet):
    """Where a marketplace files our categories."""

    queryset = CategoryMatch.objects.select_related("channel__brand", "category")
    serializer_class = CategoryMatchSerializer

    @extend_schema(
        operation_id="category_matches_set",
        summary="Match a category",
        description="For everybody or one gender. Said again it replaces what was said before.",
        request=CategoryEntrySerializer,
        responses=CategoryMatchSerializer,
        examples=[
            OpenApiExample(
                "Shirts",
                value={"channel": CHANNEL, "category": "shirt", "gender": "women", "target": "50000830"},
                request_only=True,
            )
        ],
        filters=False,
    )
    def replace(self, request: Request) -> Response:
        channel, said = named_channel(request, Right.WORK), self._read(CategoryEntrySerializer)
        key = said["category"].pk, said["gender"]
        match_categories(channel=channel, targets={key: said["target"]})
        return self._shown(channel=channel, category=key[0], gender=key[1])

    @extend_schema(summary="Forget a matched category", responses=GONE)
    def destroy(self, request: Request, pk: int) -> Response:
        row = self.get_object()
        match_categories(channel=row.channel, targets={(row.category_id, row.gender): ""})
        return Response(status=204)


@extend_schema(tags=["channel matches"])
class UnmatchedCategoriesViewSet(BrandViewSet):
    """What waits to be matched, with what it may be."""

    scope = "channels"
    queryset = Channel.objects.select_related("brand")
    serializer_class = UnmatchedCategorySerializer
    lookup_field = "public_id"
    pagination_class = None

    @extend_schema(
        operation_id="channels_unmatched_categories",
        summary="Categories that nobody matched yet",
        description="Those of the channel's products, the most used first, each with a suggestion: as another channel "
        "of the brand on this marketplace says, else the marketplace's public list. Nothing is matched by itself.",
        responses=UnmatchedCategoriesSerializer,
        filters=False,
    )
    def list(self, request: Request, public_id: Any) -> Response:
        rows = [row for row in category_rows(self.get_object()) if not row.target]
        return Response({"results": UnmatchedCategorySerializer(rows, many=True).data})


@extend_schema(tags=["channel matches"])
@extend_schema_view(list=extend_schema(summary="Matched words"))
class WordMatchesViewSet(MatchesViewSet):
    """What a marketplace calls our colours, sizes and patterns."""

    queryset = AttributeMatch.objects.select_related("channel__brand")
    serializer_class = WordMatchSerializer

    @extend_schema(
        operation_id="word_matches_set",
        summary="Match a word",
        request=WordEntrySerializer,
        responses=WordMatchSerializer,
        examples=[
            OpenApiExample(
                "A colour",
                value={"channel": CHANNEL, "kind": "colour", "ours": "네이비", "theirs": "진남색"},
                request_only=True,
            )
        ],
        filters=False,
    )
    def replace(self, request: Request) -> Response:
        channel, said = named_channel(request, Right.WORK), self._read(WordEntrySerializer)
        match_words(channel=channel, words={(said["kind"], said["ours"]): said["theirs"]})
        return self._shown(channel=channel, kind=said["kind"], ours=said["ours"])

    @extend_schema(summary="Forget a matched word", responses=GONE)
    def destroy(self, request: Request, pk: int) -> Response:
        row = self.get_object()
        match_words(channel=row.channel, words={(row.kind, row.ours): ""})
        return Response(status=204)


@extend_schema(tags=["channel matches"])
@extend_schema_view(list=extend_schema(summary="Matched SKUs"))
class SkuMatchesViewSet(MatchesViewSet):
    """What a marketplace calls our variants."""

    queryset = SkuMatch.objects.select_related("channel__brand", "variant", "created_by")
    serializer_class = SkuMatchSerializer

    @extend_schema(
        operation_id="sku_matches_set",
        summary="Say which variant a SKU is",
        description="From now on, and for the orders that wait for it: those whose goods are all known are taken in.",
        request=SkuEntrySerializer,
        responses=SkuMatchedSerializer,
        examples=[
            OpenApiExample("One", value={"channel": CHANNEL, "sku": "SHIRT-NVY-M", "variant": 7}, request_only=True)
        ],
        filters=False,
    )
    def replace(self, request: Request) -> Response:
        channel, said = named_channel(request, Right.WORK), self._read(SkuEntrySerializer)
        variant = named_variant(channel.brand, said["variant"])
        taken = match_sku(channel=channel, sku=said["sku"], variant=variant, actor=self.actor)
        row = self.get_queryset().get(channel=channel, sku=said["sku"])
        row.taken = taken
        return Response(SkuMatchedSerializer(row).data)

    @extend_schema(
        summary="Forget a matched SKU",
        description="Orders that wait ask anew which variant it is; what was taken in stays.",
        responses=GONE,
    )
    def destroy(self, request: Request, pk: int) -> Response:
        forget_sku(match=self.get_object())
        return Response(status=204)


@extend_schema(tags=["channel matches"])
@extend_schema_view(list=extend_schema(summary="Templates of descriptions"))
class DescriptionTemplatesViewSet(MatchesViewSet):
    """One for each language. Without one, the text that Jangbu ships."""

    queryset = DescriptionTemplate.objects.filter(is_default=True).select_related("brand")
    serializer_class = DescriptionTemplateSerializer
    filterset_class = OfBrandFilter
    brand_of = "brand"

    @extend_schema(
        operation_id="description_templates_set",
        summary="Write the template of a language",
        description="Places in braces are filled with facts: {title}, {material}, {care}, {sizes}, {colours}, "
        "{pattern}, {category}, {season}, {brand}, {style_number}. A line whose facts are all blank is left out.",
        request=DescriptionEntrySerializer,
        responses=DescriptionTemplateSerializer,
        examples=[
            OpenApiExample(
                "Korean",
                value={"brand": "haneul", "language": "ko", "body": "{title}\n소재: {material}"},
                request_only=True,
            )
        ],
        filters=False,
    )
    def replace(self, request: Request) -> Response:
        brand, said = named_brand(request, Right.WORK), self._read(DescriptionEntrySerializer)
        row = save_description(brand=brand, language=said["language"], body=said["body"])
        return self._shown(pk=row.pk)

    @extend_schema(summary="Back to the text that Jangbu ships", responses=GONE)
    def destroy(self, request: Request, pk: int) -> Response:
        row = self.get_object()
        forget_description(brand=row.brand, language=row.language)
        return Response(status=204)
