"""What a person is told when a photo could not be analysed: one sentence for each error code, saying how to mend it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from catalog.photos import photo_message
from erp.core.photos import CODES, PhotoError

NO_MODEL = "no_model"
PHOTO_MISSING = "photo_missing"
STOPPED = "stopped"
UNEXPECTED = "unexpected"

MESSAGES = {
    NO_MODEL: _("The photo model is not ready on this server. Fill in the form by hand, or try again later."),
    PHOTO_MISSING: _("The photo's file can no longer be found. Remove the photo and add it again."),
    STOPPED: _("The analysis was interrupted several times. Try again, or fill in the form by hand."),
    UNEXPECTED: _("Something went wrong while looking at this photo. Try again, or fill in the form by hand."),
}


def error_message(code: str) -> str:
    """The sentence for `Analysis.error_code`; blank for a blank code."""
    if not code:
        return ""
    name = code.removeprefix("photo_")
    if name != code and name in CODES:
        return photo_message(PhotoError(name, name))
    return str(MESSAGES.get(code, MESSAGES[UNEXPECTED]))
