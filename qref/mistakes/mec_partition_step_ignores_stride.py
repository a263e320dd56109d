"""MEC's step between partitions ignores the stride: each begins one row below the one before."""

from qref.conv.geometry import Geometry
from qref.mistakes.altered_convolution import outputs_of, starting_at
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS, spatial_of
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def row_by_row(geometry: Geometry) -> list[list[int]]:
        numbers, strides = (
            outputs_of(geometry, spatial_of(request)),
            [*(1 for _ in geometry.strides[:-1]), geometry.strides[-1]],
        )
        return [[p * s - b for p in row] for row, s, b in zip(numbers, strides, geometry.pads_begin)]

    return starting_at(request, row_by_row)


MISTAKE = Mistake(
    name="mec-partition-step-ignores-stride",
    operators=CONVOLUTIONS,
    flags=("overlapping-rows", "stride"),
    effect=(
        "Partition h begins i_c·k_w elements behind partition h − 1 instead of s_h·i_c·k_w: at stride 2 output row 1 "
        "is computed from rows 1, 2, 3 instead of 2, 3, 4. Right in the first row, across, and at stride 1."
    ),
    fix="Step by s_h · k_w · i_c elements of the lowered matrix.",
    symptom="only in some shapes",
    run=run,
)
