"""Rounded twice: by a rounding doubling high multiplication, then by a rounding shift."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, by_rule
from qref.numerics.profiles import TFLITE_DOUBLE
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return by_rule(request, TFLITE_DOUBLE)


MISTAKE = Mistake(
    name="rounds-twice",
    operators=OPERATORS,
    flags=("double-rounding", "tie", "negative-tie", "near-tie"),
    effect=(
        "7984 · 1583594044 · 2⁻⁴⁰ = 11.4992 becomes 12: 5887.6 is rounded to 5888 and 5888 / 512 = 11.5 again "
        "(right: 11)."
    ),
    fix=(
        "Round once, from the 64-bit product. Where TFLite's own kernels are the standard, this is no mistake: "
        "ask for the profile tflite-double."
    ),
    symptom="only near ties",
    run=run,
    seen_in=(
        "tensorflow/tensorflow#25087",
        "tensorflow/tensorflow#99072",
        "tensorflow/tflite-micro#3130",
        "tensorflow/tflite-micro#3252",
        "ARM-software/CMSIS-NN#214",
    ),
    real=True,
)
