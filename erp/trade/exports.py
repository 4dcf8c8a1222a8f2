"""Papers as tables to download."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from erp.core.money import decimals_of
from erp.core.tables import CHUNK, csv_parts, safe_text
from erp.trade.models import AccountEntry, Partner


def account_csv(partner: Partner) -> Iterator[bytes]:
    """Every entry, oldest first. The words are those of this moment's language, whenever the file is sent."""
    entered = [_("Day"), _("Recorded"), _("Kind"), _("Paid by"), _("Slip")]
    header = [*entered, _("Amount"), _("Balance after"), _("Note"), _("By")]
    kinds = {value: str(label) for value, label in [*AccountEntry.Kind.choices, *AccountEntry.Method.choices]}
    zone, places = ZoneInfo(partner.brand.time_zone), decimals_of(partner.brand.currency)
    entries = AccountEntry.objects.filter(partner=partner).select_related("slip", "actor").order_by("pk")
    rows = (
        [
            entry.occurred_on,
            entry.recorded_at.astimezone(zone).isoformat(timespec="seconds"),
            kinds[entry.kind],
            kinds.get(entry.method, ""),
            str(entry.slip or ""),
            f"{entry.amount:.{places}f}",
            f"{entry.balance_after:.{places}f}",
            safe_text(entry.note),
            safe_text(entry.actor.get_full_name() or entry.actor.get_username()),
        ]
        for entry in entries.iterator(chunk_size=CHUNK)
    )
    return csv_parts(header, rows)
