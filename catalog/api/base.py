"""What the views of everything that belongs to a brand have in common."""

from operator import attrgetter
from typing import Any, ClassVar, cast

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from catalog.access import Right, require
from catalog.models import Brand
from erp.core.api.rest import RestViewSet
from erp.core.api.views import Scoped
from erp.core.errors import DomainError, Problem
from erp.core.models import User


class BrandViewSet(Scoped, RestViewSet):
    """Rows of the brands a person sees; to change one they need `right` in its brand. Others' rows are 404."""

    right: ClassVar[Right] = Right.WORK
    brand_of: ClassVar[str] = "brand"  # the path from a row to its brand
    lookup_value_converter = "int"

    @property
    def actor(self) -> User:
        """Whoever is logged in; every route of a brand needs somebody."""
        return cast(User, self.request.user)

    def check_object_permissions(self, request: Request, obj: Any) -> None:
        super().check_object_permissions(request, obj)
        if request.method not in SAFE_METHODS:
            require(request.user, attrgetter(self.brand_of)(obj), self.right)


class BrandNameSerializer(serializers.Serializer):
    brand = serializers.SlugField(max_length=40, help_text="The slug of the brand it belongs to.")


def named_brand(request: Request, right: Right) -> Brand:
    """The brand whose slug the body names. One that the person does not see is 404, one without the right 403."""
    return _brand(request, request.data, right)


def asked_brand(request: Request, right: Right = Right.VIEW) -> Brand:
    """The brand whose slug the address names by `?brand=`; refused as `named_brand` refuses."""
    return _brand(request, request.query_params, right)


def _brand(request: Request, said: Any, right: Right) -> Brand:
    entered = BrandNameSerializer(data=said)
    entered.is_valid(raise_exception=True)
    return find_brand(request, entered.validated_data["brand"], right)


def find_brand(request: Request, slug: str, right: Right) -> Brand:
    """The brand of this slug; refused as `named_brand` refuses."""
    brand = Brand.objects.visible_to(request.user).filter(slug=slug).first()
    if brand is None:
        message = _("There is no brand “%(slug)s”, or you may not see it.") % {"slug": slug}
        raise DomainError("not_found", message, [Problem("does_not_exist", message, field="brand")], status=404)
    require(request.user, brand, right)
    return brand
