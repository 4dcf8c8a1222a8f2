"""What connections and webhooks have to tell on the home page."""

from __future__ import annotations

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import ngettext

from catalog.models import Brand
from erp.channels.models import Connection, WebhookEndpoint
from erp.inventory.notices import Notice, notice


@notice
def webhooks_that_fail(brand: Brand) -> Notice | None:
    """Paused by Jangbu: nothing was taken for days."""
    count = WebhookEndpoint.objects.of(brand).filter(is_active=False, failing_since__isnull=False).count()
    words = ngettext(
        "%(n)s webhook is paused: it failed for too long", "%(n)s webhooks are paused: they failed for too long", count
    )
    return _notice(words, count, reverse("channels:webhooks", args=[brand.slug]))


@notice
def shops_that_are_shut(brand: Brand) -> Notice | None:
    """Connections that nothing is sent over until a person changes them."""
    rows = list(Connection.objects.of(brand).exclude(problem="").select_related("channel")[:2])
    words = ngettext("A shop cannot be reached", "Several shops cannot be reached", len(rows))
    address = reverse("channels:connection", args=[brand.slug, rows[0].channel.public_id]) if rows else ""
    return _notice(words, len(rows), address)


def _notice(words: str, count: int, address: str) -> Notice | None:
    shown = {"n": number_format(count, force_grouping=True)}
    return Notice(words % shown if "%(n)s" in words else words, address, "alert", "bad") if count else None
