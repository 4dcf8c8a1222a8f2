"""Personal tokens over REST."""

from typing import Any, cast

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from catalog.access import Right
from catalog.api.base import find_brand
from catalog.api.fields import shown_by
from catalog.models import AccessToken
from catalog.services.tokens import LIVES, create_token, revoke_token
from erp.core.api.scopes import SCOPES
from erp.core.api.views import Scoped
from erp.core.models import User

NEW = {"name": "Stock sync of the web shop", "scopes": ["catalog:read", "stock:read"], "days": 365, "brand": "haneul"}
DAYS = [(days, str(days)) for days in LIVES if days is not None]


class ScopesField(serializers.ListField):
    child = serializers.ChoiceField(choices=list(SCOPES))


class AccessTokenSerializer(serializers.ModelSerializer):
    scopes = ScopesField(read_only=True)
    brand = shown_by(help_text="The only brand it sees; null: all that its person sees.")
    hint = serializers.CharField(help_text="Its first letters.")
    created_at = serializers.DateTimeField(source="created")
    expires_at = serializers.DateTimeField(source="expiry", allow_null=True, help_text="Null: never.")
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="Within ten minutes; null: never.")

    class Meta:
        model = AccessToken
        fields = ["id", "name", "hint", "scopes", "brand", "created_at", "expires_at", "last_used_at"]
        read_only_fields = fields


class MadeAccessTokenSerializer(AccessTokenSerializer):
    token = serializers.SerializerMethodField()

    class Meta(AccessTokenSerializer.Meta):
        fields = [*AccessTokenSerializer.Meta.fields, "token"]
        read_only_fields = fields

    def get_token(self, token: AccessToken) -> str:
        """Send it as `Authorization: Token <token>`. It is shown this once."""
        return str(self.context["secret"])


class NewAccessTokenSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=60, help_text="What it is for; none of your tokens may have it already.")
    scopes = ScopesField(min_length=1, max_length=len(SCOPES))
    days = serializers.ChoiceField(choices=DAYS, allow_null=True, help_text="Null: it never ends.")
    brand = serializers.SlugField(max_length=40, required=False, allow_null=True, help_text="Limits it to one brand.")


@extend_schema(tags=["tokens"])
@extend_schema_view(list=extend_schema(summary="Your tokens, newest first"))
class TokensViewSet(Scoped, ListModelMixin, GenericViewSet):
    """Personal tokens of whoever asks: nobody sees another's. Their secrets are not kept."""

    scope = "tokens"
    queryset = AccessToken.objects.select_related("brand")
    serializer_class = AccessTokenSerializer
    lookup_value_converter = "int"

    @property
    def actor(self) -> User:
        """Whoever is logged in; a token is always somebody's."""
        return cast(User, self.request.user)

    @extend_schema(
        summary="Make a token",
        description="With a token, it can have no scope, brand or day that the token of the request lacks.",
        request=NewAccessTokenSerializer,
        responses={201: MadeAccessTokenSerializer},
        examples=[OpenApiExample("To read one brand's stock", value=NEW, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        entered = NewAccessTokenSerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        said: dict[str, Any] = entered.validated_data
        slug = said.pop("brand", None)
        token, secret = create_token(
            actor=self.actor,
            brand=find_brand(request, slug, Right.VIEW) if slug else None,
            made_with=request.auth if isinstance(request.auth, AccessToken) else None,
            **said,
        )
        shown = MadeAccessTokenSerializer(token, context={"secret": secret})
        return Response(shown.data, status=201, headers={"Cache-Control": "no-store"})

    @extend_schema(summary="Revoke a token", responses={204: OpenApiResponse(description="It opens nothing any more.")})
    def destroy(self, request: Request, pk: int) -> Response:
        revoke_token(token=self.get_object(), actor=self.actor)
        return Response(status=204)
