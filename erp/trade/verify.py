"""The proof of the accounts: every balance follows from the one before and what was entered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import DecimalField, F, OuterRef, Subquery, Value, Window
from django.db.models.functions import Coalesce, Lag, Round
from django.utils.translation import gettext as _

from catalog.models import Brand
from erp.trade.models import Account, AccountEntry

_MONEY = DecimalField(max_digits=14, decimal_places=2)
_ZERO = Value(Decimal(0), output_field=_MONEY)


@dataclass(frozen=True, slots=True)
class AccountDifference:
    """`check` is `balance` (of an account) or `running` (the balance an entry recorded)."""

    check: str
    brand: str
    partner: str
    recorded: Decimal
    computed: Decimal
    entry_id: int | None = None

    def __str__(self) -> str:
        words = {
            "brand": self.brand,
            "partner": self.partner,
            "recorded": f"{self.recorded:,}",
            "computed": f"{self.computed:,}",
            "entry": self.entry_id,
        }
        if self.check == "balance":
            return _("%(brand)s, %(partner)s: the account says %(recorded)s, its entries %(computed)s") % words
        message = _("%(brand)s, %(partner)s: entry %(entry)s says %(recorded)s, the entries up to it %(computed)s")
        return message % words


def verify_accounts(brand: Brand | None = None) -> list[AccountDifference]:
    """Every difference in one brand, or in all of them; an empty list is the proof. Reads only."""
    return [*_balances(brand), *_running(brand)]


def _balances(brand: Brand | None) -> Iterator[AccountDifference]:
    last = AccountEntry.objects.filter(partner=OuterRef("partner")).order_by("-id").values("balance_after")[:1]
    accounts = Account.objects.filter(partner__brand=brand) if brand else Account.objects.all()
    wrong = accounts.annotate(computed=Coalesce(Subquery(last), _ZERO)).exclude(balance=F("computed"))
    for account in wrong.select_related("partner__brand").order_by("pk"):
        partner = account.partner
        yield AccountDifference("balance", partner.brand.slug, partner.name, account.balance, account.computed)


def _running(brand: Brand | None) -> Iterator[AccountDifference]:
    """Each step is rounded to what the column keeps: SQLite adds in binary fractions."""
    entries = AccountEntry.objects.of(brand) if brand else AccountEntry.objects.all()
    before = Window(Lag("balance_after", default=_ZERO), partition_by="partner", order_by="id", output_field=_MONEY)
    steps = entries.annotate(computed=Round(before + F("amount"), 2, output_field=_MONEY))
    for entry in steps.exclude(balance_after=F("computed")).select_related("partner__brand").order_by("pk"):
        partner = entry.partner
        found = (entry.balance_after, entry.computed, entry.pk)
        yield AccountDifference("running", partner.brand.slug, partner.name, *found)
