"""Codes looked up in the table of the sub-space after theirs."""

from dataclasses import replace

import numpy as np

from qref.mistakes.altered_request import rerun
from qref.mistakes.lookups import BOTH, operands
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    _, codes, _, _ = operands(request)
    return rerun(request, {1: replace(codes, data=np.roll(codes.data, 1, axis=1))})


MISTAKE = Mistake(
    name="lookup-takes-the-neighbours-table",
    operators=BOTH,
    flags=("several-subspaces",),
    effect="Of codes (0, 1) in two sub-spaces, entry 0 of the second table and entry 1 of the first are added.",
    fix="The pointer to the table moves on after the codes of its sub-space, not before.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
