"""The public views: anybody may read, caches may keep what they read."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle

from erp.channels.models import Channel, Export
from erp.channels.models.channels import Language
from erp.channels.services.pictures import picture_urls, public_origin
from erp.channels.storefront import shapes
from erp.channels.storefront.filters import ListingFilter
from erp.channels.storefront.items import Showing, find_listing, shop_window, shown_listings
from erp.core.api.errors import NOT_FOUND
from erp.core.api.pages import Pages
from erp.core.api.views import AnyAccept
from erp.core.errors import DomainError

# A shopper may see what was true so many seconds ago; whether the last piece is still there is settled by the order.
FRESH = 15
CACHED = "public, max-age=30, s-maxage=60, stale-while-revalidate=300"
OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Last-Modified, Content-Language, Retry-After",
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "If-None-Match, If-Modified-Since, Accept-Language",
    "Access-Control-Max-Age": "86400",
}
LANG = OpenApiParameter("lang", enum=Language.values, description="Without it, the shop's own language.")
NARROWING = ("category", "colour", "size", "gender", "price_from", "price_to", "search", "cursor", "page_size")


class StorefrontPages(Pages):
    page_size = 24
    max_page_size = 100

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Shoppers keep no copies: there is nothing to synchronise."""
        page = super().get_paginated_response_schema(schema)
        del page["properties"]["synced_until"]
        return page


class StorefrontThrottle(SimpleRateThrottle):
    """Requests from one address."""

    scope = "storefront"

    def get_cache_key(self, request: Request, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


class Public(GenericAPIView):
    """A view without a log-in, of one shop and in one language."""

    authentication_classes = ()
    permission_classes = ()
    filter_backends = ()
    throttle_classes = (StorefrontThrottle,)
    channel: Channel
    language: str

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        asked = request.query_params.get("lang", "")
        translation.activate(asked if asked == Language.KOREAN else "en")  # of refusals: there is no Japanese one
        super().initial(request, *args, **kwargs)
        channel = shop_window(kwargs["public_id"])
        if channel is None:
            raise DomainError("not_found", NOT_FOUND, status=404)
        if asked and asked not in Language.values:
            raise serializers.ValidationError({"lang": _("Choose one of: %(allowed)s.") % {"allowed": "ko, en, ja"}})
        self.channel, self.language = channel, asked or channel.language

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return Response(status=204, headers=PREFLIGHT)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in OPEN.items():
            response.headers[name] = value
        response.headers["Content-Language"] = getattr(self, "language", "en")
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def showing(self) -> Showing:
        urls = picture_urls(public_origin(self.request._request))
        return Showing(self.channel, self.language, urls)

    def told(self, request: Request, *asked: str) -> HttpResponseBase:
        """What `content` gives, made once in `FRESH` seconds for all who ask the same; 304 for who has it already."""
        origin, host = public_origin(request._request), request.build_absolute_uri("/")
        key = hashlib.sha256(repr((type(self).__name__, self.channel.pk, self.language, origin, host, asked)).encode())
        found = cache.get(f"storefront:{key.hexdigest()}")
        if found is None:
            body: Any = self.get_renderers()[0].render(self.content())
            found = body, hashlib.sha256(body).hexdigest()[:32], int(timezone.now().timestamp())
            cache.set(f"storefront:{key.hexdigest()}", found, FRESH)
        body, digest, moment = found
        whole = HttpResponse(body, content_type="application/json")
        return conditional(request, whole, f'"{digest}"', moment)

    def content(self) -> Any:
        raise NotImplementedError


def conditional(request: Request, whole: Any, etag: str, moment: int) -> HttpResponseBase:
    """The answer, or 304. `moment` is when it was read: whoever has one of then or later has no older one."""
    response: Any = get_conditional_response(request._request, etag, moment, whole)
    for name, value in {"ETag": etag, "Last-Modified": http_date(moment), "Cache-Control": CACHED}.items():
        response.headers[name] = value
    return response


class ProductsView(Public):
    queryset = None
    serializer_class = shapes.ShownProductSerializer
    pagination_class = StorefrontPages

    @extend_schema(
        operation_id="products_list",
        summary="Products",
        description="What the shop shows, newest first. Walk on by `next`. `quantity` is never told exactly.",
        tags=["storefront"],
        auth=[],
        parameters=[
            LANG,
            *(OpenApiParameter(name, str) for name in ("category", "colour", "size", "search")),
            OpenApiParameter("gender", enum=["unisex", "women", "men", "kids"]),
            *(OpenApiParameter(name, OpenApiTypes.DECIMAL) for name in ("price_from", "price_to")),
        ],
        responses=shapes.ShownProductSerializer(many=True),
        examples=[OpenApiExample("A shirt, in Japanese", value=shapes.EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, public_id: UUID) -> HttpResponseBase:
        return self.told(request, *(request.query_params.get(name, "") for name in NARROWING))

    def content(self) -> Any:
        asked = ListingFilter(self.request.query_params, shown_listings(self.channel), channel=self.channel)
        if not asked.is_valid():
            raise serializers.ValidationError(asked.errors)
        page = self.paginate_queryset(asked.qs.order_by()) or []
        return self.get_paginated_response(list(self.showing().summaries(page))).data


class ProductView(Public):
    serializer_class = shapes.WholeProductSerializer

    @extend_schema(
        operation_id="products_retrieve",
        summary="One product",
        tags=["storefront"],
        auth=[],
        parameters=[LANG],
        responses=shapes.WholeProductSerializer,
        examples=[OpenApiExample("A shirt, in Japanese", value=shapes.WHOLE_EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, public_id: UUID, handle: str) -> HttpResponseBase:
        return self.told(request, handle)

    def content(self) -> Any:
        listing = find_listing(self.channel, self.kwargs["handle"])
        if listing is None:
            raise DomainError("not_found", NOT_FOUND, status=404)
        return self.showing().whole(listing)


class CategoriesView(Public):
    serializer_class = shapes.CategoriesSerializer

    @extend_schema(
        operation_id="categories_list",
        summary="Categories that hold products",
        description="The fullest first.",
        tags=["storefront"],
        auth=[],
        parameters=[LANG],
        responses=shapes.CategoriesSerializer,
        examples=[
            OpenApiExample(
                "In Japanese",
                value={"results": [{"slug": "shirt", "name": "シャツ・ブラウス", "products": 12}]},
                response_only=True,
            )
        ],
    )
    def get(self, request: Request, public_id: UUID) -> HttpResponseBase:
        return self.told(request)

    def content(self) -> Any:
        return {"results": self.showing().categories(shown_listings(self.channel))}


class FeedView(Public):
    """The file that was last exported, byte for byte."""

    serializer_class = serializers.Serializer
    content_negotiation_class = AnyAccept

    @extend_schema(
        operation_id="feed",
        summary="The whole feed",
        description="The file of the last export: an item for each variant, in the shop's own language.",
        tags=["storefront"],
        auth=[],
        responses={(200, "application/json"): OpenApiTypes.OBJECT},
    )
    def get(self, request: Request, public_id: UUID) -> HttpResponseBase:
        done = Export.objects.filter(channel=self.channel, what=Export.What.PRODUCTS, state=Export.State.DONE)
        export = done.exclude(file="").first()
        if export is None:
            raise DomainError("not_found", NOT_FOUND, status=404)
        self.language = self.channel.language
        moment = int(export.updated_at.timestamp())
        etag = f'"{export.sha256[:32]}"'
        return conditional(request, FileResponse(export.file.open("rb"), content_type="application/json"), etag, moment)
