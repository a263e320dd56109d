"""Pad: wrap taken for reflect."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.padding import PAD, amounts, by_rule
from qref.numerics.tensor import Tensor
from qref.ops.onnx.axis_indices import Indices
from qref.ops.onnx.pad import source
from qref.ops.request import Request


def mirrored(length: int, begin: int, end: int, mode: str) -> Indices:
    return source(length, begin, end, "reflect" if mode == "wrap" else mode)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, mirrored, amounts(request))


MISTAKE = Mistake(
    name="pad-wrap-as-reflect",
    operators=PAD,
    flags=("pad-wrap",),
    effect="[1, 2, 3] with 1 before gives [2, 1, 2, 3] instead of [3, 1, 2, 3].",
    fix="Take place mod length.",
    symptom="only at the edges of an image",
    run=run,
)
