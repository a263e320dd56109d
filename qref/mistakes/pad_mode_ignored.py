"""Pad: a constant in every mode."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.padding import PAD, amounts, by_rule
from qref.numerics.tensor import Tensor
from qref.ops.onnx.axis_indices import Indices
from qref.ops.onnx.pad import source
from qref.ops.request import Request


def with_constant(length: int, begin: int, end: int, mode: str) -> Indices:
    return source(length, begin, end, "constant")


def run(request: Request) -> list[Tensor]:
    return by_rule(request, with_constant, amounts(request))


MISTAKE = Mistake(
    name="pad-mode-ignored",
    operators=PAD,
    flags=("pad-edge", "pad-reflect", "pad-wrap"),
    effect="[1, 2] with 1 before, edge, gives [0, 1, 2] instead of [1, 1, 2].",
    fix="Read `mode`.",
    symptom="only at the edges of an image",
    run=run,
    seen_in=("llvm/torch-mlir#3532",),
    real=True,
)
