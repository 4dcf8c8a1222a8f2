"""Personal tokens: made, shown once, used and revoked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from knox.models import get_digest_token
from knox.settings import CONSTANTS

from catalog.access import rights_in
from catalog.models import AccessToken, Brand
from catalog.models.token import PREFIX
from catalog.services.saving import refuse, save_clean
from erp.core.api.scopes import SCOPES, missing_scope
from erp.core.audit import by_actor
from erp.core.errors import DomainError, Problem
from erp.core.models import User

# Days that a token may live; None: for ever.
LIVES: tuple[int | None, ...] = (30, 90, 365, None)
MOST = 50
# When it was last used is written down at most this often.
NOTED_EVERY = timedelta(minutes=10)


@by_actor
@transaction.atomic
def create_token(
    *,
    actor: User,
    name: str,
    scopes: Iterable[str],
    days: int | None,
    brand: Brand | None = None,
    made_with: AccessToken | None = None,
) -> tuple[AccessToken, str]:
    """A token of the actor's own, and its secret, which nobody can be told again.

    One that is made with another token opens no more, sees no more and lives no longer than that one.
    """
    asked = set(scopes)
    chosen = [scope for scope in SCOPES if scope in asked]
    _check(actor=actor, scopes=asked, days=days, brand=brand)
    expiry = timezone.now() + timedelta(days=days) if days is not None else None
    if made_with is not None:
        _check_within(made_with, chosen, brand, expiry)
    User.objects.select_for_update().get(pk=actor.pk)  # somebody who makes two at once waits here
    if AccessToken.objects.filter(user=actor).count() >= MOST:
        message = _("You have %(most)s tokens, and more are not kept. Revoke one that nothing uses any more.")
        raise refuse("too_many_tokens", message % {"most": MOST}, "name", status=409)
    digest, secret = get_digest_token(PREFIX)
    token = AccessToken(
        user=actor, name=name, scopes=chosen, brand=brand, expiry=expiry, digest=digest,
        token_key=secret[:CONSTANTS.TOKEN_KEY_LENGTH],
    )  # fmt: skip
    save_clean(token)
    return token, secret


@by_actor
@transaction.atomic
def revoke_token(*, token: AccessToken, actor: User) -> None:
    """From this moment it opens nothing. Revoked before: nothing happens."""
    AccessToken.objects.filter(pk=token.pk, user=actor).delete()


def note_use(token: AccessToken) -> None:
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at >= NOTED_EVERY:
        AccessToken.objects.filter(pk=token.pk).update(last_used_at=now)


def _check(*, actor: User, scopes: set[str], days: int | None, brand: Brand | None) -> None:
    """All that is wrong at once."""
    problems = []
    if not scopes:
        problems.append(Problem("required", _("Choose at least one thing that the token may do."), field="scopes"))
    for scope in sorted(scopes - SCOPES.keys()):
        message = _("There is no scope “%(scope)s”.") % {"scope": scope[:40]}
        problems.append(Problem("invalid_choice", message, field="scopes"))
    if days not in LIVES:
        problems.append(Problem("invalid_choice", _("A token lives 30, 90 or 365 days, or for ever."), field="days"))
    if brand is not None and not rights_in(actor, brand):
        problems.append(Problem("does_not_exist", _("There is no such brand, or you may not see it."), field="brand"))
    if problems:
        raise DomainError("invalid", _("Some of the entries need mending."), problems)


def _check_within(made_with: AccessToken, scopes: list[str], brand: Brand | None, expiry: datetime | None) -> None:
    lacking = [scope for scope in scopes if scope not in made_with.scopes]
    if lacking:
        raise missing_scope(*lacking)
    if made_with.brand_id is not None and (brand is None or brand.pk != made_with.brand_id):
        message = _("This token is limited to one brand, and so is every token made with it. Name that brand.")
        raise refuse("beyond_token", message, "brand", status=403)
    if made_with.expiry is not None and (expiry is None or expiry > made_with.expiry):
        message = _("A token cannot make one that outlives it. Choose fewer days, or make it in the browser.")
        raise refuse("beyond_token", message, "days", status=403)
