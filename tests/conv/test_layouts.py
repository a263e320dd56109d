"""Orders of axes, and the geometry of windows."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.conv.direct import direct
from qref.conv.layouts import blocked, channels_first, channels_last, packed, unblocked


@pytest.mark.parametrize("image", [(5,), (3, 4), (2, 3, 4)])
def test_there_and_back(image: tuple[int, ...]) -> None:
    x = np.arange(2 * 7 * int(np.prod(image))).reshape(2, 7, *image)
    assert (channels_first(channels_last(x)) == x).all()
    assert channels_last(x).flags.c_contiguous and channels_last(x).shape == (2, *image, 7)
    for c_b in (1, 3, 7, 8):
        blocks = blocked(x, c_b)
        assert blocks.shape == (2, -(-7 // c_b), *image, c_b)
        back = np.zeros_like(x)
        unblocked(blocks, back)
        assert (back == x).all() and blocks.sum() == x.sum()


def test_packed_weights() -> None:
    w = np.arange(5 * 3 * 2 * 2).reshape(5, 3, 2, 2)
    found = packed(w, k_b=4, c_b=2)
    assert found.shape == (2, 2, 2, 2, 2, 4) and found.flags.c_contiguous
    for k, c, r, s in np.ndindex(*w.shape):
        assert found[k // 4, c // 2, r, s, c % 2, k % 4] == w[k, c, r, s]
    assert found.sum() == w.sum()


@given(data=st.data())
def test_windows_cut_off_at_the_border(layers: Any, data: st.DataObject) -> None:
    """`under`, `along` and `touched` say the same of which tap meets which pixel."""
    shapes = data.draw(layers).shapes
    geometry, image = shapes.geometry, shapes.image
    by_window, by_tap = set(), set()
    for position in np.ndindex(*shapes.output[2:]):
        for tap, pixel in meetings(*geometry.under(position, image)):
            by_window.add((position, tap, pixel))
            at = zip(position, geometry.strides, tap, geometry.dilations, geometry.pads_begin)
            assert pixel == tuple(p * s + r * d - b for p, s, r, d, b in at)
    for tap in np.ndindex(*geometry.kernel):
        for position, pixel in meetings(*geometry.along(tap, image)):
            by_tap.add((position, tap, pixel))
    assert by_window == by_tap and len(by_tap) == geometry.touched(image)
    everywhere = direct(np.ones((1, 1, *image), int), np.ones((1, 1, *geometry.kernel), int), plain(geometry))
    assert everywhere.sum() == len(by_tap)


def plain(geometry: Any) -> Any:
    """The geometry with one group."""
    return type(geometry)(geometry.kernel, geometry.strides, geometry.dilations, geometry.pads_begin, geometry.pads_end)


def meetings(first: tuple[slice, ...], second: tuple[slice, ...]) -> list[tuple[Any, Any]]:
    """Pairs of indices that two tuples of slices of the same lengths run through together."""
    ranges = [[range(s.start, s.stop, s.step or 1) for s in slices] for slices in (first, second)]
    assert [len(r) for r in ranges[0]] == [len(r) for r in ranges[1]]
    lengths = [len(r) for r in ranges[0]]
    return [
        (tuple(r[i] for r, i in zip(ranges[0], at)), tuple(r[i] for r, i in zip(ranges[1], at)))
        for at in np.ndindex(*lengths)
    ]
