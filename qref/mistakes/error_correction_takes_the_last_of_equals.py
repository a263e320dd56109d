"""Of codewords that leave equal errors the last is taken."""

from qref.mistakes.corrections import OPERATORS, Correction
from qref.mistakes.mistake import Mistake

MISTAKE = Mistake(
    name="error-correction-takes-the-last-of-equals",
    operators=OPERATORS,
    flags=("silent-input",),
    effect="Sub-vectors whose inputs are always 0 get code V − 1 = 1, not 0.",
    fix="Replace the best so far only where an error is smaller.",
    symptom="only at ties",
    run=Correction(last=True).run,
)
