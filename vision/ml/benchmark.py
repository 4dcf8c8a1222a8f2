"""The full-size ensemble against ConvNeXt-Tiny against the shipped student, and what a photo costs from file to answer:

    python -m vision.ml.benchmark --photos ../shared/data/garments/images --out benchmark.json

Networks with random weights in PyTorch (fp32 or bfloat16, whichever this CPU computes faster; half precision on a GPU
where there is one), the shipped student as it serves. Without --photos it draws its own at 3000 x 4000, as phones take.
"""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw

from erp.core.photos import decode_photo

from .backends import Backend, TorchBackend
from .card import WEIGHTS_DIR
from .config import option, parse_config, write_result
from .contest import Contender, Rounds, Runner, contender, parameters_m, times_ms
from .predictor import Predictor, load_predictor
from .trained import load_classifier

# As the worker decodes: no larger than this.
WORKING_SIDE = 768


@dataclass(frozen=True)
class BenchmarkConfig:
    weights: str = option(str(WEIGHTS_DIR), "folder of the student that serves")
    ensemble: str = option("convnext_base,swin_base,efficientnetv2_s", "members of the full-size ensemble")
    reference: str = option("convnext_tiny", "the student of the published reference; blank to leave it out")
    size: int = option(224, "input side of these networks in pixels")
    photos: str = option("", "folder of photos for the times from file to answer, beside drawn ones")
    count: int = option(30, "how many of them")
    batch: int = option(16, "pictures at once for the throughput")
    seconds: float = option(4.0, "time spent on each measurement")
    threads: int = option(2, "CPU threads")
    device: str = option("auto", "measure on a GPU too where there is one, or not", choices=("auto", "cpu", "cuda"))
    out: str = option("", "write every figure here as JSON")


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


