"""Whose token a request carries: that of a log-in, or a personal one with its scopes and its brand."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from knox.crypto import hash_token
from rest_framework.exceptions import AuthenticationFailed

from catalog.models import AccessToken
from catalog.models.token import PREFIX
from catalog.services.tokens import note_use
from erp.core.api.authentication import TokenAuthentication


class AnyTokenAuthentication(TokenAuthentication):
    """`request.auth` becomes the token; a limit to one brand is held by the person the request acts as."""

    def authenticate_credentials(self, token: bytes) -> tuple[Any, Any]:
        if not token.startswith(PREFIX.encode()):
            return super().authenticate_credentials(token)
        try:
            digest = hash_token(token.decode("ascii"))
        except UnicodeDecodeError as error:
            raise AuthenticationFailed(_("Invalid token.")) from error
        found = AccessToken.objects.select_related("user").filter(digest=digest).first()
        if found is None:
            raise AuthenticationFailed(_("Invalid token."))
        if found.has_expired:
            raise AuthenticationFailed(_("This token has expired. Make a new one."), code="token_expired")
        user, auth = self.validate_user(found)
        user.only_brand = found.brand_id
        note_use(found)
        return user, auth
