"""Pictures for marketplaces: where they are fetched without a log-in, and their files."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.http import HttpRequest
from django.urls import reverse
from PIL import Image

from catalog.models import ProductImage
from erp.channels.formats.pictures import PictureRule, packed
from erp.channels.models import ChannelListing
from erp.core.photos import decode_photo

# What is behind a public address: large enough for every marketplace, white behind the garment.
PUBLIC = PictureRule(size=(1600, 1600), background="white")


def public_origin(request: HttpRequest) -> str:
    """Where marketplaces reach this installation: PUBLIC_URL, else as the person's browser did."""
    return settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")


def is_public(origin: str) -> bool:
    """Whether another company's servers can reach an address: not a name of this machine or of a local network."""
    host = urlsplit(origin).hostname or ""
    return "." in host and not host.endswith(".local") and not host.replace(".", "").isdigit()


def picture_urls(origin: str) -> Callable[[ProductImage], str]:
    """The public address of a photo, as `Resolver` asks for it: of thousands, so the route is asked once."""
    id_there, version_there = UUID(int=0), "version"
    address = origin + reverse("channels:picture", args=[id_there, version_there])
    before, between, after = re.split(f"{id_there}|{version_there}", address)
    return lambda image: f"{before}{image.public_id}{between}{version_of(image)}{after}"


def version_of(image: ProductImage) -> str:
    """Another one once the photo was cut out anew: marketplaces fetch it again, and may keep it for ever."""
    return hashlib.sha256(f"{image.sha256} {image.cutout.name}".encode()).hexdigest()[:16]


def is_offered(image: ProductImage) -> bool:
    """Whether the photo is of a listing that is offered on a channel in use."""
    listings = ChannelListing.objects.filter(product=image.product_id, channel__is_active=True)
    return listings.exclude(status=ChannelListing.Status.DRAFT).exists()


def public_picture(image: ProductImage) -> tuple[Storage, str]:
    """The file behind the public address, made when it is first fetched. It lies where the photo's own files lie, and
    goes with them."""
    storage = image.original.storage
    name = f"brands/{image.product.brand_id}/{image.public_id}/public-{version_of(image)}.jpg"
    if not storage.exists(name):
        made = storage.save(name, ContentFile(packed_picture(image, PUBLIC)))
        if made != name:  # another request made it at the same moment
            storage.delete(made)
    return storage, name


def packed_picture(image: ProductImage, rule: PictureRule) -> bytes:
    """A photo's file by a marketplace's rule; of the cut-out where white is asked for and there is one."""
    if rule.background == "white" and image.cutout:
        with image.cutout.open("rb") as file:
            cutout = Image.open(io.BytesIO(file.read()), formats=["PNG"]).convert("RGBA")
        return packed(cutout, rule)
    with image.original.open("rb") as file:
        photo = decode_photo(file.read(), max_side=max(rule.size))
    return packed(photo.image, rule)
