"""What an address names, if it is the brand's; a stranger's is not there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.shortcuts import get_object_or_404

from catalog.pages import BrandRequest
from erp.channels.models import Channel, ChannelListing
from erp.core.errors import DomainError
from erp.core.flash import done


def find_channel(request: BrandRequest, pk: int) -> Channel:
    return get_object_or_404(Channel.objects.of(request.brand).select_related("brand", "template"), pk=pk)


def find_listing(request: BrandRequest, pk: int) -> ChannelListing:
    rows = ChannelListing.objects.of(request.brand)
    return get_object_or_404(rows.select_related("channel__brand", "channel__template", "product"), pk=pk)


def told(request: BrandRequest, act: Callable[[], Any], words: Any = "") -> Any:
    """Does it and gives what came of it, None where it was refused; words or refusal stand on the next page."""
    try:
        result = act()
    except DomainError as error:
        tell_refused(request, error)
        return None
    if words:
        done(request, words)
    return result


def tell_refused(request: BrandRequest, error: DomainError) -> None:
    """Above the next page, every reason."""
    for message in [problem.message for problem in error.problems] or [error.message]:
        messages.error(request, str(message))
