"""Convolution by every algorithm: one file an algorithm, to be read beside its paper, all with the same answers."""

from qref.conv import direct, im2col, mec
from qref.conv.algorithm import Algorithm
from qref.conv.bound import of_sums
from qref.conv.cost import Cost, Shapes
from qref.conv.geometry import Geometry

ALGORITHMS: dict[str, Algorithm] = {
    one.name: one
    for one in (
        Algorithm("direct", direct.direct, direct.cost, of_sums),
        Algorithm("im2col", im2col.im2col, im2col.cost, of_sums),
        Algorithm("mec", mec.convolve, mec.cost, of_sums),
    )
}
"""Every algorithm by its name."""

__all__ = ["ALGORITHMS", "Algorithm", "Cost", "Geometry", "Shapes"]
