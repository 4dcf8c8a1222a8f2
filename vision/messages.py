"""What a person is told of a photo that could not be analysed, or that no single garment can be named from."""

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


SINGLE = "single"
SCENES = {
    "none": _("This does not look like a garment."),
    "several": _("There are several garments in this photo. Photograph one at a time."),
}


def scene_message(label: str) -> str:
    """What is said of a photo that no single garment can be named from; blank for one of a garment."""
    return str(SCENES.get(label, ""))


def error_message(code: str) -> str:
    """The sentence for `Analysis.error_code`; blank for a blank code."""
    return str(MESSAGES.get(code, MESSAGES[UNEXPECTED])) if code else ""
