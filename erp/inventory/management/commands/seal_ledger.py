"""`manage.py seal_ledger [--brand SLUG]`: seals the days that ended, as the worker does every night."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.models import Brand
from erp.inventory.seals import receipt_of
from erp.inventory.services.seals import seal_days


class Command(BaseCommand):
    help = "Seals the days of the ledger that ended and prints a receipt of each: keep them outside of this machine."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--brand", metavar="SLUG", help="only this brand")

    def handle(self, *args: Any, brand: str | None = None, **options: Any) -> None:
        brands = Brand.objects.filter(slug=brand) if brand else Brand.objects.order_by("pk")
        if brand and not brands:
            raise CommandError(f"There is no brand with the address “{brand}”.")
        seals = [seal for one in brands for seal in seal_days(brand=one)]
        for seal in seals:
            self.stdout.write(receipt_of(seal))
        self.stdout.write(self.style.SUCCESS(f"{len(seals)} days sealed."))
