"""Errors of weights left out: the paper's sum, where a ridge is asked for."""

from qref.mistakes.corrections import OPERATORS, Correction
from qref.mistakes.mistake import Mistake

MISTAKE = Mistake(
    name="error-correction-without-ridge",
    operators=OPERATORS,
    flags=("ridge",),
    effect="With ρ = 1 and inputs (1, 0), the second weight's codeword stays 0 where its weights have the mean 4.",
    fix="Add ρ·tr(G)/K to the diagonal of G before codewords and codes are decided.",
    symptom="nearly everywhere",
    run=Correction(ridge=False).run,
)
