"""Convolution by every algorithm: one file an algorithm, to be read beside its paper, all with the same answers."""

from qref.conv import (
    bit_serial,
    blocked_direct,
    channels_last,
    direct,
    fft,
    im2col,
    mec,
    shift,
    sparse_direct,
    sparse_gemm,
    winograd,
    xnor,
    zero_point,
)
from qref.conv.algorithm import Algorithm
from qref.conv.bound import exactly, of_sums
from qref.conv.cost import Cost, Shapes
from qref.conv.geometry import Geometry

ALGORITHMS: dict[str, Algorithm] = {
    one.name: one
    for one in (
        Algorithm("direct", direct.direct, direct.cost, of_sums),
        Algorithm("channels-last", channels_last.convolve, channels_last.cost, of_sums),
        Algorithm("blocked-direct", blocked_direct.convolve, blocked_direct.cost, of_sums),
        Algorithm("im2col", im2col.im2col, im2col.cost, of_sums),
        Algorithm("mec", mec.convolve, mec.cost, of_sums),
        Algorithm(
            "winograd-2x2", winograd.winograd_2x2, winograd.cost_2x2, winograd.bound_2x2, applies=winograd.applies
        ),
        Algorithm(
            "winograd-4x4", winograd.winograd_4x4, winograd.cost_4x4, winograd.bound_4x4, applies=winograd.applies
        ),
        Algorithm(
            "winograd-2x2-5x5",
            winograd.winograd_2x2_5x5,
            winograd.cost_2x2_5x5,
            winograd.bound_2x2_5x5,
            applies=winograd.applies_5x5,
        ),
        Algorithm("fft", fft.fft, fft.cost, fft.bound),
        Algorithm("sparse-direct", sparse_direct.sparse_direct, sparse_direct.cost, of_sums),
        Algorithm("sparse-gemm", sparse_gemm.sparse_gemm, sparse_gemm.cost, of_sums),
        Algorithm("int8-direct", zero_point.int8_direct, zero_point.cost_direct, exactly, operands="int8"),
        Algorithm("int8-gemm", zero_point.int8_gemm, zero_point.cost_gemm, exactly, operands="int8"),
        Algorithm("xnor", xnor.xnor, xnor.cost, exactly, operands="signs"),
        Algorithm("bit-serial", bit_serial.bit_serial, bit_serial.cost, exactly, operands="planes"),
        Algorithm("shift", shift.shift, shift.cost, exactly, operands="powers"),
    )
}
"""Every algorithm by its name."""

__all__ = ["ALGORITHMS", "Algorithm", "Cost", "Geometry", "Shapes"]
