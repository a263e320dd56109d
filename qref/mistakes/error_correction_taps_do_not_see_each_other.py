"""Normal equations of each tap for itself, where taps of a kernel share a codeword."""

from qref.mistakes.corrections import OPERATORS, Correction
from qref.mistakes.mistake import Mistake

MISTAKE = Mistake(
    name="error-correction-taps-do-not-see-each-other",
    operators=OPERATORS,
    flags=("several-taps",),
    effect=(
        "Two taps that share a codeword and are fed alike move it by the whole residual each: the output "
        "overshoots by 100 %."
    ),
    fix="Sum A over all pairs of taps of a kernel that have the codeword.",
    symptom="only with several channels, rows or blocks",
    run=Correction(pairs=False).run,
)
