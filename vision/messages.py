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


RETRAIN_INTERRUPTED = "retrain_interrupted"
RETRAIN_NO_RESULT = "retrain_no_result"
RETRAIN_NO_TORCH = "retrain_no_torch"
RETRAIN_TOO_FEW = "retrain_too_few"
RETRAIN_TOO_LONG = "retrain_too_long"

RETRAIN_MESSAGES = {
    NO_MODEL: _("There are no weights to begin from. Restore vision/weights from the repository."),
    RETRAIN_INTERRUPTED: _("It was interrupted, or no worker took it up. Nothing was changed; start it again."),
    RETRAIN_NO_RESULT: _("The training ended without a result. Start it again with manage.py retrain to see why."),
    RETRAIN_NO_TORCH: _(
        "PyTorch is not installed on this machine. Install requirements.txt (make test does), then start it again."
    ),
    RETRAIN_TOO_FEW: _("Too few photos were answered since the last candidate. Nothing was changed."),
    RETRAIN_TOO_LONG: _(
        "It took far longer than it should and was stopped. Give it fewer minutes, or a faster machine."
    ),
    UNEXPECTED: _("Something unexpected stopped the training. Start it again with manage.py retrain to see why."),
}
SINGLE = "single"
SCENES = {
    "none": _("This does not look like a garment."),
    "several": _("There are several garments in this photo. Photograph one at a time."),
}


def retraining_message(problem: str) -> str:
    """The sentence for `Retraining.problem`; what the trainer itself said is shown as it is."""
    return str(RETRAIN_MESSAGES.get(problem, problem))


def scene_message(label: str) -> str:
    """What is said of a photo that no single garment can be named from; blank for one of a garment."""
    return str(SCENES.get(label, ""))


def error_message(code: str) -> str:
    """The sentence for `Analysis.error_code`; blank for a blank code."""
    return str(MESSAGES.get(code, MESSAGES[UNEXPECTED])) if code else ""
