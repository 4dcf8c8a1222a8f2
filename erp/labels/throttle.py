"""Reading codes in pictures costs the server work: a phone sends a few frames a second, nobody needs more."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.throttling import UserRateThrottle

from erp.core.errors import DomainError


class ScanThrottle(UserRateThrottle):
    scope = "scan"


def check_rate(request: Any) -> None:
    """The same limit for a page. Raises DomainError `throttled`."""
    if not ScanThrottle().allow_request(request, None):  # type: ignore[arg-type]
        raise DomainError(
            "throttled", _("Many pictures were read just now. Wait a minute, then try again."), status=429
        )
