"""The files of photos, only for those who may see the brand."""

from __future__ import annotations

import hashlib
from pathlib import PurePath
from uuid import UUID

from django.core.exceptions import SuspiciousFileOperation
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from catalog.access import Right
from catalog.models import ProductImage
from catalog.pages import BrandRequest, brand_page
from catalog.photos import CONTENT_TYPES

DERIVED = {"thumbnail": "image/jpeg", "tile": "image/jpeg", "cutout": "image/png", "listing": "image/jpeg"}
ALLOWED = frozenset(CONTENT_TYPES.values())
# What every browser shows; other originals are offered as a download.
SHOWN = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"})
# Whoever opens the address of a file gets a picture that can run, load and embed nothing.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
# An original and its thumbnail never change; a cut-out may be made again, under the next version.
REMADE = ("cutout", "listing", "tile")
LONG = "private, max-age=604800, immutable"
ASK = "private, no-cache"


@require_safe
@brand_page(Right.VIEW)
def image_file(request: BrandRequest, public_id: UUID, kind: str) -> HttpResponseBase:
    """One file of a photo, for a logged-in browser."""
    return image_response(request, get_object_or_404(ProductImage.objects.of(request.brand), public_id=public_id), kind)


def image_response(request: HttpRequest, image: ProductImage, kind: str) -> HttpResponseBase:
    """One file of a photo. Its type is what was decoded on upload, whatever it was called; SVG and HTML cannot be."""
    content_type = image.content_type if kind == "original" else DERIVED.get(kind)
    if content_type not in ALLOWED:
        raise Http404
    file: FieldFile = getattr(image, kind)
    if not file:
        raise Http404
    version = version_of(image, kind)
    etag = f'"{version}"'
    response = get_conditional_response(request, etag=etag) or _send(file, content_type, image)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = LONG if version == request.GET.get("v") or kind not in REMADE else ASK
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def version_of(image: ProductImage, kind: str) -> str:
    """Names the content of a photo's file: another one after it was made again."""
    return hashlib.sha256(f"{image.sha256} {getattr(image, kind).name}".encode()).hexdigest()[:32]


def _send(file: FieldFile, content_type: str, image: ProductImage) -> HttpResponseBase:
    try:
        opened = file.storage.open(str(file.name))
    except (FileNotFoundError, SuspiciousFileOperation) as error:
        raise Http404 from error
    # The uploader's ending is not trusted: a picture named .html would be a page once it lies on somebody's disk.
    name = f"{PurePath(image.original_name).stem or image.public_id}.{content_type.removeprefix('image/')}"
    return FileResponse(opened, as_attachment=content_type not in SHOWN, filename=name, content_type=content_type)
