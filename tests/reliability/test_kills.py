"""`kill -9`, fifty times, of web and worker while people post and a file is imported: nothing is lost or done twice."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from knox.models import AuthToken

from catalog.models import Variant
from erp.exchange.models import ImportJob, ImportRow
from erp.exchange.services.imports import apply_import, check_import, create_import
from erp.inventory.models import Balance, Posting
from erp.inventory.verify import verify_ledger
from tests.api.shop import Shop, make_shop
from tests.reliability import killing

KILLS = 50
CLERKS = 3
ROWS = 2_000
PAUSE = 0.2  # at least between two kills
PATIENCE = 3.0  # at most: until then something is posted between them
State = ImportJob.State

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not Path("/proc/self/task").exists(), reason="finds the processes to kill in /proc: needs Linux"
    ),
]


class Clerk(threading.Thread):
    """Posts one receipt after another, each until it is answered; a broken connection is tried again, same key."""

    def __init__(self, shop: Shop, address: str, token: str, done: threading.Event) -> None:
        super().__init__(daemon=True)
        self.shop, self.address, self.token, self.done = shop, address, token, done
        self.answered: dict[str, str] = {}
        self.broken, self.wrong = 0, []

    def run(self) -> None:
        body = {
            "brand": self.shop.slug, "kind": "receipt",
            "lines": [{"sku": v.sku, "quantity": 1, "destination": "MAIN"} for v in self.shop.variants],
        }  # fmt: skip
        while not self.done.is_set():
            key = str(uuid4())
            while (found := self.post(body, key)) is None:
                self.broken += 1
                time.sleep(0.05)
            self.answered[key] = found

    def post(self, body: Any, key: str) -> str | None:
        headers = {"Authorization": f"Token {self.token}", "Content-Type": "application/json", "Idempotency-Key": key}
        request = urllib.request.Request(
            f"{self.address}/api/v1/movements/", json.dumps(body).encode(), headers, method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=15) as answer:
                return json.load(answer)["id"]
        except urllib.error.HTTPError as error:
            if error.code not in (500, 503):
                self.wrong.append(f"{error.code} {error.read()[:300]!r}")
            return None
        except (OSError, HTTPException, ValueError):
            return None


def table(rows: int) -> bytes:
    lines = ["품번,상품명,카테고리,색상,사이즈,재고"]
    for style in range(rows // 8):
        lines += [
            f"KL{style:04},니트 {style},니트,{c},{s},3" for c in ("블랙", "화이트") for s in ("S", "M", "L", "XL")
        ]
    return ("\n".join(lines) + "\n").encode("cp949")


def begin_import(shop: Shop) -> ImportJob:
    job = create_import(brand=shop.brand, actor=shop.owner, data=table(ROWS), filename="재고.csv")
    return check_import(job=job, actor=shop.owner, columns=job.columns, location=job.location)


def move_on(job: ImportJob, shop: Shop) -> None:
    """Applies the import as soon as it was checked, and retries what gave up: what its owner does."""
    job.refresh_from_db()
    if job.state == State.CHECKED:
        apply_import(job=job, actor=shop.owner)
    assert job.state != State.FAILED, job.problem


@pytest.fixture
def shop(transactional_db) -> Shop:
    return make_shop("haneul")


def test_fifty_kills(shop: Shop, tmp_path: Path, settings) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    token = AuthToken.objects.create(shop.staff)[1]
    chance, done = Random(50), threading.Event()
    served, address = killing.web(tmp_path)
    working = killing.worker(tmp_path)
    clerks = [Clerk(shop, address, token, done) for _clerk in range(CLERKS)]
    try:
        job = begin_import(shop)
        for clerk in clerks:
            clerk.start()
        for number in range(KILLS):
            (working if number % 5 == 4 else served).kill_one(chance)
            go_on(clerks, [served, working])
            move_on(job, shop)
        done.set()
        wait_until_done(job, shop, working)
        for clerk in clerks:
            clerk.join(timeout=60)
            served.look_after()
    finally:
        done.set()
        served.kill_all()
        working.kill_all()
    answered = {key: found for clerk in clerks for key, found in clerk.answered.items()}
    broken = sum(clerk.broken for clerk in clerks)
    print(f"{KILLS} kills, {len(answered)} postings, {broken} broken requests, worker started {working.starts} times")
    assert not any(clerk.is_alive() for clerk in clerks)
    assert [wrong for clerk in clerks for wrong in clerk.wrong] == []
    assert broken > 0
    assert len(answered) >= KILLS // 2
    assert_each_posted_once(shop, answered)
    assert_imported_once(shop, job)
    assert verify_ledger() == []


def go_on(clerks: list[Clerk], processes: list[killing.Supervised]) -> None:
    """Gives people the time to post something again."""
    begin, before = time.monotonic(), sum(len(clerk.answered) for clerk in clerks)
    while True:
        for process in processes:
            process.look_after()
        time.sleep(0.05)
        spent, posted = time.monotonic() - begin, sum(len(clerk.answered) for clerk in clerks) > before
        if spent > PATIENCE or (posted and spent > PAUSE):
            return


def wait_until_done(job: ImportJob, shop: Shop, working: killing.Supervised) -> None:
    end = time.monotonic() + 300
    while job.state != State.DONE and time.monotonic() < end:
        working.look_after()
        move_on(job, shop)
        time.sleep(0.2)
    assert job.state == State.DONE


def assert_each_posted_once(shop: Shop, answered: dict[str, str]) -> None:
    posted = dict(
        Posting.objects.of(shop.brand).filter(kind="receipt").values_list("idempotency_key", "public_id")
    )  # fmt: skip
    assert {key: str(found) for key, found in posted.items()} == answered
    for variant in shop.variants:
        assert Balance.objects.get(variant=variant).on_hand == len(answered)


def assert_imported_once(shop: Shop, job: ImportJob) -> None:
    assert ImportRow.objects.filter(job=job, applied=True).count() == ROWS
    imported = Variant.objects.of(shop.brand).filter(product__style_number__startswith="KL")
    assert imported.count() == ROWS
    stock = Balance.objects.filter(variant__in=imported)
    assert (stock.count(), set(stock.values_list("on_hand", flat=True))) == (ROWS, {3})
