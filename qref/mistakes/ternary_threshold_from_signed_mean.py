"""A ternary threshold from the mean of w in place of the mean of |w|."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.ternaries import by_parts, cut
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("TernaryWeight",)


def run(request: Request) -> list[Tensor]:
    return by_parts(request, lambda w: cut(w, 0.7 * abs(float(w.mean()))))


MISTAKE = Mistake(
    name="ternary-threshold-from-signed-mean",
    operators=OPERATORS,
    flags=("ternary-threshold", "mean-magnitude"),
    effect="Weights of both signs have a mean near 0: the threshold is near 0, and hardly any weight becomes 0.",
    fix="Take magnitudes first: Δ = 0.7 · ‖W‖₁ / n.",
    symptom="nearly everywhere",
    run=run,
)