def encoded(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


def photo_times(predictor: Predictor, files: Sequence[bytes]) -> dict[str, float]:
    """Median milliseconds of each stage from a file's bytes to the answer, one photo at a time."""
    predictor.predict([Image.new("RGB", (640, 480))])
    answers = []
    for data in files:
        started = time.perf_counter()
        image = decode_photo(data, max_side=WORKING_SIDE).image
        image.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
        decoded = time.perf_counter()
        ms = predictor.predict([image])[0].ms
        end = time.perf_counter()
        answers.append({"decode": (decoded - started) * 1000} | ms | {"file to answer": (end - started) * 1000})
    return {key: round(statistics.median(a[key] for a in answers), 1) for key in answers[0]}


def batch_rate(predictor: Predictor, image: Image.Image, count: int, seconds: float) -> float:
    """Decoded photos a second through all stages, in batches."""
    return round(1000 * count / statistics.median(times_ms(lambda: predictor.predict([image] * count), seconds)), 1)


def student_of(config: BenchmarkConfig, devices: Sequence[str]) -> Contender:
    """The shipped student, one pass of its network: on the CPU in ONNX Runtime, on a GPU in half precision."""
    folder = Path(config.weights)
    predictor = load_predictor(folder, threads=config.threads, device="cpu")
    size = predictor.card.student.size
    paces = []
    for device in devices:
        backend: Backend = predictor.backend if device == "cpu" else TorchBackend(predictor.card, folder, device)
        one, many = (
            np.random.default_rng(0).normal(size=(n, 3, size, size)).astype(np.float32) for n in (1, config.batch)
        )
        rounds = Rounds(
            times_ms(lambda b=backend, x=one: b.classify(x), config.seconds),  # type: ignore[misc]
            times_ms(lambda b=backend, x=many: b.classify(x), config.seconds),  # type: ignore[misc]
            config.batch,
        )
        paces.append(rounds.pace(device, "ONNX Runtime" if device == "cpu" else "float16"))
    model = load_classifier(folder / "student.safetensors")
    plain = Runner(model, size, "cpu", "float32").rounds(config.batch, config.seconds).pace("cpu, PyTorch", "float32")
    return Contender(predictor.model_name, parameters_m(model), size, (*paces, plain))


def ratios(whole: Contender, part: Contender, devices: Sequence[str]) -> dict[str, float]:
    """What a part has of the parameters of the whole, and how many times faster it is on each device."""
    found = {"parameters %": round(100 * part.parameters_m / whole.parameters_m, 1)}
    for device in devices:
        slow, fast = whole.on(device), part.on(device)
        if slow and fast:
            found[f"{device} latency x"] = round(slow.latency_ms / fast.latency_ms, 1)
            found[f"{device} less time %"] = round(100 * (1 - fast.latency_ms / slow.latency_ms), 1)
            found[f"{device} throughput x"] = round(fast.per_second / slow.per_second, 1)
    return found


def table(contenders: Sequence[Contender]) -> str:
    lines = [f"{'network':34} {'M param.':>8} {'side':>5} {'on':>13} {'in':>22} {'ms':>8} {'p95':>8} {'a second':>9}"]
    for c in contenders:
        for pace in c.paces:
            lines.append(
                f"{c.name:34} {c.parameters_m:8.1f} {c.size:5} {pace.device:>13} {pace.precision:>22} "
                f"{pace.latency_ms:8.1f} {pace.latency_p95_ms:8.1f} {pace.per_second:9.1f}"
            )
    return "\n".join(lines)


def compare(config: BenchmarkConfig, devices: Sequence[str]) -> dict[str, Any]:
    """Builds, times and drops one network after another, and prints the table and the ratios."""
    members = [name for name in config.ensemble.split(",") if name]
    rest = (config.size, devices, config.batch, config.seconds)
    ensemble = contender(members, f"ensemble of {len(members)}", *rest)
    contenders = [contender([name], name, *rest) for name in (config.reference,) if name]
    contenders.append(student_of(config, devices))
    print(table([ensemble, *contenders]))
    against = {part.name: ratios(ensemble, part, devices) for part in contenders}
    for name, found in against.items():
        print(f"{name} against the ensemble: {', '.join(f'{key} {value}' for key, value in found.items())}")
    return {"networks": [c.as_dict() for c in (ensemble, *contenders)], "against the ensemble": against}


def serving(config: BenchmarkConfig, device: str) -> dict[str, Any]:
    """What a photo costs in the predictor that serves, every view and mirror image of the card included."""
    predictor = load_predictor(Path(config.weights), threads=config.threads, device=device)
    big = [drawn_photo(3000, 4000, seed) for seed in range(3)]
    files = {"phone photos 3000 x 4000": [encoded(image) for image in big] * 3}
    if config.photos:
        given = sorted(Path(config.photos).iterdir())[: config.count]
        files[f"{len(given)} given photos"] = [path.read_bytes() for path in given]
    found: dict[str, Any] = {name: photo_times(predictor, data) for name, data in files.items()}
    small = big[0].resize((576, WORKING_SIDE))
    found["photos a second in batches"] = batch_rate(predictor, small, config.batch, config.seconds)
    print(f"\n{predictor.model_name} on {predictor.backend.name}")
    for name, figures in found.items():
        print(f"  {name}: {figures}")
    return found


def run(config: BenchmarkConfig) -> dict[str, Any]:
    torch.set_num_threads(config.threads)
    gpu = torch.cuda.is_available() if config.device == "auto" else config.device == "cuda"
    devices = ["cpu", "cuda"] if gpu else ["cpu"]
    result: dict[str, Any] = {"config": asdict(config), "gpu": torch.cuda.get_device_name() if gpu else None}
    result |= compare(config, devices)
    result["serving"] = {device: serving(config, device) for device in devices}
    write_result(config.out, result)
    return result


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    return run(parse_config(BenchmarkConfig, "benchmark", __doc__, arguments))


if __name__ == "__main__":
    main()
