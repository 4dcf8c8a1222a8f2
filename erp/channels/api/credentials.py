"""Secrets of channels over the API: written, never read."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import Right, require
from catalog.api.base import BrandViewSet
from catalog.services.saving import refuse
from erp.channels.models import Channel, Credential
from erp.channels.services.credentials import LONGEST_SECRET, remove_credential, set_credential

KIND = OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=Credential.Kind.values)


class CredentialSerializer(serializers.ModelSerializer):
    """That a secret is there and how it ends; never the secret."""

    class Meta:
        model = Credential
        fields = ["kind", "hint", "updated_at"]
        read_only_fields = fields


class CredentialEntrySerializer(serializers.Serializer):
    secret = serializers.CharField(max_length=LONGEST_SECRET, write_only=True, style={"input_type": "password"})


@extend_schema(tags=["channels"])
class CredentialsViewSet(BrandViewSet):
    """Access keys of marketplaces. They are the owner's to see, to set and to forget."""

    scope = "channels"
    queryset = Channel.objects.select_related("brand")
    serializer_class = CredentialSerializer
    lookup_field = "public_id"
    pagination_class = None
    right = Right.MANAGE

    def _channel(self) -> Channel:
        channel = self.get_object()
        require(self.request.user, channel.brand, Right.MANAGE)
        return channel

    @extend_schema(
        operation_id="channels_credentials",
        summary="Which secrets a channel has",
        description="The secrets themselves are never shown.",
        responses=CredentialSerializer(many=True),
    )
    def list(self, request: Request, public_id: Any) -> Response:
        return Response(CredentialSerializer(self._channel().credentials.order_by("kind"), many=True).data)

    @extend_schema(
        operation_id="channels_credentials_set",
        summary="Set a secret",
        description="Kept encrypted, instead of the one before.",
        parameters=[KIND],
        request=CredentialEntrySerializer,
        responses=CredentialSerializer,
        examples=[OpenApiExample("A token", value={"secret": "shpat_0123456789"}, request_only=True)],
    )
    def update(self, request: Request, public_id: Any, kind: str) -> Response:
        channel = self._channel()
        entered = CredentialEntrySerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        row = set_credential(channel=channel, kind=_known(kind), actor=self.actor, **entered.validated_data)
        return Response(CredentialSerializer(row).data)

    @extend_schema(
        operation_id="channels_credentials_forget",
        summary="Forget a secret",
        parameters=[KIND],
        request=None,
        responses={204: OpenApiResponse(description="It is gone.")},
    )
    def destroy(self, request: Request, public_id: Any, kind: str) -> Response:
        remove_credential(channel=self._channel(), kind=_known(kind), actor=self.actor)
        return Response(status=204)


def _known(kind: str) -> str:
    if kind not in Credential.Kind.values:
        raise refuse("not_found", _("There is no such kind of secret."), "kind", status=404)
    return kind
