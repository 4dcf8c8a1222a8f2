"""What a person is told when a photo could not be analysed: one sentence for each error code, saying how to mend it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

NO_MODEL = "no_model"
PHOTO_DAMAGED = "photo_damaged"
PHOTO_MISSING = "photo_missing"
STOPPED = "stopped"
UNEXPECTED = "unexpected"

MESSAGES = {
    NO_MODEL: _("The photo model is not ready on this server. Fill in the form by hand, or try again later."),
    PHOTO_DAMAGED: _("The stored photo is damaged. Remove it and add it again."),
    PHOTO_MISSING: _("The photo's file can no longer be found. Remove the photo and add it again."),
    STOPPED: _("The analysis was interrupted several times. Try again, or fill in the form by hand."),
    UNEXPECTED: _("Something went wrong while looking at this photo. Try again, or fill in the form by hand."),
}


def error_message(code: str) -> str:
    """The sentence for `Analysis.error_code`; blank for a blank code."""
    return str(MESSAGES.get(code, MESSAGES[UNEXPECTED])) if code else ""
