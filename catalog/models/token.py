"""Keys that a person makes for their programs."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken
from knox.settings import CONSTANTS

from catalog.models.brand import Brand
from catalog.querysets import AccessTokenQuerySet

# Tells these from the tokens of log-ins, to us and to programs that look for leaked secrets.
PREFIX = "jb_pat_"


class AccessToken(AbstractAuthToken):
    """A personal token: what it opens is in `scopes`, and it never opens more than its person may see.

    Only a digest is kept, and the first letters (`token_key`), by which it is found and recognised.
    """

    digest = models.CharField(max_length=CONSTANTS.DIGEST_LENGTH, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("person"))
    name = models.CharField(_("name"), max_length=60)
    scopes = models.JSONField(_("scopes"), default=list)
    brand = models.ForeignKey(
        Brand, models.CASCADE, related_name="+", verbose_name=_("only for the brand"), null=True, blank=True
    )
    expiry = models.DateTimeField(_("ends"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    objects = AccessTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"],
                name="one_token_of_a_name",
                violation_error_message=_("You have a token of this name already. Choose another name, or revoke it."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint})"

    @property
    def hint(self) -> str:
        """Enough to recognise it by, too little to use it."""
        return f"{self.token_key}…"

    @property
    def has_expired(self) -> bool:
        return self.expiry is not None and self.expiry <= timezone.now()
