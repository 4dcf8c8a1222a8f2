"""Milliseconds per photo, through the predictor that serves, and ONNX Runtime against PyTorch on the same weights:

    python -m vision.ml.benchmark --photos ../shared/data/garments/images

Batch of one, decoded photos, medians. Without --photos it draws its own at 3000 x 4000, the size of a phone's.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from erp.core.photos import decode_photo

from .card import WEIGHTS_DIR
from .predictor import Predictor, load_predictor
from .views import full_view


def drawn_photo(width: int, height: int, seed: int = 0) -> Image.Image:
    """A red T-shirt shape on a noisy floor."""
    rng = np.random.default_rng(seed)
    floor = rng.normal(150, 18, (height // 8, width // 8, 3)).clip(0, 255).astype(np.uint8)
    image = Image.fromarray(floor).resize((width, height), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    body = [
        (0.3, 0.2),
        (0.7, 0.2),
        (0.9, 0.38),
        (0.78, 0.47),
        (0.7, 0.4),
        (0.7, 0.85),
        (0.3, 0.85),
        (0.3, 0.4),
        (0.22, 0.47),
        (0.1, 0.38),
    ]
    draw.polygon([(x * width, y * height) for x, y in body], fill=(190, 30, 40))
    return image


def median_ms(call: Callable[[], object], repeat: int) -> float:
    """Median milliseconds of a call after two warm-up rounds."""
    times = []
    for i in range(repeat + 2):
        started = time.perf_counter()
        call()
        if i >= 2:
            times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def photo_times(predictor: Predictor, images: Sequence[Image.Image]) -> dict[str, float]:
    """Median milliseconds of each stage, one photo at a time."""
    predictor.predict(images[:1])
    answers = [predictor.predict([image])[0].ms for image in images]
    return {key: round(statistics.median(a[key] for a in answers), 1) for key in answers[0]}


def runtime_ratio(
    weights: Path, predictor: Predictor, image: Image.Image, threads: int, repeat: int
) -> dict[str, float]:
    """Both networks once, batch of one, in ONNX Runtime and in PyTorch (fp32, channels last) on the same weights."""
    import torch

    from .export import load_classifier, load_segmenter

    torch.set_num_threads(threads)
    student = load_classifier(weights / "student.safetensors").to(memory_format=torch.channels_last)
    segmenter = load_segmenter(weights / "segmenter.safetensors").to(memory_format=torch.channels_last)
    small = full_view(image, predictor.card.segmenter)[None]
    view = full_view(image, predictor.card.student)[None]

    def in_onnx() -> None:
        predictor.backend.segment(small)
        predictor.backend.classify(view)

    def in_torch() -> None:
        with torch.inference_mode():
            segmenter(torch.from_numpy(small).contiguous(memory_format=torch.channels_last))
            student(torch.from_numpy(view).contiguous(memory_format=torch.channels_last))

    onnx_ms, torch_ms = median_ms(in_onnx, repeat), median_ms(in_torch, repeat)
    return {
        "onnxruntime_ms": round(onnx_ms, 1),
        "pytorch_ms": round(torch_ms, 1),
        "ratio": round(torch_ms / onnx_ms, 2),
    }


def main(arguments: Sequence[str] | None = None) -> dict[str, dict[str, float]]:
    parser = argparse.ArgumentParser(
        prog="python -m vision.ml.benchmark", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weights", type=Path, default=WEIGHTS_DIR, help="weights folder")
    parser.add_argument("--photos", type=Path, help="folder of photos")
    parser.add_argument("--count", type=int, default=30, help="photos to time")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads")
    parser.add_argument("--torch", action=argparse.BooleanOptionalAction, default=True, help="compare with PyTorch")
    options = parser.parse_args(arguments)
    predictor = load_predictor(options.weights, threads=options.threads)
    big = [drawn_photo(3000, 4000, seed) for seed in range(3)]
    results = {"phone photos 3000 x 4000": photo_times(predictor, big * 3)}
    if options.photos:
        files = sorted(options.photos.iterdir())[: options.count]
        results[f"{len(files)} given photos"] = photo_times(
            predictor, [decode_photo(f.read_bytes()).image for f in files]
        )
    if options.torch:
        results["both networks"] = runtime_ratio(options.weights, predictor, big[0], options.threads, 20)
    for name, figures in results.items():
        print(f"{name}: {figures}")
    return results


if __name__ == "__main__":
    main()
