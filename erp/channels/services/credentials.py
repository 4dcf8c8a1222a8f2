"""Secrets of channels: entered, replaced, forgotten; nobody reads one again. Callers check that it is the owner."""

from __future__ import annotations

import secrets

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.services.saving import refuse, save_clean
from erp.channels.models import Channel, Credential, WebhookEndpoint
from erp.channels.sealing import resealed, seal, unseal
from erp.core.audit import by_actor
from erp.core.models import User

LONGEST_SECRET = 4_000
HINT_FROM = 16  # the last signs of a short secret would tell too much of it
Kind = Credential.Kind


@by_actor
@transaction.atomic
def set_credential(*, channel: Channel, kind: str, secret: str, actor: User) -> Credential:
    """Keeps a secret, encrypted; the one before it is gone. Only its last signs are shown from then on."""
    secret = secret.strip()
    if not secret or len(secret) > LONGEST_SECRET or not secret.isascii() or not secret.isprintable():
        raise refuse(
            "bad_secret", _("Paste the key as the marketplace shows it: Latin letters, digits and signs."), "secret"
        )
    Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
    row = Credential.objects.filter(channel=channel, kind=kind).first() or Credential(channel=channel, kind=kind)
    row.sealed, row.hint = seal(secret), hint_of(secret)
    row.set_at, row.set_by = timezone.now(), actor
    save_clean(row)
    return row


def make_signing_key(*, channel: Channel, actor: User) -> str:
    """A new key for whoever sends orders to this channel; this is the only time that it is seen."""
    key = new_key()
    set_credential(channel=channel, kind=Kind.WEBHOOK, secret=key, actor=actor)
    return key


@by_actor
@transaction.atomic
def remove_credential(*, channel: Channel, kind: str, actor: User) -> None:
    for row in Credential.objects.filter(channel=channel, kind=kind):
        row.delete()


def secret_of(channel: Channel, kind: str) -> str:
    """The secret itself, for the call that needs it; blank where there is none."""
    row = Credential.objects.filter(channel=channel, kind=kind).first()
    return unseal(bytes(row.sealed)) if row else ""


@transaction.atomic
def reseal_all() -> int:
    """Encrypts every secret anew, under the newest key of CREDENTIAL_KEYS. Gives how many there are.

    Raises DomainError `unreadable_credential` where a key is missing that one of them needs; then none was changed.
    """
    count = 0
    for model in (Credential, WebhookEndpoint):
        for row in model.objects.select_for_update().order_by("pk").iterator():
            model.objects.filter(pk=row.pk).update(sealed=resealed(bytes(row.sealed)))
            count += 1
    return count


def new_key() -> str:
    return f"whsec_{secrets.token_urlsafe(32)}"


def hint_of(secret: str) -> str:
    return secret[-4:] if len(secret) >= HINT_FROM else ""
