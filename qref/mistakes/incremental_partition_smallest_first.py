"""Incremental quantization that freezes the smallest weights first."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("IncrementalFreeze",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    W, frozen = request.inputs
    assert W is not None and frozen is not None
    held = frozen.data.reshape(-1) != 0
    order = np.argsort(np.where(held, np.float32(np.inf), np.abs(W.data.reshape(-1))), kind="stable")
    held[order[: request.attributes.get("count", 0) - int(held.sum())]] = True
    mask = Tensor("uint8", held.astype(np.uint8).reshape(W.shape))
    return [rerun(request, inputs={1: mask})[0], mask]


MISTAKE = Mistake(
    name="incremental-partition-smallest-first",
    operators=OPERATORS,
    flags=("inq-partition",),
    effect="Of 0.9, 0.5 and 0.1 the last is frozen first, and the weights that matter most train on.",
    fix="Freeze the largest |w| of those that are left.",
    symptom="nearly everywhere",
    run=run,
)
