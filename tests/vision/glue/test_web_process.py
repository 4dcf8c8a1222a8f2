"""A web process stays light: it never loads what only a worker needs."""

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
