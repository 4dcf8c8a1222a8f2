"""Credentials at rest: encrypted with keys of the environment, several at once so that keys can be changed."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext as _

from erp.core.errors import DomainError, Problem


def seal(text: str) -> bytes:
    """The text encrypted (AES-128-CBC with HMAC, as Fernet does) under the newest key."""
    return _box().encrypt(text.encode())


def unseal(sealed: bytes) -> str:
    """Raises DomainError `unreadable_credential` when no key of this installation opens it."""
    try:
        return _box().decrypt(bytes(sealed)).decode()
    except InvalidToken as error:
        message = _("This access key cannot be read any more: the installation's key changed. Enter it again.")
        raise DomainError("unreadable_credential", message, [Problem("unreadable_credential", message)]) from error


def resealed(sealed: bytes) -> bytes:
    """The same text under the newest key. Raises DomainError `unreadable_credential` as `unseal` does."""
    return seal(unseal(sealed))


def _box() -> MultiFernet:
    """The keys of CREDENTIAL_KEYS, the newest first; without them one that follows from SECRET_KEY."""
    secrets = [*settings.CREDENTIAL_KEYS, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_key(secret)) for secret in secrets])


def _key(secret: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"jangbu credentials").derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
