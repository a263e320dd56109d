"""Codes read as [S, M]: the order of an engine that walks sub-spaces first."""

from dataclasses import replace

import numpy as np

from qref.mistakes.altered_request import rerun
from qref.mistakes.lookups import BOTH, operands
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    _, codes, _, _ = operands(request)
    rows, S = codes.shape
    return rerun(request, {1: replace(codes, data=np.ascontiguousarray(codes.data.reshape(S, rows).T))})


MISTAKE = Mistake(
    name="lookup-codes-read-transposed",
    operators=BOTH,
    flags=("several-subspaces",),
    effect="Codes (0, 1, 2 | 3, 4, 5) of two outputs are read as (0, 2, 4 | 1, 3, 5).",
    fix="Codes are [M, S]; transpose them once if the kernel wants the codes of a sub-space side by side.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
