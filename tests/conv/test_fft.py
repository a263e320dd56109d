"""FFT: exact integers inside its domain, refused outside."""

from dataclasses import replace

import numpy as np
import pytest

from qref.conv import ALGORITHMS, Geometry
from qref.conv.fft import bound, fft, lengths
from qref.errors import Unsupported

PLAIN = Geometry((3, 3), (1, 1), (1, 1), (1, 1), (1, 1))


@pytest.mark.requirement("QREF-CV-008")
def test_all_of_int8_is_inside_the_domain() -> None:
    x, w = np.full((1, 64, 20, 20), -128, np.int64), np.full((2, 64, 5, 5), -128, np.int64)
    geometry = Geometry((5, 5), (1, 1), (1, 1), (2, 2), (2, 2))
    assert bound(x, w, geometry).max() * 2.0**-53 < 1e-3
    assert (fft(x, w, geometry) == ALGORITHMS["direct"].convolve(x, w, geometry)).all()


def test_integers_that_may_be_off_are_refused() -> None:
    x, w = np.full((1, 1, 8, 8), 2**24), np.full((1, 1, 3, 3), 2**26)
    with pytest.raises(Unsupported, match="may be off by"):
        fft(x, w, PLAIN)
    assert (fft(x, w >> 12, PLAIN) == ALGORITHMS["direct"].convolve(x, w >> 12, PLAIN)).all()


@pytest.mark.parametrize(
    ("image", "strides", "dilation", "expected"),
    [((14, 14), 1, 1, (16, 16)), ((15, 14), 1, 1, (32, 16)), ((14, 14), 2, 1, (16, 16)), ((1, 1), 1, 1, (4, 4))],
)
def test_no_window_wraps_around(image: tuple[int, int], strides: int, dilation: int, expected: tuple[int, int]) -> None:
    geometry = replace(PLAIN, strides=(strides, strides), dilations=(dilation, dilation))
    assert lengths(geometry, image) == expected
