"""Which kernel runs a convolution of float32: a table, and over it what the tuner has measured on this processor.

Only kernels whose error is no larger than that of direct convolution in one chain are chosen: Winograd F(2×2) is one of
them, F(4×4) is not.
"""

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import astuple
from functools import cache
from pathlib import Path
from typing import Any

from llvmlite import binding

from qref.conv import ALGORITHMS
from qref.conv.cost import Shapes
from qref.kernels import instructions, program

ENOUGH = 16
"""Channels from which on Winograd's transforms cost less than the multiplications they save."""


def depthwise(shapes: Shapes) -> bool:
    """One input channel a group."""
    return shapes.w[1] == 1 and shapes.geometry.group > 1


def winograd(shapes: Shapes) -> bool:
    """3×3 at stride 1, with channels enough; its kernel is for images, not for volumes."""
    here = len(shapes.geometry.kernel) <= 2 and not ALGORITHMS["winograd-2x2"].applies(shapes)
    return here and min(shapes.w[:2]) >= ENOUGH


RULES: tuple[tuple[str, Callable[[Shapes], bool]], ...] = (
    ("depthwise", depthwise),
    ("winograd-2x2", winograd),
    ("direct", lambda shapes: True),
)
"""The first one that holds decides."""


def choice(shapes: Shapes, threads: int = 1) -> str:
    """The name of a kernel in `qref.kernels.conv.table.KERNELS`."""
    tuned = decisions().get(key(shapes, threads))
    return tuned or next(name for name, holds in RULES if holds(shapes))


def candidates(shapes: Shapes) -> tuple[str, ...]:
    """What a tuner compares: every kernel that might be chosen for these shapes."""
    return tuple(name for name, holds in RULES if holds(shapes))


@cache
def processor() -> str:
    """LLVM's name of the processor, as the decisions are kept by."""
    try:
        return str(binding.get_host_cpu_name())
    except RuntimeError:  # LLVM does not know this machine
        return "unknown"


def key(shapes: Shapes, threads: int) -> str:
    """What a decision depends on, as text."""
    of_layer = (shapes.x, shapes.w, *astuple(shapes.geometry))
    return json.dumps([processor(), instructions.chosen().name, threads, *of_layer], separators=(",", ":"))


def path() -> Path:
    """The file with decisions, beside the programs."""
    return program.folder() / "choices.json"


@cache
def decisions() -> Mapping[str, str]:
    """What has been measured, by `key`; nothing where the file is missing or is none."""
    try:
        found: Any = json.loads(path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    known = {name for name, _ in RULES}
    return {entry: name for entry, name in found.items() if isinstance(name, str) and name in known}


def remember(shapes: Shapes, threads: int, name: str) -> None:
    """Keeps a decision. A file that cannot be written is no error: the next process decides by the table."""
    kept = dict(decisions()) | {key(shapes, threads): name}
    decisions.cache_clear()
    try:
        path().parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path().parent, delete=False) as file:
            json.dump(kept, file, indent=0, sort_keys=True)
        os.replace(file.name, path())
    except OSError:
        return
