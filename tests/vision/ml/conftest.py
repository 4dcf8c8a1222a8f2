"""A miniature data set and a weights folder trained on it for a moment, made once for the whole folder of tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from .drawing import write_dataset

REPOSITORY = Path(__file__).resolve().parents[3]
SHARED_DATA = REPOSITORY.parent / "shared" / "data"
TINY = "test_resnet"


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def tiny_runs(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Checkpoints of both tasks after two steps on drawn pictures."""
    from vision.ml import train

    folder = tmp_path_factory.mktemp("runs")
    paths = {}
    for task in ("classifier", "segmenter"):
        paths[task] = train.main(smoke_arguments(task, dataset, folder / task))
    return paths


@pytest.fixture(scope="session")
def tiny_weights(tiny_runs: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete weights folder: ONNX, safetensors and card."""
    from vision.ml.export import export

    folder = tmp_path_factory.mktemp("weights")
    export(tiny_runs["classifier"], tiny_runs["segmenter"], folder, name="tiny-1", student_size=64, segmenter_size=64)
    return folder


def smoke_arguments(task: str, dataset: Path, out: Path, *extra: str) -> list[str]:
    """Command line of a training of two steps."""
    plain = {
        "--data": dataset,
        "--network": TINY,
        "--cache": dataset / "cache",
        "--out": out,
        "--minutes": 5,
        "--max-steps": 2,
        "--held-out": "1",
        "--sizes": "32:0.5,64:1",
        "--batch": 6,
        "--backgrounds": 6,
        "--prints": 8,
        "--source-size": 64,
        "--workers": 1,
    }
    return [task, *(str(part) for pair in plain.items() for part in pair), *extra]
