"""Codes and codewords that minimize the error of weights: k-means, whatever the layer is fed with."""

from qref.mistakes.corrections import OPERATORS, Correction
from qref.mistakes.mistake import Mistake

MISTAKE = Mistake(
    name="error-correction-of-weights",
    operators=OPERATORS,
    flags=("outputs-decide",),
    effect=(
        "W = (1, 1) fed with equal inputs and begun with (3, 5) becomes (1, 1) again; the outputs ask for a "
        "sum of 2, which −3 and 5 give."
    ),
    fix="Minimize ‖T − Σ (DB)ᵀS‖² over the outputs: inputs weigh errors by G = SSᵀ.",
    symptom="nearly everywhere",
    run=Correction(outputs=False).run,
)
