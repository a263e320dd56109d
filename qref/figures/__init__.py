"""Figures of the algorithms and of the seed's tables: one a file, drawn from the algorithms' own indices and costs."""

from qref.figures import (
    backward,
    blocked_direct,
    direct,
    fft,
    im2col,
    int8,
    layouts,
    mec,
    memory_by_layer,
    roofline,
    runtime_by_layer,
    sparse_direct,
    sparse_gemm,
    transposed,
    winograd,
    xnor,
)
from qref.figures.figure import Figure

FIGURES: dict[str, Figure] = {
    one.FIGURE.name: one.FIGURE
    for one in (
        direct,
        layouts,
        blocked_direct,
        im2col,
        mec,
        winograd,
        fft,
        sparse_direct,
        sparse_gemm,
        int8,
        xnor,
        transposed,
        backward,
        memory_by_layer,
        runtime_by_layer,
        roofline,
    )
}
"""Every figure by its name."""

__all__ = ["FIGURES", "Figure"]
