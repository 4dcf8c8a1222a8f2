"""Jobs of the floor."""

from erp.core.api.repeats import forget_answers
from erp.core.jobs import nightly


@nightly("Forget the answers of repeated requests", hour=4)
def forget_kept_answers() -> int:
    return forget_answers()
