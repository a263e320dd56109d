"""Figures of the algorithms, the seed's tables and the fast kernels: one a file, drawn from indices and costs."""

from qref.figures import (
    activation_histogram,
    backward,
    bit_serial,
    blocked_direct,
    direct,
    factorized,
    fft,
    hashing,
    im2col,
    int8,
    layouts,
    mec,
    memory_by_layer,
    optimal_scale,
    packed_weights,
    register_tile,
    register_transpose,
    roofline,
    row_in_tiles,
    runtime_by_layer,
    scheme_error_vs_bits,
    shift,
    sparse_direct,
    sparse_gemm,
    split_sums,
    transposed,
    weight_histogram,
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
        bit_serial,
        shift,
        transposed,
        backward,
        memory_by_layer,
        runtime_by_layer,
        roofline,
        register_tile,
        row_in_tiles,
        packed_weights,
        register_transpose,
        split_sums,
        hashing,
        factorized,
        optimal_scale,
        weight_histogram,
        activation_histogram,
        scheme_error_vs_bits,
    )
}
"""Every figure by its name."""

__all__ = ["FIGURES", "Figure"]
