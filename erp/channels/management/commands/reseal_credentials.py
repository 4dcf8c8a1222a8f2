"""`manage.py reseal_credentials`: after a new key was put first in CREDENTIAL_KEYS, before the old one is taken out."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from erp.channels.services.credentials import reseal_all
from erp.core.errors import DomainError


class Command(BaseCommand):
    help = "Encrypts every stored secret anew, under the newest key."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = reseal_all()
        except DomainError as error:
            raise CommandError(f"A key that is still needed is missing; nothing was changed. {error}") from error
        self.stdout.write(f"{count} secrets are encrypted under the newest key.")
