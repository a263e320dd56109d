"""Codes chosen before codewords are solved."""

from qref.mistakes.corrections import OPERATORS, Correction
from qref.mistakes.mistake import Mistake

MISTAKE = Mistake(
    name="error-correction-chooses-codes-first",
    operators=OPERATORS,
    flags=("outputs-decide",),
    effect="Weights 0, 1, 3 with codewords 0 and 8 and codes 0, 0, 1 get other codes before the first mean is taken.",
    fix="Update D with B fixed, then B: step 1 and step 2 of the paper.",
    symptom="nearly everywhere",
    run=Correction(codes_first=True).run,
)
