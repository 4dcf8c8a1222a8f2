"""Clients that are generated from the served document, in Python and TypeScript, work with the running server.

The TypeScript one needs node 18 and npm (Debian: `nodejs`, `npm`); its packages are installed once into var/clients.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from catalog.models import Product
from erp.inventory.models import Balance
from tests.api.shop import Shop, make_product, make_shop

HERE = Path(__file__).resolve().parent
USED = ("auth", "balances", "movements", "products")
CACHE = HERE.parent.parent / "var" / "clients"
needs_node = pytest.mark.skipif(
    not (shutil.which("node") and shutil.which("npm")), reason="needs node and npm (Debian: apt-get install nodejs npm)"
)


def run(command: Sequence[str | Path], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, timeout=300
    )


def must(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    """As the running server gives it; the first test that has one asks."""
    return {}


@pytest.fixture
def shop(transactional_db) -> Shop:
    cache.clear()
    shop = make_shop("haneul")
    for _ in range(3):
        make_product(shop.brand, shop.owner)
    return shop


@pytest.fixture
def served(shop, live_server, document) -> dict[str, Any]:
    if not document:
        accept = {"Accept": "application/vnd.oai.openapi+json", "Accept-Language": "en"}
        request = urllib.request.Request(f"{live_server.url}/api/v1/schema/", headers=accept)
        document |= json.load(urllib.request.urlopen(request, timeout=60))
    return document


def generate_python(document: dict[str, Any], folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "schema.json").write_text(json.dumps(document))
    generator = Path(sys.executable).with_name("openapi-python-client")
    return run(
        [generator, "generate", "--path", "schema.json", "--output-path", "jangbu_client", "--meta", "none",
         "--config", HERE / "python.yml", "--fail-on-warning"],
        folder,
    )  # fmt: skip


def packages() -> Path:
    """The folder of installed packages of the lock file, which is made once for each version of it."""
    lock = (HERE / "package-lock.json").read_bytes()
    folder = CACHE / hashlib.sha256(lock).hexdigest()[:16]
    if not folder.exists():
        making = folder.with_name(f"{folder.name}.{os.getpid()}")
        making.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, making)
        must(run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], making))
        making.rename(folder)
    return folder / "node_modules"


def generate_types(document: dict[str, Any], folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "schema.json").write_text(json.dumps(document))
    for name in ("package.json", "tsconfig.json", "use.ts"):
        shutil.copy(HERE / name, folder)
    (folder / "node_modules").symlink_to(packages())
    # What has a default may be left out of a request.
    options = ["-o", "schema.ts", "--default-non-nullable", "false"]
    return run(["node", "node_modules/openapi-typescript/bin/cli.js", "schema.json", *options], folder)


def check_types(folder: Path) -> subprocess.CompletedProcess[str]:
    """Writes JavaScript where all types are right, and nothing where one is wrong."""
    return run(["node", "node_modules/typescript/bin/tsc"], folder)


def a_day_was_had(seen: dict[str, Any], shop: Shop, name: str) -> None:
    """What a client told, and what it left behind."""
    product = Product.objects.get(name_ko=name)
    variants = list(product.variants.order_by("pk"))
    assert (seen["status"], len(seen["skus"])) == ("active", 4)
    assert sorted(seen["skus"]) == sorted(variant.sku for variant in variants)
    assert sorted(seen["listed"]) == sorted(Product.objects.of(shop.brand).values_list("pk", flat=True))
    assert len(set(seen["listed"])) == len(seen["listed"]) > 4
    assert (seen["statuses"], seen["same"]) == ([201, 200], True)
    assert Balance.objects.of(shop.brand).get().on_hand == seen["on_hand"] == 7
    assert seen["refused"] == ["insufficient_stock", [[1, "insufficient_stock"]]]
    assert seen["unknown"] == "wrong_login"


def test_a_python_client(served, shop, live_server, tmp_path) -> None:
    must(generate_python(served, tmp_path))
    command = [sys.executable, HERE / "use_python.py", live_server.url, shop.slug, shop.owner.username, "a-long-secret"]
    seen = json.loads(must(run(command, tmp_path, PYTHONPATH=str(tmp_path))))
    a_day_was_had(seen, shop, "파이썬 셔츠")


@needs_node
def test_a_typescript_client(served, shop, live_server, tmp_path) -> None:
    must(generate_types(served, tmp_path))
    must(check_types(tmp_path))
    command = ["node", "built/use.js", live_server.url, shop.slug, shop.owner.username, "a-long-secret"]
    seen = json.loads(must(run(command, tmp_path)))
    a_day_was_had(seen, shop, "타입스크립트 셔츠")


def broken(document: dict[str, Any], *, colours: dict[str, Any] | None) -> dict[str, Any]:
    """What the scripts use of the document, with another type of one field of a product; None: without its status."""
    copy = json.loads(json.dumps(document))
    copy["paths"] = {path: item for path, item in copy["paths"].items() if path.split("/")[3] in USED}
    product = copy["components"]["schemas"]["Product"]
    if colours is None:
        product["required"].remove("status")
        del product["properties"]["status"]
    else:
        product["properties"]["colours"] = colours
    return copy


def test_a_broken_document_makes_no_python_client(served, tmp_path) -> None:
    dangling = broken(served, colours={"$ref": "#/components/schemas/Nothing"})
    done = generate_python(dangling, tmp_path)
    assert done.returncode != 0
    assert "Nothing" in done.stdout + done.stderr


@needs_node
def test_a_broken_document_makes_no_typescript_client(served, tmp_path) -> None:
    dangling = broken(served, colours={"$ref": "#/components/schemas/Nothing"})
    assert generate_types(dangling, tmp_path).returncode != 0
    (tmp_path / "node_modules").unlink()
    must(generate_types(broken(served, colours=None), tmp_path))
    done = check_types(tmp_path)
    assert done.returncode != 0
    assert "'status' does not exist" in done.stdout
    assert not (tmp_path / "built").exists()
