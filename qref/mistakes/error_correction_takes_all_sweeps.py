"""Sweeps go on though no code changes."""

from qref.mistakes.corrections import OPERATORS, Correction
from qref.mistakes.mistake import Mistake

MISTAKE = Mistake(
    name="error-correction-takes-all-sweeps",
    operators=OPERATORS,
    flags=("outputs-decide",),
    effect="One codeword for each of 2 sub-spaces that are fed alike: codewords move in every sweep, not once.",
    fix="End after the first sweep that changes no code.",
    symptom="only with several channels, rows or blocks",
    run=Correction(ends=False).run,
)
