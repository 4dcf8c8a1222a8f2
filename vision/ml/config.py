"""A command line from a frozen dataclass: one flag per field, its help in the field's metadata."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, field, fields
from pathlib import Path
from typing import Any, TypeVar

import torch

Config = TypeVar("Config")


def option(default: Any, note: str, *, choices: Sequence[str] = ()) -> Any:
    """A field of a configuration, with what `--help` says of it."""
    return field(default=default, metadata={"help": note, "choices": tuple(choices)})


def positional(note: str, choices: Sequence[str]) -> Any:
    """A field that is named without a flag, and must be given."""
    return field(metadata={"help": note, "choices": tuple(choices), "positional": True})


def parse_config(kind: type[Config], name: str, about: str | None, arguments: Sequence[str] | None = None) -> Config:
    """A configuration from a command line; exits with a message on what is wrong, as argparse does."""
    parser = argparse.ArgumentParser(
        prog=f"python -m vision.ml.{name}", description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for item in fields(kind):  # type: ignore[arg-type]
        add_argument(parser, item)
    return kind(**vars(parser.parse_args(arguments)))


def add_argument(parser: argparse.ArgumentParser, item: Field[Any]) -> None:
    note, choices = item.metadata["help"], item.metadata["choices"] or None
    if item.metadata.get("positional"):
        parser.add_argument(item.name, choices=choices, help=note)
        return
    assert item.default is not MISSING
    flag, text = "--" + item.name.replace("_", "-"), f"{note} (default: {item.default!r})".replace("%", "%%")
    if isinstance(item.default, bool):
        parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=item.default, help=text)
    else:
        parser.add_argument(flag, type=type(item.default), default=item.default, choices=choices, help=text)


def parse_sizes(text: str) -> tuple[tuple[int, float], ...]:
    """ "96:0.4,128:1" -> ((96, 0.4), (128, 1.0)): an input size and the progress it lasts to."""
    pairs = [part.split(":") for part in text.split(",")]
    return tuple((int(size), float(until)) for size, until in pairs)


def parse_folds(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part.strip()]


def parse_device(text: str) -> torch.device:
    """ "auto" is the GPU where there is one."""
    if text == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(text)


def write_result(out: str, result: Mapping[str, Any]) -> None:
    """What a command found, as JSON where --out asks for it; blank asks for nothing."""
    if out:
        path = Path(out)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
