"""Product quantization of a small matrix: sub-vectors of 256 bits, their codes of two, and the two codebooks."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.codebooks.product import ProductCodebook
from qref.figures.figure import Figure
from qref.figures.sheet import Sheet
from qref.numerics.philox import Stream, words

R, L, D, BITS = 8, 16, 8, 2
TONES = ("red-fill", "orange-fill", "green-fill", "blue-fill")


def weights() -> NDArray[np.float32]:
    """Rows near four patterns, other ones in each half, in small integers."""
    drawn = words(3, 0, 4 * L + R * L).astype(np.int64)
    patterns, noise = drawn[: 4 * L].reshape(4, L) % 15 - 7, drawn[4 * L :].reshape(R, L) % 3 - 1
    left, right = np.arange(R) % 4, np.array([1, 3, 0, 2, 3, 3, 1, 0])
    return (np.hstack([patterns[left, :D], patterns[right, D:]]) + noise).astype(np.float32)


def draw() -> Any:
    """W coloured by code, the codes, and the codewords of each sub-matrix."""
    W = weights()
    encoded = ProductCodebook(BITS, D).encode(W, stream=Stream(1))
    sheet = Sheet(L + 7.6, R + (1 << BITS) + 8.2, 0.27)
    left, top = 0.8, 3.2
    sheet.heading(left, 0.8, "W", f"sub-vectors of {D} float32 numbers: {32 * D} bits")
    sheet.matrix(left, top, numbers(W), lambda at: TONES[int(encoded.codes[at[0], at[1] // D])])
    x = left + L + 1.6
    sheet.heading(x, 0.8, "codes", f"{BITS} bits")
    labels = np.array([[f"{code:02b}" for code in row] for row in encoded.codes])
    sheet.matrix(x, top, labels, lambda at: TONES[int(encoded.codes[at])])
    below = top + R + 3.2
    sheet.heading(left, below - 2.4, "codebooks", "one for each half, side by side")
    sheet.matrix(left, below, numbers(encoded.codebooks), lambda at: TONES[at[0]])
    sheet.matrix(x, below, np.array([[f"{code:02b}"] for code in range(1 << BITS)]), lambda at: TONES[at[0]])
    return sheet.figure


def numbers(values: NDArray[np.float32]) -> NDArray[Any]:
    """One digit behind the point, none where it is 0."""
    return np.array([[f"{round(float(v), 1) + 0.0:g}" for v in row] for row in values])


FIGURE = Figure("codebook-product", "Product quantization: sub-vectors, their codes, and the codebooks", draw)
