"""What runs the two networks: ONNX Runtime on a CPU, or PyTorch, in half precision on a GPU.

Both take and give NumPy arrays, so that everything before and after them is the same code. PyTorch is imported only
where a CUDA device may be: a web process and a CPU worker never load it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import onnxruntime as ort

from .card import MEND, ModelCard, WeightsError
from .labels import SCENES

DEVICES = ("auto", "cpu", "cuda")
EMBEDDING = 256
# What a Linux kernel (or Windows below it) shows of a GPU that CUDA could use.
CUDA_SIGNS = (Path("/dev/nvidiactl"), Path("/dev/dxg"), Path("/dev/nvhost-gpu"))


class Backend(Protocol):
    """Both networks of one release. Safe to share between threads."""

    # For people and for the log: "cpu" or "cuda:0", with what runs there.
    name: str
    # At most so many pictures go through a network at once: it bounds the memory.
    rows: int

    def segment(self, images: np.ndarray) -> np.ndarray:
        """(n, 3, s, s) float32 normalised -> (n, 1, s, s) float32 logits, positive on the garment."""

    def classify(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """(n, 3, s, s) float32 normalised -> float32 by head: category, pattern, embedding and, if carded, scene."""


Opened = TypeVar("Opened", bound=Backend)


def heads_of(card: ModelCard) -> dict[str, int]:
    """The student's outputs and how many numbers each has for a picture."""
    widths = {"category": len(card.categories), "pattern": len(card.patterns), "embedding": EMBEDDING}
    return widths | ({"scene": len(SCENES)} if card.scene else {})


def in_parts(run: Callable[[np.ndarray], Any], images: np.ndarray, rows: int) -> list[Any]:
    return [run(images[start : start + rows]) for start in range(0, len(images), rows)]


class OnnxBackend:
    """ONNX Runtime on the CPU."""

    # 32 at once are no faster on a CPU and take three times the memory of 8.
    rows = 8

    def __init__(self, card: ModelCard, folder: Path, threads: int = 2) -> None:
        self.name = f"cpu, ONNX Runtime {ort.__version__}, {threads} threads"
        self._segmenter = open_session(folder / "segmenter.onnx", threads)
        self._student = open_session(folder / "student.onnx", threads)
        self._heads = list(heads_of(card))
        for session, needed in ((self._segmenter, []), (self._student, self._heads)):
            check_interface(session, needed, folder)

    def segment(self, images: np.ndarray) -> np.ndarray:
        parts = in_parts(lambda part: self._segmenter.run(None, {"images": part})[0], images, self.rows)
        return np.concatenate(parts)

    def classify(self, images: np.ndarray) -> dict[str, np.ndarray]:
        parts = in_parts(lambda part: self._student.run(self._heads, {"images": part}), images, self.rows)
        return {name: np.concatenate([part[i] for part in parts]) for i, name in enumerate(self._heads)}


