"""A brand's right to leave: everything it owns in one file, and the same rows again in an empty installation."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from catalog.models import Brand
from erp.core.errors import DomainError
from erp.exchange.archive.reading import read_archive
from erp.exchange.archive.scope import APPS, LEFT_OUT, label_of, models_of, path_to_brand
from erp.exchange.archive.writing import write_archive
from erp.exchange.models import Archive
from erp.exchange.services import archives
from erp.inventory.models import DaySeal, Posting
from erp.inventory.services import Claim, receive, reserve, reverse_posting
from erp.inventory.services.seals import seal_days
from erp.inventory.triggers import lifted
from tests.api.shop import make_shop
from tests.walk import hidden_brand

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parent.parent.parent


def full_brand() -> Brand:
    """A brand with a row of nearly everything, costs, holds and a reversal among them."""
    hidden = hidden_brand("leaving")
    shop = hidden.shop
    with lifted(connection):  # its days are sealed anew below, with what is posted here
        DaySeal.objects.of(shop.brand).delete()
    costs = {shop.variants[0].pk: Decimal("8000.5")}
    heading: dict[str, Any] = {"actor": shop.staff}
    receive(
        brand=shop.brand, location=shop.main, quantities={shop.variants[0].pk: 4}, unit_costs=costs,
        idempotency_key="a", **heading,
    )  # fmt: skip
    reverse_posting(posting=hidden.posting, idempotency_key="b", **heading)
    claim = Claim(shop.variants[0].pk, 1, shop.main.pk)
    reserve(brand=shop.brand, claims=[claim], idempotency_key="c", **heading)
    seal_days(brand=shop.brand, now=timezone.now() + timedelta(days=2))
    return shop.brand


def archive_of(brand: Brand) -> bytes:
    file = io.BytesIO()
    write_archive(brand, file)
    return file.getvalue()


@cache
def sample() -> bytes:
    """Made once: what a damaged archive is refused for is seen before the database is."""
    return archive_of(full_brand())


def parts_of(data: bytes) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


class Elsewhere:
    """Another installation: a SQLite file and a folder of its own."""

    def __init__(self, folder: Path, fresh: Path) -> None:
        if fresh.exists():
            shutil.copy(fresh, folder / "jangbu.sqlite3")
        self.environment = os.environ | {"DATABASE_URL": "", "REDIS_URL": "", "VAR_DIR": str(folder)}
        self.run("migrate", "--verbosity", "0")

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def elsewhere(django_db_setup, tmp_path_factory, fresh_sqlite: Path) -> Elsewhere:
    return Elsewhere(tmp_path_factory.mktemp("elsewhere"), fresh_sqlite)


def test_every_model_goes_along_or_is_left_out_for_a_reason() -> None:
    everything = {label_of(m) for label in APPS for m in apps.get_app_config(label).get_models()}
    assert everything == {label_of(model) for model in models_of()} | (LEFT_OUT.keys() & everything)
    assert [label_of(model) for model in models_of() if path_to_brand(model) is None] == []
    own = [config for config in apps.get_app_configs() if config.name.startswith(("erp.", "catalog", "vision"))]
    ours = {config.label for config in own if list(config.get_models())}
    assert ours == {*APPS, "core"}  # people of "core" are carried by name


def test_rows_come_after_what_they_point_at() -> None:
    order = [label_of(model) for model in models_of()]
    assert order[0] == "catalog.Brand"
    for earlier, later in [("Posting", "StockMovement"), ("Location", "Balance"), ("StockMovement", "CostEntry")]:
        assert order.index(f"inventory.{earlier}") < order.index(f"inventory.{later}")


@pytest.fixture
def _kinds_numbered_otherwise() -> Iterator[None]:
    """Django numbers kinds of rows in the order in which it met them, which is not the same everywhere."""
    ContentType.objects.filter(app_label="catalog").delete()
    ContentType.objects.clear_cache()
    yield
    ContentType.objects.clear_cache()


@pytest.mark.usefixtures("_kinds_numbered_otherwise")
def test_an_archive_comes_back_as_it_was(elsewhere: Elsewhere, tmp_path: Path) -> None:
    brand = full_brand()
    other = make_shop("staying")
    data = archive_of(brand)
    file = tmp_path / "leaving.zip"
    file.write_bytes(data)
    assert other.slug.encode() not in b"".join(body for name, body in parts_of(data).items() if "rows/" in name)
    imported = elsewhere.run("import_archive", str(file), "--owner", "newowner")
    assert imported.returncode == 0, imported.stderr[-2000:]
    assert "books agree" in imported.stdout
    again = tmp_path / "again.zip"
    assert elsewhere.run("export_archive", brand.slug, str(again)).returncode == 0
    before, after = parts_of(data), parts_of(again.read_bytes())
    assert before.keys() == after.keys()
    different = [
        name for name in before
        if name.startswith(("rows/", "files/")) and not same_rows(before[name], after[name], name)
    ]  # fmt: skip
    assert different == []
    checked = elsewhere.run("verify_ledger")
    assert checked.returncode == 0, checked.stdout
    refused = elsewhere.run("import_archive", str(file))
    assert refused.returncode != 0
    assert "empty" in refused.stderr or "빈" in refused.stderr


def test_moments_keep_their_microseconds() -> None:
    """Seals are over them: an archive that rounds them could not be read anywhere."""
    brand = full_brand()
    recorded = timezone.now().replace(microsecond=123456)
    with lifted(connection):
        Posting.objects.of(brand).update(recorded_at=recorded)
    [rows] = [body for name, body in parts_of(archive_of(brand)).items() if name.endswith("inventory.Posting.jsonl")]
    for line in rows.decode().splitlines():
        assert parse_datetime(json.loads(line)["fields"]["recorded_at"]) == recorded


# Rows of the platform have other ids elsewhere; whoever owns the brand there is one row more.
OF_THE_PLATFORM = {"category", "pattern", "colour", "size_run", "size", "run", "model_version", "content_type"}


def same_rows(before: bytes, after: bytes, part: str) -> bool:
    if part.startswith("files/"):
        return before == after

    def rows(data: bytes) -> list[Any]:
        found = [json.loads(line) for line in data.decode().splitlines() if line]
        return [
            (row["model"], row["pk"], {k: v for k, v in row["fields"].items() if k not in OF_THE_PLATFORM})
            for row in found
        ]

    old, new = rows(before), rows(after)
    more = 1 if part.endswith(("catalog.Membership.jsonl", "catalog.Change.jsonl")) else 0
    return old == new[: len(old)] and len(new) - len(old) in (0, more)


def test_passwords_and_tokens_stay(settings) -> None:
    brand = full_brand()
    whole = b"".join(parts_of(archive_of(brand)).values())
    for person in brand.memberships.select_related("user"):
        assert person.user.password.encode() not in whole
        assert person.user.username.encode() in whole


def broken(data: bytes, **changes: Any) -> io.BytesIO:
    """The archive with some parts replaced: None takes one out."""
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        for name, body in parts_of(data).items():
            key = next((k for k in changes if name.endswith(k.replace("_", "."))), "")
            if not key:
                archive.writestr(name, body)
            elif changes[key] is not None:
                archive.writestr(name, changes[key](body))
    out.seek(0)
    return out


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"StockMovement_jsonl": lambda body: body.replace(b'"quantity": 4', b'"quantity": 5')}, "damaged"),
        ({"StockMovement_jsonl": None}, "damaged"),
        ({"manifest_json": None}, "not_an_archive"),
        ({"manifest_json": lambda body: b"{"}, "not_an_archive"),
        ({"manifest_json": lambda body: body.replace(b'"format": 1', b'"format": 99')}, "other_version"),
        ({"manifest_json": lambda body: body.replace(b"files/", b"../../", 1)}, "damaged"),
    ],
)
def test_a_damaged_archive_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(DomainError) as caught:
        read_archive(broken(sample(), **changes))
    assert caught.value.code == code


def test_what_is_no_archive_is_refused() -> None:
    with pytest.raises(DomainError, match="아카이브|archive"):
        read_archive(io.BytesIO(b"PK no zip"))


def test_it_is_made_once_and_kept_for_a_while(django_capture_on_commit_callbacks, monkeypatch) -> None:
    queued: list[int] = []
    monkeypatch.setattr(archives, "_enqueue", queued.append)
    shop = make_shop("haneul")
    with django_capture_on_commit_callbacks(execute=True):
        archive = archives.start_archive(brand=shop.brand, actor=shop.owner)
        assert archives.start_archive(brand=shop.brand, actor=shop.owner) == archive
    assert queued == [archive.pk]
    assert archives.make_archive(archive_id=archive.pk) == "done"
    assert archives.make_archive(archive_id=archive.pk) == "done"
    archive.refresh_from_db()
    assert archive.rows > 0
    assert len(archive.file.read()) == archive.size
    assert archives.forget_old_archives() == 0
    Archive.objects.update(finished_at=timezone.now() - timedelta(days=15))
    assert archives.forget_old_archives() == 1
    archive.refresh_from_db()
    assert not archive.file


def test_a_dead_makers_archive_is_taken_up(monkeypatch) -> None:
    queued: list[int] = []
    monkeypatch.setattr(archives, "_enqueue", queued.append)
    shop = make_shop("haneul")
    archive = Archive.objects.create(brand=shop.brand, created_by=shop.owner, state="running")
    assert archives.resume_stalled_archives() == 0
    assert archives.make_archive(archive_id=archive.pk) == "running"  # somebody else makes it
    Archive.objects.update(updated_at=timezone.now() - timedelta(minutes=6))
    assert archives.resume_stalled_archives() == 1
    assert queued == [archive.pk]
    assert archives.make_archive(archive_id=archive.pk) == "done"


def test_a_failure_is_told(monkeypatch) -> None:
    def fail(*args: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(archives, "write_archive", fail)
    shop = make_shop("haneul")
    archive = Archive.objects.create(brand=shop.brand, created_by=shop.owner)
    with pytest.raises(OSError, match="disk"):
        archives.make_archive(archive_id=archive.pk)
    archive.refresh_from_db()
    assert (archive.state, "disk is full" in archive.problem) == ("failed", True)


def test_the_commands_say_what_is_wrong(tmp_path: Path) -> None:
    shop = make_shop("haneul")
    with pytest.raises(CommandError, match="no brand nobody.*haneul"):
        call_command("export_archive", "nobody", str(tmp_path / "a.zip"))
    (tmp_path / "a.zip").touch()
    with pytest.raises(CommandError, match="exists"):
        call_command("export_archive", shop.slug, str(tmp_path / "a.zip"))
    with pytest.raises(CommandError, match="no file"):
        call_command("import_archive", str(tmp_path / f"{uuid.uuid4()}.zip"))
