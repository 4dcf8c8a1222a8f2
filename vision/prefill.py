"""Many photo files in, one answer each out: in order, in batches, with bounded memory."""

from __future__ import annotations

import itertools
import os
import stat
import time
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from erp.core.photos import PhotoError, PhotoLimits, decode_photo
from vision import inference

if TYPE_CHECKING:
    from vision.inference import Predictor

BATCH = 8
DECODERS = 2
# At most this many decoded photos wait to be looked at.
AHEAD = 2 * BATCH
NAME_BYTES = 200


class CannotWrite(Exception):
    """The folder for the cut-outs cannot be made or written to; the message says why."""


@dataclass(frozen=True)
class Seen:
    """One photo's answer: `result` as JSON with the issue's keys, or what is wrong with the file."""

    photo: str
    result: dict[str, Any] = field(default_factory=dict)
    error: PhotoError | None = None


@dataclass(frozen=True)
class _Decoded:
    photo: str
    image: Image.Image | None
    ms: float
    error: PhotoError | None = None


def look_at(photos: Sequence[str], predictor: Predictor, *, cut_outs: CutOuts | None = None) -> Iterator[Seen]:
    """Yields one answer a photo, in the order given. A file that is no usable photo does not stop the others.

    Raises CannotWrite.
    """
    with ThreadPoolExecutor(DECODERS) as pool:
        for batch in _batches(_decoded(photos, pool)):
            images = [decoded.image for decoded in batch if decoded.image]
            found = iter(inference.analyse(images, predictor))
            pairs = [(decoded, next(found) if decoded.image else None) for decoded in batch]
            if cut_outs:
                masks = [(decoded.photo, analysed.mask) for decoded, analysed in pairs if analysed and analysed.mask]
                for written in [pool.submit(cut_outs.write, p, mask, cut_outs.file_for(p)) for p, mask in masks]:
                    written.result()
            yield from itertools.starmap(_seen, pairs)


def _seen(decoded: _Decoded, analysed: inference.Analysed | None) -> Seen:
    if analysed is None:
        return Seen(decoded.photo, error=decoded.error)
    ms = analysed.result["ms"]
    ms = {"decode": decoded.ms} | ms | {"total": round(decoded.ms + ms["total"], 2)}
    return Seen(decoded.photo, {"photo": decoded.photo} | analysed.result | {"ms": ms})


def _decoded(photos: Iterable[str], pool: ThreadPoolExecutor) -> Iterator[_Decoded]:
    waiting: deque[Future[_Decoded]] = deque()
    for photo in photos:
        waiting.append(pool.submit(_decode, photo))
        if len(waiting) >= AHEAD:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _batches(decoded: Iterable[_Decoded]) -> Iterator[list[_Decoded]]:
    source = iter(decoded)
    while batch := list(itertools.islice(source, BATCH)):
        yield batch


def _decode(photo: str) -> _Decoded:
    started = time.perf_counter()
    try:
        image = inference.working_copy(read_photo(Path(photo)))
    except PhotoError as error:
        return _Decoded(photo, None, 0.0, error)
    return _Decoded(photo, image, round((time.perf_counter() - started) * 1000, 2))


def read_photo(path: Path) -> bytes:
    """A file's bytes, never more than a photo may have. Raises PhotoError, also for what is no file at all."""
    limit = PhotoLimits().max_bytes
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise PhotoError("is_a_directory", "This is a folder; name the photos in it.")
        if not stat.S_ISREG(status.st_mode):
            raise PhotoError("not_a_file", "This is no ordinary file.")
        if status.st_size > limit:
            sizes = {"bytes": status.st_size, "limit": limit}
            raise PhotoError(
                "file_too_large", f"The file has {status.st_size} bytes; at most {limit} are taken.", sizes
            )
        with path.open("rb") as file:
            return file.read(limit + 1)
    except FileNotFoundError as error:
        raise PhotoError("not_found", "There is no such file.") from error
    except OSError as error:
        raise PhotoError("unreadable", f"The file cannot be read: {error.strerror}.") from error


class CutOuts:
    """Writes garments cut out into one folder, under names of their photos that never collide and never leave it."""

    def __init__(self, folder: Path, photos: Sequence[str]) -> None:
        """Makes the folder. No cut-out takes the place of one of `photos`. Raises CannotWrite."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CannotWrite(str(error)) from error
        self.folder = folder
        self._taken = {_key(Path(photo).name) for photo in photos if _is_in(Path(photo), folder)}

    def write(self, photo: str, mask: Image.Image, target: Path) -> None:
        """In the photo's own size and orientation. Written beside, then renamed: no half file, and no link followed."""
        try:
            picture = decode_photo(read_photo(Path(photo))).image
        except PhotoError:
            return  # somebody removed or changed the photo since it was looked at
        beside = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            beside.write_bytes(inference.cut_out_png(picture, mask))
            beside.replace(target)
        except OSError as error:
            raise CannotWrite(str(error)) from error
        finally:
            beside.unlink(missing_ok=True)

    def file_for(self, photo: str) -> Path:
        """The photo's name with the ending .png, with a number behind it where that is taken."""
        stem = os.fsencode(Path(photo).stem)[:NAME_BYTES].decode(errors="ignore") or "photo"
        names = itertools.chain([f"{stem}.png"], (f"{stem}-{n}.png" for n in itertools.count(2)))
        name = next(name for name in names if _key(name) not in self._taken)
        self._taken.add(_key(name))
        return self.folder / name


def _key(name: str) -> str:
    """Names that some file systems take for one: in capitals, or with Hangul in pieces."""
    return unicodedata.normalize("NFC", name).casefold()


def _is_in(photo: Path, folder: Path) -> bool:
    try:
        return photo.parent.samefile(folder)
    except OSError:
        return False
