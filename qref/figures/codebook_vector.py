"""Vector quantization of a small matrix: rows, the code of each, and the codewords that they share."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.codebooks.vector import VectorCodebook
from qref.figures.codebook_product import TONES, numbers
from qref.figures.figure import Figure
from qref.figures.sheet import Sheet
from qref.numerics.philox import Stream, words

R, L, BITS = 8, 8, 2


def weights() -> NDArray[np.float32]:
    """Rows near four patterns, in small integers."""
    drawn = words(5, 0, 4 * L + R * L).astype(np.int64)
    patterns, noise = drawn[: 4 * L].reshape(4, L) % 15 - 7, drawn[4 * L :].reshape(R, L) % 3 - 1
    return (patterns[np.array([0, 1, 2, 3, 1, 0, 3, 3])] + noise).astype(np.float32)


def draw() -> Any:
    """W coloured by code, the codes, and the codewords."""
    W = weights()
    encoded = VectorCodebook(BITS).encode(W, stream=Stream(1))
    sheet = Sheet(L + 7.6, R + (1 << BITS) + 8.2, 0.27)
    left, top = 0.8, 3.2
    sheet.heading(left, 0.8, "W", f"rows of {L} float32 numbers: {32 * L} bits")
    sheet.matrix(left, top, numbers(W), lambda at: TONES[int(encoded.codes[at[0], 0])])
    x = left + L + 1.6
    sheet.heading(x, 0.8, "codes", f"{BITS} bits")
    labels = np.array([[f"{code:02b}" for code in row] for row in encoded.codes])
    sheet.matrix(x, top, labels, lambda at: TONES[int(encoded.codes[at])])
    below = top + R + 3.2
    sheet.heading(left, below - 2.4, "codebook", "the mean of each code's rows")
    sheet.matrix(left, below, numbers(encoded.codebooks), lambda at: TONES[at[0]])
    sheet.matrix(x, below, np.array([[f"{code:02b}"] for code in range(1 << BITS)]), lambda at: TONES[at[0]])
    return sheet.figure


FIGURE = Figure("codebook-vector", "Vector quantization: rows, their codes, and the codewords that they share", draw)