def open_session(path: Path, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # A spinning pool would take the cores from the web process next door.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def check_interface(session: ort.InferenceSession, needed: Sequence[str], folder: Path) -> None:
    """Raises `WeightsError` unless a graph takes "images" and gives what is `needed`."""
    inputs, outputs = [i.name for i in session.get_inputs()], [o.name for o in session.get_outputs()]
    if inputs != ["images"]:
        raise WeightsError(f"A model in {folder} takes {', '.join(inputs) or 'nothing'} instead of images. {MEND}.")
    if missing := [name for name in needed if name not in outputs]:
        raise WeightsError(
            f"The student in {folder} gives {', '.join(outputs)}, but no {' and no '.join(missing)}. {MEND}."
        )


class TorchBackend:
    """PyTorch on one device, channels last: in half precision on a GPU, in fp32 or bfloat16 on a CPU."""

    rows = 128

    def __init__(self, card: ModelCard, folder: Path, device: str = "cuda", precision: str = "") -> None:
        import torch

        from .trained import load_classifier, load_segmenter

        for name in ("student.safetensors", "segmenter.safetensors"):
            if name not in card.files:
                raise WeightsError(f"The model card in {folder} names no {name}, which a GPU needs. {MEND}.")
        self._torch = torch
        self.device = torch.device(device)
        precision = precision or ("float16" if self.device.type == "cuda" else "float32")
        self.dtype: torch.dtype = getattr(torch, precision)
        self.name = f"{device}, PyTorch {torch.__version__}, {precision}"
        self._heads = list(heads_of(card))
        student, segmenter = (
            load_classifier(folder / "student.safetensors"),
            load_segmenter(folder / "segmenter.safetensors"),
        )
        # The neck and the heads behind the trunk are small and stay in fp32: their answers are what is calibrated.
        student.trunk.to(dtype=self.dtype)
        segmenter.to(dtype=self.dtype)
        self._student, self._segmenter = (
            model.to(device=self.device, memory_format=torch.channels_last).requires_grad_(False)  # type: ignore[call-overload]
            for model in (student, segmenter)
        )

    def segment(self, images: np.ndarray) -> np.ndarray:
        return np.concatenate(in_parts(lambda part: self._run(self._segmenter, part)[0], images, self.rows))

    def classify(self, images: np.ndarray) -> dict[str, np.ndarray]:
        parts = in_parts(lambda part: self._run(self._student, part), images, self.rows)
        return {name: np.concatenate([part[i] for part in parts]) for i, name in enumerate(self._heads)}

    def _run(self, model: Any, images: np.ndarray) -> list[np.ndarray]:
        torch = self._torch
        with torch.inference_mode():
            batch = torch.from_numpy(np.ascontiguousarray(images)).to(self.device, self.dtype)
            answers = model(batch.contiguous(memory_format=torch.channels_last))
            answers = answers if isinstance(answers, tuple) else (answers,)
            return [answer.float().cpu().numpy() for answer in answers]


def may_have_cuda() -> bool:
    """Whether it is worth importing torch to ask for a GPU: it is installed, and the system shows one."""
    return importlib.util.find_spec("torch") is not None and any(sign.exists() for sign in CUDA_SIGNS)


def open_backend(card: ModelCard, folder: Path, device: str = "auto", threads: int = 2) -> Backend:
    """The backend of a `device`: "cpu", "cuda", or "auto" for a GPU that can be used, else the CPU.

    Raises `WeightsError`; "auto" says in `Backend.name` why a GPU that is there is not used.
    """
    if device not in DEVICES:
        raise WeightsError(f"The device {device} is not known; take one of {', '.join(DEVICES)}.")
    try:
        if device == "cuda" or (device == "auto" and may_have_cuda()):
            return _checked(_cuda_backend(card, folder), card, folder)
    except Exception as error:
        if device == "cuda":
            raise _unusable(folder, error) from error
        backend = _on_cpu(card, folder, threads)
        backend.name += f" (the GPU is not used: {error})"
        return backend
    return _on_cpu(card, folder, threads)


def _cuda_backend(card: ModelCard, folder: Path) -> Backend:
    import torch

    if not torch.cuda.is_available():
        raise WeightsError("PyTorch finds no CUDA device. Install its CUDA build and the driver, or use the CPU.")
    return TorchBackend(card, folder, "cuda")


def _on_cpu(card: ModelCard, folder: Path, threads: int) -> OnnxBackend:
    try:
        return _checked(OnnxBackend(card, folder, threads), card, folder)
    except Exception as error:
        raise _unusable(folder, error) from error


def _unusable(folder: Path, error: Exception) -> WeightsError:
    if isinstance(error, WeightsError):
        return error
    return WeightsError(f"The runtime cannot open the models in {folder}: {error}. {MEND}.")


def _checked(backend: Opened, card: ModelCard, folder: Path) -> Opened:
    """Looks at one grey picture: the shapes must be those of the card, and every number a number. Warms up, too."""
    side = card.segmenter.size
    mask = backend.segment(np.zeros((1, 3, side, side), np.float32))
    found = {"mask": mask} | backend.classify(np.zeros((1, 3, card.student.size, card.student.size), np.float32))
    expected = {"mask": (1, 1, side, side)} | {name: (1, width) for name, width in heads_of(card).items()}
    for name, shape in expected.items():
        if found[name].shape != shape:
            raise WeightsError(
                f"The model in {folder} answers {name} in the shape {found[name].shape}, "
                f"its card promises {shape}. {MEND}."
            )
        if not np.isfinite(found[name]).all():
            raise WeightsError(f"The model in {folder} answers {name} with what is no number. {MEND}.")
    return backend
