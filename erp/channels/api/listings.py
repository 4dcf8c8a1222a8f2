"""Listings over the API: put on channels, looked at field by field, changed, made ready; what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import Right, visible_brands
from catalog.api.base import BrandViewSet
from catalog.models import Product
from catalog.services.saving import refuse
from erp.channels.api import listing_serializers as shapes
from erp.channels.api.findings import FindingSerializer, found_of
from erp.channels.api.named import named_channel
from erp.channels.models import Channel, ChannelListing
from erp.channels.resolving import Resolver, of_channel
from erp.channels.services import listings
from erp.channels.services.pictures import picture_urls, public_origin
from erp.core.errors import DomainError, Problem
from erp.core.filters import IdFilter

OVERRIDES = {"title": "오버핏 옥스퍼드 셔츠", "price": "42000", "variants": [{"variant": 7, "price": "45000"}]}
CHANNEL = "5b0c7a52-2f55-4b5a-9d2e-0f6f1f9f0c11"
FULL = shapes.FullListingSerializer


class ListingFilter(filters.FilterSet):
    brand = filters.ModelChoiceFilter(field_name="channel__brand", to_field_name="slug", queryset=visible_brands)
    channel = filters.UUIDFilter(field_name="channel__public_id", label="The id of a channel.")
    product = IdFilter(field_name="product_id", label="The id of a product.")
    stale = filters.BooleanFilter(
        field_name="stale_since", lookup_expr="isnull", exclude=True, label="Changed after it went out."
    )

    class Meta:
        model = ChannelListing
        fields = ["brand", "channel", "product", "status", "stale", "external_id"]


@extend_schema(tags=["listings"])
@extend_schema_view(
    list=extend_schema(summary="Listings, newest first"),
    retrieve=extend_schema(
        summary="One listing with every field",
        description="Each with where its value comes from: the listing's own, a template, the product, a rule.",
        responses=FULL,
    ),
)
class ListingsViewSet(ListModelMixin, RetrieveModelMixin, BrandViewSet):
    """A product on a channel."""

    scope = "channels"
    queryset = ChannelListing.objects.select_related("channel__brand", "product")
    serializer_class = shapes.ListingSerializer
    filterset_class = ListingFilter
    brand_of = "channel.brand"
    synced_by = "updated_at"

    def _full(self, listing: ChannelListing) -> Response:
        channel = Channel.objects.select_related("brand", "location").get(pk=listing.channel_id)
        found = of_channel(channel).select_related("channel__brand", "product__category", "product__pattern")
        row = found.get(pk=listing.pk)
        resolver = Resolver(channel, picture_url=picture_urls(public_origin(self.request)))
        [facts] = resolver.facts([row])
        context = {"resolver": resolver, "facts": facts, "fields": resolver.fields(row)}
        return Response(FULL(row, context=context).data)

    def retrieve(self, request: Request, pk: int) -> Response:
        return self._full(self.get_object())

    @extend_schema(
        operation_id="listings_create",
        summary="Put products on a channel",
        description="Each for itself, as a draft. One that is there already is answered as it is: sent again, nothing "
        "happens.",
        request=shapes.NewListingsSerializer,
        responses={200: shapes.ListingResultsSerializer},
        examples=[OpenApiExample("Three", value={"channel": CHANNEL, "products": [12, 13, 14]}, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        channel = named_channel(request, Right.WORK)
        wanted = self._read(shapes.NewListingsSerializer)["products"]
        if not channel.is_active:
            message = _("This channel is not in use any more. Take it into use again first.")
            raise refuse("channel_retired", message, "channel", status=409)
        products = Product.objects.of(channel.brand).filter(pk__in=wanted)
        known = {product.pk: product for product in products}
        with transaction.atomic():
            before = set(self._of(channel, wanted).values_list("product_id", flat=True))
            listings.add_products(channel=channel, products=products)
        made = dict(self._of(channel, wanted).values_list("product_id", "pk"))
        return _answered(
            {
                "row": row,
                "product": pk,
                "listing": made.get(pk),
                "changed": pk in made and pk not in before,
                "problems": [] if pk in made else [_unlisted(known.get(pk))],
            }
            for row, pk in enumerate(wanted, start=1)
        )

    @extend_schema(
        summary="What the listing says of its own",
        description=(
            "Only what is named changes. Blank text, or null for a price, takes the template's or the product's again. "
            "`attributes` and `pictures` are replaced as a whole."
        ),
        request=shapes.ListingEntrySerializer,
        responses=FULL,
        examples=[OpenApiExample("Its own title and prices", value=OVERRIDES, request_only=True)],
    )
    def partial_update(self, request: Request, pk: int) -> Response:
        listing = self.get_object()
        said = self._read(shapes.ListingEntrySerializer)
        prices, pictures = said.pop("variants", None), said.pop("pictures", None)
        with transaction.atomic():
            if said or prices is not None:
                listings.update_listing(listing=listing, prices=_prices(listing, prices or []), **said)
            if pictures is not None:
                photos = {image.public_id: image.pk for image in listing.product.images.all()}
                listings.set_pictures(listing=listing, pictures=[photos.get(wanted, 0) for wanted in pictures])
        return self._full(listing)

    @extend_schema(
        summary="Take a listing off",
        description="One that never went out. What a marketplace has is ended there; make it a draft instead.",
        responses={204: OpenApiResponse(description="It is gone.")},
    )
    def destroy(self, request: Request, pk: int) -> Response:
        listing = self.get_object()
        if listing.exported_at or listing.external_id:
            message = _("The marketplace has it already. End it there, and make it a draft here.")
            raise refuse("went_out", message, "listing", status=409)
        listings.take_off(listings=ChannelListing.objects.filter(pk=listing.pk))
        return Response(status=204)

    @extend_schema(
        operation_id="listings_set_status",
        summary="Make listings ready, or drafts again",
        description="Ready ones go out with the next export. Each for itself; of one channel at a time.",
        request=shapes.StatusSerializer,
        responses=shapes.ListingResultsSerializer,
        examples=[
            OpenApiExample(
                "Ready", value={"channel": CHANNEL, "status": "ready", "listings": [3, 4]}, request_only=True
            )
        ],
        filters=False,
    )
    @action(detail=False, methods=["post"], pagination_class=None)
    def status(self, request: Request) -> Response:
        channel, said = named_channel(request, Right.WORK), self._read(shapes.StatusSerializer)
        rows = ChannelListing.objects.filter(channel=channel, pk__in=said["listings"])
        with transaction.atomic():
            before = dict(rows.values_list("pk", "status"))
            listings.set_status(listings=rows, ready=said["status"] == "ready")
        after = {row.pk: row for row in rows}
        return _answered(
            {
                "row": number,
                "product": after[pk].product_id if pk in after else None,
                "listing": pk if pk in after else None,
                "changed": pk in after and after[pk].status != before.get(pk),
                "problems": [] if pk in after else [_no_listing()],
            }
            for number, pk in enumerate(said["listings"], start=1)
        )

    @extend_schema(
        operation_id="listings_findings",
        summary="What the marketplace would refuse of a listing",
        responses=FindingSerializer(many=True),
        filters=False,
    )
    @action(detail=True, pagination_class=None)
    def findings(self, request: Request, pk: int) -> Response:
        listing = self.get_object()
        [(_row, found)] = found_of(request, listing.channel, [of_channel(listing.channel).get(pk=listing.pk)])
        return Response(FindingSerializer(found, many=True).data)

    def _read(self, shape: Any) -> dict[str, Any]:
        entered = shape(data=self.request.data)
        entered.is_valid(raise_exception=True)
        return entered.validated_data

    def _of(self, channel: Channel, products: list[int]) -> Any:
        return ChannelListing.objects.filter(channel=channel, product__in=products).order_by()


def _answered(rows: Iterable[dict[str, Any]]) -> Response:
    return Response(shapes.ListingResultsSerializer({"results": list(rows)}).data)


def _prices(listing: ChannelListing, rows: list[dict[str, Any]]) -> dict[int, Decimal | None]:
    """Price by variant; variants that are none of the product's are refused, each by its line."""
    own = set(listing.product.variants.values_list("pk", flat=True))
    message = _("There is no such variant of this product.")
    problems = [
        Problem("unknown_variant", message, "variant", line)
        for line, row in enumerate(rows, start=1)
        if row["variant"] not in own
    ]
    if problems:
        raise DomainError("lines_refused", _("Some of the entries need mending."), problems)
    return {row["variant"]: row["price"] for row in rows}


def _unlisted(product: Product | None) -> dict[str, Any]:
    if product is None:
        return Problem("does_not_exist", _("There is no such product in this brand."), "product").as_dict()
    return Problem("archived", _("This product is archived. Take it into use again first."), "product").as_dict()


def _no_listing() -> dict[str, Any]:
    return Problem("does_not_exist", _("There is no such listing on this channel."), "listing").as_dict()
