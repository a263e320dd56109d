"""Each sub-space solved for all of the outputs, as if there were no others."""

from qref.mistakes.corrections import OPERATORS, Correction
from qref.mistakes.mistake import Mistake

MISTAKE = Mistake(
    name="error-correction-without-residual",
    operators=OPERATORS,
    flags=("several-subspaces",),
    effect="Of S = 2 sub-spaces fed alike each gives the whole output: it is twice what it should be.",
    fix="Solve a sub-space for R = T − Σ of all others.",
    symptom="only with several channels, rows or blocks",
    run=Correction(residual=False).run,
)
