"""Which waiting photos a worker takes along with the one whose job it has.

Jobs come first come, first served: the photo of the job is always taken. The other places of its batch go to the
newest photos, one of each brand in turn. So a photo that a clerk just added is in the next batch, however many
thousand another brand, or a colleague, added before; and what is old is reached by its own job as before.
"""

from __future__ import annotations

from itertools import chain, zip_longest

from django.db.models import Max

from vision.models import Analysis

WAITING = Analysis.State.QUEUED


def companions(analysis_id: int, room: int) -> list[int]:
    """At most `room` other waiting analyses, in the order of their turn. What must be looked at alone is left out."""
    if room < 1:
        return []
    waiting = Analysis.objects.filter(state=WAITING)
    lanes = waiting.values("lane").annotate(newest=Max("pk")).order_by("-newest").values_list("lane", flat=True)[:room]
    others = waiting.filter(is_alone=False).exclude(pk=analysis_id).order_by("-pk").values_list("pk", flat=True)
    # Not `lane__in`: newest first over several lanes could not be read from the index.
    each = [list((others.filter(lane=lane) if lane else others.filter(lane=None))[:room]) for lane in lanes]
    turns = chain.from_iterable(zip_longest(*each))
    return [pk for pk in turns if pk is not None][:room]
