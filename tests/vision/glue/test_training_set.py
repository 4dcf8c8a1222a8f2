"""Answers become a training set: the last word counts, photos are written anew, and all of it is there or nothing."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone, translation
from PIL import Image

from catalog.models import Category, Pattern, Product
from catalog.services import add_image
from erp.core.errors import DomainError
from tests.factories import ProductFactory
from tests.vision.fakes import photo
from vision.ml.manifest import read_manifest
from vision.models import Correction, ModelVersion
from vision.services import export_training_set, let_photos_train, record_answers, run_analysis, training
from vision.services.training import is_frozen

pytestmark = pytest.mark.django_db

Answer = Callable[..., Any]


@pytest.fixture
def answer(actor: Any, predictor: Any, capture: Any, jobs: Any) -> Answer:
    """Adds a photo to a product, has it analysed, and says what it shows."""

    def say(product: Product, colour: str, category: str | None, pattern: str | None = None, **options: Any) -> Any:
        options = {"size": (900, 600)} | options
        with capture(execute=True):
            data = photo(colour, **options)
            image = add_image(product=product, data=data, filename="IMG_1.jpg", actor=actor)
        run_analysis(image.analysis.pk)
        said(product, actor, category, pattern)
        return image

    return say


@pytest.fixture
def sets(tmp_path: Path) -> Path:
    """A folder with nothing in it but the training sets of a test."""
    (tmp_path / "sets").mkdir()
    return tmp_path / "sets"


def said(product: Product, actor: Any, category: str | None, pattern: str | None = None) -> None:
    record_answers(
        product=product,
        actor=actor,
        category=Category.objects.get(slug=category) if category else None,
        pattern=Pattern.objects.get(slug=pattern) if pattern else None,
    )


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def test_the_last_word_on_each_task_counts(product: Any, actor: Any, answer: Answer, sets: Path) -> None:
    image = answer(product, "navy", "shirt", "stripe")
    said(product, actor, "dress")
    version = ModelVersion.objects.create(name="m1", sha256="1")
    Correction.objects.update(model_version=version)
    done = export_training_set(folder=sets / "set")
    (row,) = rows(sets / "set")
    assert (row["category"], row["pattern"], row["model"]) == ("dress", "stripe", "m1")
    assert row["sender"] == f"{product.brand_id}-{product.pk}"
    assert row["said_at"] == Correction.objects.latest("pk").created_at.isoformat()
    assert row["split"] == ("frozen" if is_frozen(product.brand_id, product.pk) else "train")
    assert (done.photos, done.missing, done.damaged, done.duplicates, done.nameless) == (1, 0, 0, 0, 0)
    assert row["image"] == f"images/{image.public_id.hex}.jpg"


def test_what_is_written_is_what_training_reads(product: Any, answer: Answer, sets: Path) -> None:
    answer(product, "navy", "shirt")
    answer(product, "red", "shirt", "dot")
    export_training_set(folder=sets / "set")
    first, second = read_manifest(sets / "set")
    assert (first.category, first.pattern) == (second.category, second.pattern)  # one product, one word
    assert first.sender == second.sender and first.group != second.group


def test_photos_are_written_anew(product: Any, answer: Answer, sets: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Somebody's phone"
    image = answer(product, "navy", "shirt", exif=exif, size=(1600, 900))
    export_training_set(folder=sets / "set")
    file = sets / "set" / rows(sets / "set")[0]["image"]
    with Image.open(file) as written:
        assert (written.format, written.size, dict(written.getexif())) == ("JPEG", (288, 512), {})
    assert b"phone" not in file.read_bytes()
    with image.original.open("rb") as original:
        assert original.read() != file.read_bytes()


def test_a_product_never_crosses_the_split(db: None, answer: Answer, sets: Path) -> None:
    colours = [f"#{n:02x}{255 - n:02x}{n * 5 % 256:02x}" for n in range(0, 250, 8)]
    products = [ProductFactory() for _ in range(16)]
    for place, colour in enumerate(colours):
        answer(products[place % 16], colour, "shirt", size=(64, 64))
    export_training_set(folder=sets / "set")
    split: dict[str, set[str]] = {}
    for row in rows(sets / "set"):
        split.setdefault(row["sender"], set()).add(row["split"])
    assert all(len(found) == 1 for found in split.values())
    again = {row["image"]: row["split"] for row in rows(sets / "set")}
    export_training_set(folder=sets / "set")
    assert {row["image"]: row["split"] for row in rows(sets / "set")} == again


def test_about_a_fifth_is_frozen() -> None:
    share = sum(is_frozen(brand, product) for brand in range(20) for product in range(100)) / 2000
    assert 0.17 < share < 0.23


def test_the_same_picture_under_two_products_is_kept_once(product: Any, answer: Answer, db: None, sets: Path) -> None:
    answer(product, "navy", "shirt")
    answer(ProductFactory(brand=product.brand), "navy", "shirt", quality=60)
    done = export_training_set(folder=sets / "set")
    assert (done.photos, done.duplicates) == (1, 1)


def test_a_brand_may_say_no(product: Any, actor: Any, answer: Answer, db: None, sets: Path) -> None:
    other = ProductFactory()
    answer(product, "navy", "shirt")
    answer(other, "red", "shirt")
    let_photos_train(brand=product.brand, allowed=False, actor=actor)
    export_training_set(folder=sets / "set")
    assert [row["sender"] for row in rows(sets / "set")] == [f"{other.brand_id}-{other.pk}"]
    let_photos_train(brand=product.brand, allowed=True, actor=actor)
    assert export_training_set(folder=sets / "set").photos == 2


def test_only_a_brand_and_only_since(product: Any, answer: Answer, db: None, sets: Path) -> None:
    answer(product, "navy", "shirt")
    Correction.objects.update(created_at=timezone.now() - timedelta(days=9))
    other = ProductFactory()
    answer(other, "red", "shirt")
    since = timezone.now() - timedelta(days=2)
    assert export_training_set(folder=sets / "a", since=since).photos == 1
    assert export_training_set(folder=sets / "b", brand=product.brand).photos == 1
    assert export_training_set(folder=sets / "c").photos == 2


def test_photos_that_are_gone_or_damaged_are_counted(product: Any, answer: Answer, sets: Path) -> None:
    gone, damaged = answer(product, "navy", "shirt"), answer(product, "red", "shirt")
    answer(product, "green", "shirt")
    removed = answer(product, "black", "shirt")
    removed.delete()
    default_storage.delete(gone.original.name)
    default_storage.delete(damaged.original.name)
    default_storage.save(damaged.original.name, io.BytesIO(b"not a photo"))
    done = export_training_set(folder=sets / "set")
    assert (done.photos, done.missing, done.damaged) == (1, 1, 1)


def test_labels_that_no_model_has_are_left_out(product: Any, actor: Any, answer: Answer, sets: Path) -> None:
    answer(product, "navy", "shirt", "stripe")
    answer(product, "red", "shirt")
    Correction.objects.filter(task="category").update(label="kimono")
    done = export_training_set(folder=sets / "set")
    assert done.nameless == 1
    assert [(row["category"], row["pattern"]) for row in rows(sets / "set")] == [("", "stripe")]


def test_photos_of_several_garments_teach_nothing(product: Any, answer: Answer, sets: Path) -> None:
    answer(product, "navy", "shirt")
    several = answer(product, "red", "shirt").analysis
    several.result = several.result | {"scene": {"label": "several", "confidence": 0.97}}
    several.save()
    done = export_training_set(folder=sets / "set")
    assert (done.photos, done.not_single) == (1, 1)


def test_without_answers_nothing_is_written(db: None, sets: Path) -> None:
    with pytest.raises(DomainError) as refused:
        export_training_set(folder=sets / "set")
    assert refused.value.code == "no_answers"
    assert list(sets.iterdir()) == []


def test_a_failure_leaves_the_set_before(
    product: Any, answer: Answer, sets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(product, "navy", "shirt")
    export_training_set(folder=sets / "set")
    before = (sets / "set/manifest.csv").read_bytes()

    def broken(*args: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(training, "_save", broken)
    with pytest.raises(OSError, match="disk full"):
        export_training_set(folder=sets / "set")
    assert (sets / "set/manifest.csv").read_bytes() == before
    assert [path.name for path in sets.iterdir()] == ["set"]


def test_other_folders_are_left_alone(product: Any, answer: Answer, sets: Path) -> None:
    answer(product, "navy", "shirt")
    (sets / "letters").mkdir()
    (sets / "letters/dear.txt").write_text("x")
    with pytest.raises(DomainError) as refused:
        export_training_set(folder=sets / "letters")
    assert refused.value.code == "folder_taken"
    assert [path.name for path in (sets / "letters").iterdir()] == ["dear.txt"]


def test_what_killed_exports_left_is_cleared_away(product: Any, answer: Answer, sets: Path) -> None:
    answer(product, "navy", "shirt")
    for name, age in ((".set-old", 3 * 86_400), (".set-new", 60)):
        (sets / name).mkdir()
        moment = timezone.now().timestamp() - age
        os.utime(sets / name, (moment, moment))
    export_training_set(folder=sets / "set")
    assert sorted(path.name for path in sets.iterdir()) == [".set-new", "set"]


def test_queries_do_not_grow_with_the_photos(
    product: Any, answer: Answer, sets: Path, django_assert_max_num_queries: Any
) -> None:
    for colour in ("navy", "red", "green", "black"):
        answer(product, colour, "shirt", "stripe", size=(64, 64))
    with django_assert_max_num_queries(1):
        export_training_set(folder=sets / "set")


def test_the_command_says_what_it_wrote(product: Any, answer: Answer, sets: Path) -> None:
    answer(product, "navy", "shirt")
    gone = answer(product, "red", "shirt")
    default_storage.delete(gone.original.name)
    out = io.StringIO()
    call_command("export_training_set", sets / "set", "--brand", product.brand.slug, stdout=out)
    assert "1 photos" in out.getvalue() and "1 whose file is gone" in out.getvalue()


@pytest.mark.parametrize(
    ("extra", "words"),
    [(["--since", "yesterday"], "2026-11-01"), (["--brand", "nowhere"], "no brand"), ([], "no answers")],
)
def test_the_command_refuses_with_the_mend(db: None, sets: Path, extra: list[str], words: str) -> None:
    with translation.override("en"), pytest.raises(CommandError, match=words):
        call_command("export_training_set", sets / "set", *extra)
    assert list(sets.iterdir()) == []
