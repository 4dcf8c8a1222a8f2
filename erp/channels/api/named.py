"""What requests about channels name: a channel, a variant."""

from __future__ import annotations

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from catalog.access import Right, require
from catalog.models import Brand, Variant
from catalog.services.saving import refuse
from erp.channels.models import Channel


class ChannelNameSerializer(serializers.Serializer):
    channel = serializers.UUIDField(help_text="The id of a channel.")


def named_channel(request: Request, right: Right) -> Channel:
    """The channel whose id the body gives. One that the person does not see is 404, one without the right 403."""
    entered = ChannelNameSerializer(data=request.data)
    entered.is_valid(raise_exception=True)
    channels = Channel.objects.visible_to(request.user).select_related("brand", "location")
    channel = channels.filter(public_id=entered.validated_data["channel"]).first()
    if channel is None:
        raise refuse("not_found", _("There is no such channel, or you may not see it."), "channel", status=404)
    require(request.user, channel.brand, right)
    return channel


def named_variant(brand: Brand, pk: int) -> Variant:
    variant = Variant.objects.of(brand).filter(pk=pk).first()
    if variant is None:
        raise refuse("unknown_variant", _("There is no such variant in this brand."), "variant")
    return variant
