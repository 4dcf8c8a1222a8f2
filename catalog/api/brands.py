"""Who am I, and which brands do I see."""

from typing import Any

from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.access import Right, rights_of_role
from catalog.api.base import BrandViewSet
from catalog.models import Brand, Membership, Role
from erp.core.api.fields import ClockField
from erp.core.api.login import UserSerializer
from erp.core.api.scopes import ANY

ROLES = [*Role.values, "auditor"]
RIGHTS = [right.value for right in Right]


class BrandSerializer(serializers.ModelSerializer):
    day_ends_at = ClockField(read_only=True, help_text="In the brand's time zone.")
    role = serializers.SerializerMethodField()
    rights = serializers.SerializerMethodField()

    class Meta:
        model = Brand
        fields = [
            "slug",
            "name_ko",
            "name_en",
            "currency",
            "time_zone",
            "day_ends_at",
            "sku_scheme",
            "low_stock_at",
            "updated_at",
            "role",
            "rights",
        ]
        read_only_fields = fields

    def _role(self, brand: Brand) -> str | None:
        return next((membership.role for membership in brand.own_memberships), None)  # type: ignore[attr-defined]

    @extend_schema_field({"type": ["string", "null"], "enum": [*ROLES, None]})
    def get_role(self, brand: Brand) -> str | None:
        """owner, staff or viewer; auditor for a platform auditor; null for a superuser."""
        user = self.context["request"].user
        return self._role(brand) or ("auditor" if user.is_auditor else None)

    @extend_schema_field({"type": "array", "items": {"type": "string", "enum": RIGHTS}})
    def get_rights(self, brand: Brand) -> list[str]:
        """view: see it; work: list products and move stock; manage: its settings, locations and people."""
        held = rights_of_role(self.context["request"].user, self._role(brand))
        return [right.value for right in Right if right in held]


def with_own_role(brands: Any, user: Any) -> Any:
    """Brands with the membership of one person as `own_memberships`, in one query more."""
    own = Membership.objects.filter(user=user.pk)
    return brands.prefetch_related(Prefetch("memberships", queryset=own, to_attr="own_memberships"))


@extend_schema(tags=["brands"])
class BrandsViewSet(ListModelMixin, RetrieveModelMixin, BrandViewSet):
    """The brands the person sees, with their role and rights in each."""

    scope = "catalog"
    queryset = Brand.objects.all()
    serializer_class = BrandSerializer
    lookup_field = "slug"
    lookup_value_converter = "slug"
    page_ordering = ("id",)
    orderings = {"slug": "slug", "name_ko": "name_ko"}
    synced_by = "updated_at"

    def get_queryset(self) -> Any:
        return with_own_role(super().get_queryset(), self.request.user)


class MeSerializer(UserSerializer):
    brands = serializers.SerializerMethodField()

    class Meta(UserSerializer.Meta):
        fields = [*UserSerializer.Meta.fields, "brands"]
        read_only_fields = fields

    @extend_schema_field(BrandSerializer(many=True))
    def get_brands(self, user: Any) -> Any:
        """The brands of the person's memberships. An auditor sees more: `GET /api/v1/brands/`."""
        brands = Brand.objects.visible_to(user).filter(memberships__user=user).order_by("id")
        return BrandSerializer(with_own_role(brands, user), many=True, context=self.context).data


class MeView(APIView):
    scope = ANY

    @extend_schema(operation_id="me", summary="Who am I", tags=["auth"], responses=MeSerializer)
    def get(self, request: Request) -> Response:
        return Response(MeSerializer(request.user, context={"request": request}).data)
