"""Photos: milliseconds a photo, ONNX Runtime against PyTorch, photos a second of `prefill`, upload to filled form.

Without the photo set ../shared/data everything is measured on drawn photos of a phone's size.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from playwright.sync_api import Page, sync_playwright

from tests.browser.photos import SET
from tests.browser.product import CHROMIUM, CHROMIUM_ARGS, ROOT, running_product
from tests.browser.walk import log_in
from vision.ml import benchmark

PREFILL_PHOTOS = 200
UPLOADS = 5
LIMIT = 30_000  # milliseconds
# What the person waits for: the name that category, pattern and colours make.
DONE = "document.querySelector('#suggestions')?.dataset.state == 'done'"
FILLED = f"document.querySelector('[name=name_ko]')?.value || {DONE}"


def run() -> None:
    benchmark.main(["--photos", str(SET / "images")] if SET.exists() else [])
    with tempfile.TemporaryDirectory(prefix="jangbu-bench-") as folder:
        prefill(sample(Path(folder)))
        upload(Path(folder))


def sample(folder: Path) -> list[Path]:
    """Garments of the set, else one drawn photo many times."""
    if SET.exists():
        return sorted((SET / "images").iterdir())[:PREFILL_PHOTOS]
    return [phone_photo(folder, 0)] * 20


def phone_photo(folder: Path, number: int) -> Path:
    """A photo of 12 megapixels: uploads of the same file would be refused as duplicates."""
    path = folder / f"phone-{number}.jpg"
    if not path.exists():
        benchmark.drawn_photo(3000, 4000, number).save(path, quality=88)
    return path


def prefill(photos: list[Path]) -> None:
    """The whole command, its start included."""
    started = perf_counter()
    command = [sys.executable, "manage.py", "prefill", "--json", *map(str, photos)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    seconds = perf_counter() - started
    print(f"prefill of {len(photos)} photos: {seconds:.1f} s, {len(photos) / seconds:.1f} photos/s", flush=True)


def upload(folder: Path) -> None:
    """In Chromium on the embedded default: from the press on the button to the filled form."""
    if CHROMIUM is None:
        print("upload to filled form: not measured, chromium is not installed")
        return
    (product := folder / "product").mkdir()
    with running_product(product) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        page = browser.new_page(bypass_csp=True)  # or the page could not be asked for its state
        log_in(page, address, "clerk")
        page.wait_for_timeout(20_000)  # the worker looks at the demonstration's photos first
        times = [one_upload(page, address, phone_photo(folder, number)) for number in range(UPLOADS)]
        browser.close()
    for name, seconds in zip(("form open", "form filled", "cut-out shown too"), zip(*times, strict=True), strict=True):
        print(f"upload of 12 megapixels, {name}: median {median(seconds):.2f} s, worst {max(seconds):.2f} s")


def one_upload(page: Page, address: str, photo: Path) -> tuple[float, float, float]:
    """Seconds until the form is open, filled, and everything is done."""
    page.goto(f"{address}/b/haru/new/")
    page.locator("input[name=photos]").first.set_input_files(photo)
    started = perf_counter()
    page.locator(".savebar button").click()
    page.wait_for_url(re.compile(r"/listing/$"))
    opened = perf_counter()
    page.wait_for_function(FILLED, timeout=LIMIT)
    filled = perf_counter()
    page.wait_for_function(DONE, timeout=LIMIT)
    return opened - started, filled - started, perf_counter() - started


if __name__ == "__main__":
    run()
