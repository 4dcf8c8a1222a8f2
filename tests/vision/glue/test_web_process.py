"""Processes stay light: one that serves pages loads no machine learning, and a worker on a CPU nothing that trains."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import global_settings

from tests.factories import MembershipFactory, ProductFactory
from tests.vision.glue.test_worker import database_url
from vision.ml.backends import may_have_cuda

ROOT = Path(__file__).resolve().parents[3]
VISIT = """
import sys
from erp.wsgi import application
from django.conf import settings
from django.test import Client
settings.ALLOWED_HOSTS = ["testserver"]
client = Client()
answers = [client.get("/login/").status_code]
answers.append(client.post("/login/", {"username": sys.argv[1], "password": "a-long-secret"}).status_code)
for path in sys.argv[2:]:
    answers.append(client.get(path).status_code)
heavy = {"torch", "timm", "onnxruntime", "onnx", "cv2", "vision.ml.predictor"} & set(sys.modules)
print(answers, sorted(heavy))
"""

WORK = """
import sys
import django
django.setup()
from PIL import Image
from vision import inference, receivers
receivers.prepare_worker("django_q")
found = inference.analyse([Image.new("RGB", (90, 120), "black")] * 3, inference.get_predictor())
heavy = {"torch", "timm", "onnx", "safetensors", "cv2"} & set(sys.modules)
print(len(found), sorted(heavy))
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(may_have_cuda(), reason="this machine may have a GPU, which a worker asks torch for")
def test_a_worker_without_a_gpu_loads_no_torch(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", WORK],
        cwd=ROOT,
        env=os.environ
        | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "erp.settings", "VAR_DIR": str(tmp_path)}
        | {"LOG_LEVEL": "ERROR", "VISION_DEVICE": "auto"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert result.stdout.strip() == "3 []", result.stderr[-3000:]


@pytest.mark.django_db(transaction=True)
def test_a_web_process_loads_no_machine_learning(settings: Any) -> None:
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS  # as the other process checks them
    member = MembershipFactory()
    product = ProductFactory(brand=member.brand)
    home = f"/b/{member.brand.slug}/"
    paths = [home, f"{home}products/", f"{home}products/{product.pk}/", f"{home}products/{product.pk}/listing/"]
    result = subprocess.run(
        [sys.executable, "-c", VISIT, member.user.username, *paths, "/api/v1/schema/"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database_url(), "LOG_LEVEL": "WARNING", "DEBUG": "true"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert result.stdout.strip() == "[200, 302, 200, 200, 200, 200, 200] []", result.stderr[-3000:]
