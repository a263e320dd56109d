"""Cases of BinaryWeight: signs and the mean of |w|."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from qref.numerics.tensor import tensor
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.draw import Draw

SIGNS, SCALES = "QREF-BW-001", "QREF-BW-002"
SEED = [[0.2, 0.1, -0.2, 0.4], [-0.5, 0.6, -0.3, 0.7], [-0.4, -0.7, 0.8, 0.3], [0.9, 0.4, -0.6, 0.7]]
GRAINS: tuple[dict[str, object], ...] = ({}, {"granularity": "tensor"}, {"granularity": "group", "group_size": 3})


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    draw = Draw("binary-weight")

    def case(slug: str, W: ArrayLike, flags: tuple[str, ...], comment: str, **attributes: object) -> Case:
        request = ask("BinaryWeight", 1, (tensor(np.asarray(W, np.float32), "float32"),), attributes, "qref")
        return judged(suite, slug, request, (SIGNS, SCALES, "QREF-QZ-002"), flags, comment)

    yield case(
        "seed", SEED, ("scale-a-channel",), "the seed's example: means .225, .525, .55, .65 of the float32 inputs"
    )
    for shape in ((3, 5), (2, 3, 3, 3), (4, 7, 1, 1)):
        for attributes in GRAINS:
            W = draw.signed_float32(-6, 0, shape)
            comment = f"weights {list(shape)}, a scale a {attributes.get('granularity', 'channel')}"
            yield case("random", W, ("scale-a-channel",), comment, **attributes)
    zeros = [[0.0, -0.0, 1.0, -1.0], [-0.0, -0.0, -0.0, -0.0]]
    yield case("zeros", zeros, ("sign-of-zero",), "+0 and −0 are +1; a channel of zeros has scale 0")
    yield case(
        "uneven", [[3.0, 1.0, -1.0], [0.0, 5.0, 0.0]], ("mean-magnitude",), "|w| and w have other means; zeros count"
    )
    yield case("one", [[-2.5]], ("one-element",), "one weight: its scale is its magnitude")
    yield case("vector", [-1.0, 2.0, -4.0], ("one-element",), "rank 1: every weight a channel")
    yield case("empty", np.zeros((2, 0)), ("zero-size",), "channels without weights have scale 0")
    for value, word in ((np.nan, "NaN"), (np.inf, "infinity"), (-np.inf, "minus infinity")):
        W = np.array([[1.0, value]], np.float32)
        request = ask("BinaryWeight", 1, (tensor(W, "float32"),), domain="qref")
        yield refused(suite, "refused", request, ("QREF-QZ-001",), ("error",), f"{word} among the weights")
