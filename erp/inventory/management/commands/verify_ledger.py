"""`manage.py verify_ledger [--brand SLUG] [--seal DAY=HASH]`: exit status 1 when the books disagree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.models import Brand
from erp.inventory.models import DaySeal, StockMovement
from erp.inventory.verify import verify_ledger


class Command(BaseCommand):
    help = "Computes every balance again from the movements and names each difference."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--brand", metavar="SLUG", help="only this brand")
        parser.add_argument(
            "--seal", metavar="DAY=HASH", action="append", default=[],
            help="a receipt that was kept elsewhere: the brand's seal of that day must be this one",
        )  # fmt: skip

    def handle(self, *args: Any, brand: str | None = None, seal: Sequence[str] = (), **options: Any) -> None:
        chosen = self._brand(brand)
        differences = [*map(str, verify_ledger(chosen)), *self._foreign(chosen, seal)]
        for difference in differences:
            self.stdout.write(difference)
        if differences:
            raise CommandError(f"{len(differences)} differences.")
        movements = StockMovement.objects.of(chosen) if chosen else StockMovement.objects.all()
        self.stdout.write(self.style.SUCCESS(f"The ledger is clean: {movements.count():,} movements verified."))

    def _foreign(self, brand: Brand | None, receipts: Sequence[str]) -> Iterator[str]:
        """The receipts that the database does not bear out."""
        if receipts and not brand:
            raise CommandError("A seal is of one brand: add --brand SLUG.")
        for receipt in receipts:
            day, _equals, hash_ = receipt.partition("=")
            try:
                sealed = DaySeal.objects.of(brand).filter(day=date.fromisoformat(day)).first()
            except ValueError as error:
                raise CommandError(f"“{receipt}” is no DAY=HASH, such as 2026-11-20=0f3a….") from error
            if sealed is None or sealed.hash != hash_.strip().lower():
                yield f"{day}: the seal here is {sealed.hash if sealed else 'missing'}, the receipt says {hash_}"

    def _brand(self, slug: str | None) -> Brand | None:
        found = Brand.objects.filter(slug=slug).first() if slug else None
        if slug and not found:
            raise CommandError(f"There is no brand with the address “{slug}”.")
        return found
