"""Pad: a negative beginning shortens the axis, but at its end."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.padding import PAD, amounts, by_rule
from qref.numerics.tensor import Tensor
from qref.ops.onnx.axis_indices import Indices
from qref.ops.onnx.pad import source
from qref.ops.request import Request


def cut(length: int, begin: int, end: int, mode: str) -> Indices:
    return source(length, max(begin, 0), end + min(begin, 0), mode)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, cut, amounts(request))


MISTAKE = Mistake(
    name="pad-negative-begin-cuts-the-end",
    operators=PAD,
    flags=("negative-pads",),
    effect="[1, 2, 3] with pads [−1, 0] gives [1, 2] instead of [2, 3]: the shape is right, the offset is missing.",
    fix="Start reading at element −begin.",
    symptom="only in some shapes",
    run=run,
    seen_in=("microsoft/onnxruntime#2433",),
)
