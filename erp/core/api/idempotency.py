"""The key by which a repeated request is known: sent twice, done once."""

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from erp.core.errors import DomainError, Problem

HEADER = "Idempotency-Key"
LONGEST = 80
KEY_PARAMETER = OpenApiParameter(
    HEADER,
    {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": r"^[!-~]+$"},
    OpenApiParameter.HEADER,
    required=True,
    description="A new UUID for each posting. Sent again with the same body it answers the first posting.",
)
REPLAY_PARAMETER = OpenApiParameter(
    "Idempotent-Replay",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    response=[200],
    description="`true`: this key was used before, and nothing new was written.",
)


def idempotency_key(request: Request) -> str:
    """The key of a request that must have one."""
    key = request.headers.get(HEADER, "").strip()
    if not key:
        message = _("Send the header %(header)s with a new UUID, so that a repetition is not posted twice.")
        raise _refusal("idempotency_key_required", message % {"header": HEADER})
    if len(key) > LONGEST or not (key.isascii() and key.isprintable() and " " not in key):
        message = _("%(header)s takes 1 to %(most)s letters, digits and signs without blanks, such as a UUID.")
        raise _refusal("invalid_key", message % {"header": HEADER, "most": LONGEST})
    return key


def _refusal(code: str, message: str) -> DomainError:
    return DomainError(code, message, [Problem(code, message, field=HEADER)])
