"""What a piece costs on a channel, and how many of it may be sold there."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from erp.channels.models import Channel

ROUNDINGS = {
    Channel.Rounding.NEAREST: ROUND_HALF_UP,
    Channel.Rounding.UP: ROUND_CEILING,
    Channel.Rounding.DOWN: ROUND_FLOOR,
}


def channel_price(channel: Channel, amount: Decimal) -> Decimal:
    """The product's price by the channel's rule, in its currency; never below nothing."""
    raised = amount * channel.price_factor + channel.price_plus
    steps = (raised / channel.price_step).quantize(Decimal(1), ROUNDINGS[Channel.Rounding(channel.rounding)])
    return max(steps * channel.price_step, Decimal(0))


def sellable(channel: Channel, available: int) -> int:
    """How many of the pieces that are free the channel may sell: what is beyond the buffer, times its share."""
    return max(available - channel.buffer, 0) * channel.share // 100
