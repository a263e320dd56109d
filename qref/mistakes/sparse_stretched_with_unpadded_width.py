"""Sparse weights stretched with the unpadded width: their places do not count the padding of the image they meet."""

import math

import numpy as np

from qref.conv.geometry import Geometry
from qref.conv.sparse_direct import seen_from, stretch
from qref.errors import Unsupported
from qref.mistakes.altered_convolution import by_sums
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS, Array, convolved
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def stretched(x: Array, w: Array, geometry: Geometry) -> Array:
        image, padded = x.shape[2:], geometry.pad(x)
        output, lengths = geometry.output(image), padded.shape[2:]
        if image == lengths or 0 in (x.size, w.size):
            return convolved(request, x, w, geometry)
        if any(geometry.extent(i) > length for i, length in enumerate(image)):
            raise Unsupported("the kernel is larger than the image")
        G, M_g, C_g = geometry.group, w.shape[0] // geometry.group, w.shape[1]
        y = np.zeros((x.shape[0], w.shape[0], *output), x.dtype)
        images = np.ascontiguousarray(padded).reshape(x.shape[0], G, C_g * math.prod(lengths))
        for g, kernels in enumerate(np.split(w, G)):
            kernel = stretch(kernels, geometry, image)
            for n, m in np.ndindex(x.shape[0], M_g):
                for j in range(kernel.rows[m], kernel.rows[m + 1]):
                    pixels = seen_from(kernel.columns[j], images[n, g], geometry, output, lengths)
                    y[n, g * M_g + m] += kernel.values[j] * pixels
        return y

    with np.errstate(invalid="ignore"):
        return by_sums(request, stretched)


MISTAKE = Mistake(
    name="sparse-stretched-with-unpadded-width",
    operators=CONVOLUTIONS,
    flags=("sparse", "padding"),
    effect=(
        "Weight (c, r, s) is at (c·H + r)·W + s of the image without padding: with W = 4 and one pad at each side its "
        "second row meets pixel 4 of a padded row of 6 instead of pixel 6. Right without padding."
    ),
    fix="Stretch with the padded lengths: (c·H' + r)·W' + s.",
    symptom="only at the edges of an image",
    run=run,
)
