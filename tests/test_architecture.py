"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = sorted(
    path
    for folder in ("erp", "catalog", "vision", "bench", "tests")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts
)
LONGEST_FILE = 400
LONGEST_FUNCTION = 60


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_hold_one_thing(path: Path) -> None:
    text = path.read_text()
    functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {n.name: n.end_lineno - n.lineno + 1 for n in functions if n.end_lineno - n.lineno >= LONGEST_FUNCTION}
    assert text.count("\n") <= LONGEST_FILE
    assert long == {}


def test_imports_point_one_way() -> None:
    """The layers of the design, as import-linter's contracts in pyproject.toml state them."""
    result = subprocess.run(
        [ROOT / ".venv/bin/lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout


def test_only_inference_opens_vision_ml() -> None:
    importers = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "vision").rglob("*.py")
        if "ml" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names])
        if module.startswith("vision.ml")
    }
    assert importers <= {"vision/inference.py"}


def test_few_signals() -> None:
    """Direct calls over signals: one is sent only where an app above must follow what an app below does."""
    defined = [
        f"{path.parent.name}.{node.targets[0].id}"
        for path in CODE
        if "tests" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        if isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name) and node.value.func.id == "Signal"
    ]
    assert sorted(defined) == [
        "catalog.image_added",
        "catalog.written_in_bulk",
        "inventory.holding_by_hand",
        "inventory.reversed_by",
        "inventory.reversing",
        "inventory.stock_changed",
    ]
