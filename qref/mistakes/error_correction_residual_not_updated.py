"""Residuals of the beginning of a sweep: all sub-spaces make up for the same error."""

from qref.mistakes.corrections import OPERATORS, Correction
from qref.mistakes.mistake import Mistake

MISTAKE = Mistake(
    name="error-correction-residual-not-updated",
    operators=OPERATORS,
    flags=("several-subspaces",),
    effect="Two sub-spaces fed alike that leave 6 take 6 each: the output is off by −6.",
    fix="Take what a sub-space has become from the residual before the next one is solved.",
    symptom="only with several channels, rows or blocks",
    run=Correction(fresh=False).run,
)
