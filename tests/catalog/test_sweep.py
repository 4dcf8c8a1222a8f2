"""Files without a row: a database rolls back, a storage does not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from catalog.services import add_image
from catalog.services.sweep import sweep_photo_files
from catalog.tasks import sweep_photos
from tests import photos
from tests.factories import ProductFactory, UserFactory

pytestmark = pytest.mark.django_db


def files(settings) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_an_upload_that_was_rolled_back_is_swept_once_it_is_old(settings, django_assert_num_queries) -> None:
    product, actor = ProductFactory(), UserFactory()
    kept = add_image(product=product, data=photos.jpeg(), filename="a.jpg", actor=actor)
    with transaction.atomic():
        add_image(product=product, data=photos.jpeg(seed=1), filename="b.jpg", actor=actor)
        transaction.set_rollback(True)
    assert len(files(settings)) == 6
    assert sweep_photos() == 0
    with django_assert_num_queries(1):
        assert sweep_photo_files(grace=timedelta(0)) == 3
    assert {path.parent.name for path in files(settings)} == {str(kept.public_id)}
    assert kept.original.read() == photos.jpeg()
    assert sweep_photo_files(grace=timedelta(0)) == 0


def test_what_is_no_photo_of_ours_is_left_alone(settings) -> None:
    assert sweep_photo_files(grace=timedelta(0)) == 0
    default_storage.save("brands/1/notes/readme.txt", ContentFile(b"x"))
    default_storage.save("exports/history.csv", ContentFile(b"x"))
    assert sweep_photo_files(grace=timedelta(0)) == 0
    assert len(files(settings)) == 2
