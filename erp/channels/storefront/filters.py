"""What the public may narrow products by."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Exists, OuterRef, Q
from django_filters import rest_framework as filters

from catalog.models import Product, Variant
from erp.channels.models import Channel, ChannelListing
from erp.channels.prices import channel_price
from erp.channels.storefront.items import least_prices

PRICE: dict[str, Any] = {"validators": [MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(10**10))]}


class ListingFilter(filters.FilterSet):
    """`channel` is whose prices are meant."""

    category = filters.CharFilter(field_name="product__category__slug", max_length=40)
    colour = filters.CharFilter(method="of_colour", max_length=40, label="The slug of a colour.")
    size = filters.CharFilter(method="of_size", max_length=20)
    gender = filters.ChoiceFilter(field_name="product__gender", choices=Product.Gender.choices)
    price_from = filters.NumberFilter(method="in_prices", **PRICE)
    price_to = filters.NumberFilter(method="in_prices", **PRICE)
    search = filters.CharFilter(method="matching", max_length=120)

    class Meta:
        model = ChannelListing
        fields: list[str] = []

    def __init__(self, *args: Any, channel: Channel, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channel = channel

    def of_colour(self, queryset: Any, name: str, slug: str) -> Any:
        return queryset.filter(Exists(_for_sale().filter(colour__slug=slug)))

    def of_size(self, queryset: Any, name: str, code: str) -> Any:
        return queryset.filter(Exists(_for_sale().filter(size__code__iexact=code)))

    def in_prices(self, queryset: Any, name: str, bound: Decimal) -> Any:
        """The price of the listing; of those without one of its own, of products whose price the channel's rule
        brings there. The rule never turns a higher price into a lower one, so that two bounds say it."""
        low = bound if name == "price_from" else Decimal(0)
        high = bound if name == "price_to" else None
        own = Q(price__gte=low) & (Q() if high is None else Q(price__lte=high))
        fits = [
            price
            for price in least_prices(queryset)
            if channel_price(self.channel, price) >= low
            and (high is None or channel_price(self.channel, price) <= high)
        ]
        by_rule = Q(price=None, product__price__gte=fits[0], product__price__lte=fits[-1]) if fits else Q(pk=None)
        return queryset.filter(own | by_rule)

    def matching(self, queryset: Any, name: str, words: str) -> Any:
        products = Product.objects.filter(brand=self.channel.brand_id).search(words)
        return queryset.filter(Q(product__in=products.order_by().values("pk")) | Q(title__icontains=words.strip()))


def _for_sale() -> Any:
    return Variant.objects.filter(product=OuterRef("product"), is_active=True)
