"""Looking at several photos together: decoded in threads, named in one call, each one's answer written at once.

A photo that cannot be read, or that breaks the model, ends by itself; the others of its batch do not notice.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from PIL import Image

from catalog.services import attach_cutout
from erp.core.photos import decode_photo
from vision import inference
from vision.inference import Analysed
from vision.models import Analysis
from vision.services import runs
from vision.services.queue import time_limit

THREADS = 2
# The files of a batch are kept from naming to cutting out up to this size together; beyond, they are read again.
KEPT_BYTES = 48 * 1024 * 1024


@dataclass
class _Look:
    """One photo of the batch on its way. `picture` is the small upright copy that is named."""

    analysis: Analysis
    picture: Image.Image
    data: bytes | None
    mask: Image.Image | None = field(default=None)


def look_at(analyses: Sequence[Analysis]) -> dict[int, str]:
    """The state that each of the taken analyses came to, by id; "" for one that was given up meanwhile.

    No transaction is open while pictures are decoded and looked at. The answers of all are written before the first
    garment is cut out, so that forms fill while the pictures are still being made.
    """
    states: dict[int, str] = {}
    late = time.monotonic() + time_limit().total_seconds() / 2
    with ThreadPoolExecutor(THREADS) as pool:
        looks = list(_decoded(analyses, pool, states))
        to_cut = [look for look in _named(looks, states) if look.mask is not None]
        pictures = [(look.analysis, pool.submit(_pictures, look)) for look in to_cut]
        for place, (analysis, made) in enumerate(pictures):
            if place and time.monotonic() > late:
                # Half of the job's time is used up: what has not begun goes to others. The first is always done.
                for _analysis, other in pictures[place:]:
                    other.cancel()
            states[analysis.pk] = runs.give_back(analysis) if made.cancelled() else _attached(analysis, made)
    return states


def _decoded(analyses: Sequence[Analysis], pool: ThreadPoolExecutor, states: dict[int, str]) -> Iterator[_Look]:
    kept = 0
    for analysis, opened in [(analysis, pool.submit(_open, analysis)) for analysis in analyses]:
        try:
            data, picture = opened.result()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this photo's
            states[analysis.pk] = runs.end_with(analysis, error)
            continue
        kept += len(data)
        yield _Look(analysis, picture, data if kept <= KEPT_BYTES else None)


def _open(analysis: Analysis) -> tuple[bytes, Image.Image]:
    data = _read(analysis)
    return data, inference.working_copy(data)


def _read(analysis: Analysis) -> bytes:
    with analysis.image.original.open("rb") as file:
        data: bytes = file.read()
    return data


def _named(looks: Sequence[_Look], states: dict[int, str]) -> Iterator[_Look]:
    """The photos whose answers could be written, each with its mask, if a garment was found."""
    if not looks:
        return
    try:
        predictor = inference.get_predictor()
    except inference.NoModel as error:
        states |= {look.analysis.pk: runs.end_with(look.analysis, error) for look in looks}
        return
    version = inference.version_id_of(predictor)
    for look, found in _found(looks, predictor):
        if isinstance(found, Exception):
            states[look.analysis.pk] = runs.end_with(look.analysis, found)
        elif not runs.write(look.analysis, result=found.result, embedding=found.embedding, model_version_id=version):
            states[look.analysis.pk] = ""
        elif found.mask is None:
            states[look.analysis.pk] = runs.finish(look.analysis)
        else:
            look.mask = found.mask
            yield look


def _found(looks: Sequence[_Look], predictor: inference.Predictor) -> Iterator[tuple[_Look, Analysed | Exception]]:
    """What each photo shows. If the batch fails, one photo after another: who spoils it is then alone with it."""
    try:
        yield from zip(looks, inference.analyse([look.picture for look in looks], predictor), strict=True)
    except Exception as error:  # noqa: BLE001 - ascribed to the photo it came from
        if len(looks) == 1:
            yield looks[0], error
            return
        for look in looks:
            yield from _found([look], predictor)


def _pictures(look: _Look) -> tuple[bytes, bytes]:
    """The garment cut out, as PNG, and on white, as JPEG."""
    assert look.mask is not None
    side = inference.CUT_OUT_SIDE
    picture = decode_photo(look.data or _read(look.analysis), max_side=side).image
    picture.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return inference.cut_out_png(picture, look.mask), inference.listing_jpeg(picture, look.mask)


def _attached(analysis: Analysis, made: Future[tuple[bytes, bytes]]) -> str:
    try:
        png, jpeg = made.result()
        if not runs.is_mine(analysis):
            return ""
        attach_cutout(image=analysis.image, cutout_png=png, listing_jpeg=jpeg)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this photo's
        return runs.end_with(analysis, error)
    return runs.finish(analysis)
