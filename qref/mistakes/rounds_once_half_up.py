"""One rounding shift of the 64-bit product with a 31-bit multiplier: halves go up, not to even."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, by_rule
from qref.numerics.profiles import TFLITE_SINGLE
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return by_rule(request, TFLITE_SINGLE)


MISTAKE = Mistake(
    name="rounds-once-half-up",
    operators=OPERATORS,
    flags=("double-rounding", "tie", "negative-tie", "near-tie"),
    effect=(
        "2.5 becomes 3 and −3.5 becomes −3 (right: 2 and −4). Near ties it is nearer than two roundings: 7984 · "
        "0.00144027 gives 11 as it should, where those give 12."
    ),
    fix="Correct ties to even, or judge by the profile tflite-single, whose rule this is.",
    symptom="only at ties",
    run=run,
    seen_in=("google-ai-edge/LiteRT#7441", "tensorflow/tflite-micro#3130"),
    real=True,
)
