"""Codes chosen anew, codewords left as they were."""

from qref.mistakes.corrections import OPERATORS, Correction
from qref.mistakes.mistake import Mistake

MISTAKE = Mistake(
    name="error-correction-keeps-codewords",
    operators=OPERATORS,
    flags=("outputs-decide",),
    effect="One weight 3 with the codeword 1 stays 1.",
    fix="Solve (Σ A) δ = Σ h for each codeword before codes are chosen: 2 updates a sub-space.",
    symptom="nearly everywhere",
    run=Correction(solves=False).run,
)
