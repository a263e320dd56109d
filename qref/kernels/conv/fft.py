"""Convolution by FFT: radix-2 butterflies between rows, a row holding the same place of every channel.

Spectra have their channels last, so that a butterfly, and a product of spectra, is a loop along memory. The other half
of a real signal's spectrum is the conjugate of the one that is kept. Kernels are transformed once, by the first image.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import float32, int64, njit, void
from numpy.typing import NDArray

from qref.conv.fft import lengths
from qref.conv.geometry import Geometry, on_image
from qref.errors import Unsupported
from qref.kernels.conv.kernel import Kernel, arithmetic, in_parts, in_three_dimensions, volume
from qref.kernels.conv.operands import matched
from qref.kernels.conv.rows import LOOP

Float32 = NDArray[np.float32]


@njit(
    void(float32[:, :, ::1], float32[:, :, ::1], float32[::1], float32[::1]),
    **LOOP,
)
def transform(re: Any, im: Any, cos: Any, sin: Any) -> None:
    """X[k] = Σ_l x[l] · e^(−2πi·k·l/L) along the middle axis of x [A, L, B], in place; L a power of two.

    cos, sin: of −2π·k/L for k < L/2.
    """
    A, L, B = re.shape
    for a in range(A):
        reversed_bits = 0
        for l in range(1, L):
            bit = L >> 1
            while reversed_bits & bit:
                reversed_bits ^= bit
                bit >>= 1
            reversed_bits ^= bit
            if l < reversed_bits:
                for b in range(B):
                    re[a, l, b], re[a, reversed_bits, b] = re[a, reversed_bits, b], re[a, l, b]
                    im[a, l, b], im[a, reversed_bits, b] = im[a, reversed_bits, b], im[a, l, b]
        half = 1
        while half < L:
            for begin in range(0, L, 2 * half):
                for k in range(half):
                    c, s = cos[k * (L // (2 * half))], sin[k * (L // (2 * half))]
                    u_re, u_im = re[a, begin + k], im[a, begin + k]
                    v_re, v_im = re[a, begin + k + half], im[a, begin + k + half]
                    for b in range(B):
                        t_re = c * v_re[b] - s * v_im[b]
                        t_im = c * v_im[b] + s * v_re[b]
                        v_re[b] = u_re[b] - t_re
                        v_im[b] = u_im[b] - t_im
                        u_re[b] = u_re[b] + t_re
                        u_im[b] = u_im[b] + t_im
            half *= 2


@njit(
    void(
        int64, int64, float32[:, ::1], float32[:, ::1], float32[:, :, ::1], float32[:, :, ::1], int64,
        float32[:, ::1], float32[:, ::1],
    ),
    **LOOP,
)  # fmt: skip
def products(
    first: int, last: int, x_re: Any, x_im: Any, w_re: Any, w_im: Any, group: int, y_re: Any, y_im: Any
) -> None:
    """y[f, m] = Σ_c x[f, g·C/G + c] · conj(w[f, c, m]) for frequencies first ≤ f < last.

    Args:
        x: [F, C]. w: [F, C/G, M]. y: [F, M], zeros.
    """
    _, C_g, M = w_re.shape
    M_g = M // group
    for f in range(first, last):
        for g in range(group):
            t_re, t_im = y_re[f, g * M_g : (g + 1) * M_g], y_im[f, g * M_g : (g + 1) * M_g]
            for c in range(C_g):
                a_re, a_im = x_re[f, g * C_g + c], x_im[f, g * C_g + c]
                b_re, b_im = w_re[f, c, g * M_g : (g + 1) * M_g], w_im[f, c, g * M_g : (g + 1) * M_g]
                for m in range(M_g):
                    t_re[m] = t_re[m] + a_re * b_re[m] + a_im * b_im[m]
                    t_im[m] = t_im[m] + a_im * b_re[m] - a_re * b_im[m]


def along(axis: int, re: Float32, im: Float32) -> None:
    """The transform along one axis of a contiguous array, in place."""
    L = re.shape[axis]
    before, after = math.prod(re.shape[:axis]), math.prod(re.shape[axis + 1 :])
    angles = -2 * np.pi * np.arange(max(L // 2, 1)) / L
    cos, sin = np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
    transform(re.reshape(before, L, after), im.reshape(before, L, after), cos, sin)


def placed(x: Float32, axis: int, L: int, there: slice, here: slice) -> Float32:
    """The elements `here` of an axis at the places `there` of L zeros."""
    found = np.zeros((*x.shape[:axis], L, *x.shape[axis + 1 :]), np.float32)
    before = (slice(None),) * axis
    found[(*before, there)] = x[(*before, here)]
    return found


Places = Sequence[tuple[slice, slice]]


def spectrum(x: Float32, L: Sequence[int], places: Places) -> tuple[Float32, Float32]:
    """Real signals [D1, D2, D3, B] → [L1, L2, L3/2 + 1, B]; places: for each axis what is laid where.

    The last axis first, while there are rows that hold nothing to leave out.
    """
    re = placed(x, 2, L[2], *places[2])
    im = np.zeros_like(re)
    along(2, re, im)
    half = slice(0, L[2] // 2 + 1)
    re, im = re[:, :, half], im[:, :, half]
    for axis in (1, 0):
        re, im = (placed(part, axis, L[axis], *places[axis]) for part in (re, im))
        along(axis, re, im)
    return re, im


def signals(re: Float32, im: Float32, L: Sequence[int], kept: Sequence[slice]) -> Float32:
    """The other way, [L1, L2, L3/2 + 1, B] → [o1, o2, o3, B]: with real and imaginary parts in each other's places.

    kept: for each axis the places that are outputs; what is not is dropped before the next axis.
    """
    for axis in (0, 1):
        along(axis, im, re)
        re, im = (np.ascontiguousarray(part[(slice(None),) * axis + (kept[axis],)]) for part in (re, im))
    others = slice(L[2] - L[2] // 2 - 1, 0, -1)  # the frequencies −1, −2, … are the conjugates of 1, 2, …
    re, im = np.concatenate([re, re[:, :, others]], axis=2), np.concatenate([im, -im[:, :, others]], axis=2)
    along(2, im, re)
    return re[:, :, kept[2]] / np.float32(math.prod(L))


@dataclass
class Spectra:
    """Kernels w and, once an image has been seen, their spectra for its lengths L, [F, C/G, M] each part."""

    w: Float32
    L: tuple[int, ...] = ()
    re: Float32 | None = None
    im: Float32 | None = None


def pack(w: NDArray[Any], geometry: Geometry) -> Spectra:
    """w [M, C/G, k1, …] as [M, C/G, k1, k2, k3]. Raises Unsupported for what is not float32."""
    if w.dtype != np.float32:
        raise Unsupported(f"operands of type {w.dtype}: this fast path is for float32")
    return Spectra(volume(w))


def transformed(w: Spectra, geometry: Geometry, L: tuple[int, ...]) -> tuple[Float32, Float32]:
    """The spectra of the kernels, computed when L changes."""
    if w.re is None or w.im is None or w.L != L:
        M, C_g = w.w.shape[:2]
        last = np.ascontiguousarray(w.w.transpose(2, 3, 4, 1, 0)).reshape(*geometry.kernel, C_g * M)
        spread = [
            (slice(0, geometry.extent(i), geometry.dilations[i]), slice(None)) for i in range(len(geometry.kernel))
        ]
        re, im = spectrum(last, L, spread)
        w.L, w.re, w.im = L, re.reshape(-1, C_g, M), im.reshape(-1, C_g, M)
    return w.re, w.im


def run(x: NDArray[Any], w: Spectra, geometry: Geometry, threads: int) -> NDArray[Any]:
    """The convolution with packed weights, image by image; threads share the products."""
    matched(x.shape, (*w.w.shape[:2], *w.w.shape[5 - len(geometry.kernel) :]), geometry, threads)
    inner, images = in_three_dimensions(geometry), volume(arithmetic(x))
    (N, C, *image), M, output = images.shape, len(w.w), inner.output(images.shape[2:])
    y = np.zeros((N, M, *output), np.float32)
    if y.size and w.w.size:
        L = lengths(inner, tuple(image))
        w_re, w_im = transformed(w, inner, L)
        places = [on_image(-inner.pads_begin[i], 1, L[i], image[i]) for i in range(len(image))]
        kept = tuple(slice(0, s * o, s) for s, o in zip(inner.strides, output))
        F, shape = len(w_re), (L[0], L[1], L[2] // 2 + 1, M)
        for n in range(N):
            x_re, x_im = spectrum(np.ascontiguousarray(np.moveaxis(images[n], 0, -1)), L, places)
            y_re, y_im = np.zeros((F, M), np.float32), np.zeros((F, M), np.float32)
            a_re, a_im = x_re.reshape(F, C), x_im.reshape(F, C)
            in_parts(F, threads, products, a_re, a_im, w_re, w_im, inner.group, y_re, y_im)
            y[n] = np.moveaxis(signals(y_re.reshape(shape), y_im.reshape(shape), L, kept), -1, 0)
    return y.reshape(N, M, *geometry.output(x.shape[2:]))


FFT = Kernel("fft", pack, run)
