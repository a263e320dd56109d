"""Pad: pads read as a pair an axis, [b0, e0, b1, e1]."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.padding import PAD, amounts, by_rule
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    added = amounts(request)
    flat = [begin for begin, _ in added.values()] + [end for _, end in added.values()]
    return by_rule(request, added={axis: (flat[2 * i], flat[2 * i + 1]) for i, axis in enumerate(added)})


MISTAKE = Mistake(
    name="pad-amounts-interleaved",
    operators=PAD,
    flags=("asymmetric-pads",),
    effect=(
        "pads [0, 1, 0, 2] of a matrix mean 1 column before and 2 after; they become 1 row after, 2 columns after. "
        "Right for one axis."
    ),
    fix="All beginnings come first, then all ends.",
    symptom="only at the edges of an image",
    run=run,
    seen_in=("microsoft/onnxruntime#17325", "onnx/onnx-mlir#16"),
    real=True,
)
