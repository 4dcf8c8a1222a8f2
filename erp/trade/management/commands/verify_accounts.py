"""`manage.py verify_accounts [--brand SLUG]`: exit status 1 when a balance does not follow from its entries."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.models import Brand
from erp.trade.models import AccountEntry
from erp.trade.verify import verify_accounts


class Command(BaseCommand):
    help = "Computes the balance of every partner again from the entries and names each difference."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--brand", metavar="SLUG", help="only this brand")

    def handle(self, *args: Any, brand: str | None = None, **options: Any) -> None:
        chosen = Brand.objects.filter(slug=brand).first() if brand else None
        if brand and not chosen:
            raise CommandError(f"There is no brand with the address “{brand}”.")
        differences = verify_accounts(chosen)
        for difference in differences:
            self.stdout.write(str(difference))
        if differences:
            raise CommandError(f"{len(differences)} differences.")
        entries = AccountEntry.objects.of(chosen) if chosen else AccountEntry.objects.all()
        self.stdout.write(self.style.SUCCESS(f"The accounts are clean: {entries.count():,} entries verified."))
