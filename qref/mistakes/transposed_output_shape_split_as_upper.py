"""output_shape split as SAME_UPPER: without auto_pad too, an odd element is taken from the end."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.transposed_convolution import TRANSPOSED
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, TRANSPOSED)
    plain = "output_shape" in request.attributes and request.attributes.get("auto_pad", "NOTSET") == "NOTSET"
    return rerun(request, attributes={"auto_pad": "SAME_UPPER", "pads": None} if plain else {})


MISTAKE = Mistake(
    name="transposed-output-shape-split-as-upper",
    operators=TRANSPOSED,
    flags=("output-shape",),
    effect=(
        "Of 5 elements an output_shape of 4 without auto_pad drops the first (from opset 11, all but SAME_UPPER); it "
        "drops the last. Right where the padding is even."
    ),
    fix="Without SAME_UPPER pads_begin is ⌈total / 2⌉, pads_end ⌊total / 2⌋.",
    symptom="only in some shapes",
    run=run,
    seen_in=("root-project/root#23088",),
    real=True,
)
