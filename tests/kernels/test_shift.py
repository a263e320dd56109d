"""Shift convolution by compiled loops: the reference's integers."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from qref.conv.geometry import Geometry
from qref.conv.shift import shifted
from qref.errors import InvalidInput, Unsupported, UsageError

pytest.importorskip("numba")
from qref.kernels.conv import shift

POINT = Geometry((1, 1), (1, 1), (1, 1), (0, 0), (0, 0))


@settings(max_examples=30)
@given(
    data=st.data(),
    dtype=st.sampled_from([np.int8, np.uint8, np.int16]),
    wide=st.booleans(),
    threads=st.sampled_from([1, 2]),
)
def test_the_references_integers(data: st.DataObject, dtype: Any, wide: bool, threads: int) -> None:
    n = data.draw(st.integers(1, 3))

    def lengths(low: int, high: int) -> tuple[int, ...]:
        return tuple(data.draw(st.integers(low, high)) for _ in range(n))

    k = lengths(1, 3)
    geometry = Geometry(k, lengths(1, 3), lengths(1, 2), lengths(0, 4), lengths(0, 4), data.draw(st.integers(1, 3)))
    image = lengths(1, {1: 40, 2: 9, 3: 4}[n])
    assume(all(length >= 0 for length in geometry.output(image)))
    C, M_g, lowest = (data.draw(st.integers(*ends)) for ends in ((0, 4), (0, 5), (-9, 3)))
    rng, shape = np.random.default_rng(data.draw(st.integers(0, 2**32))), (geometry.group * M_g, C, *k)
    ends, sum_ = np.iinfo(dtype), np.int64 if wide else np.int32
    x = rng.integers(ends.min, ends.max, (2, geometry.group * C, *image), endpoint=True).astype(dtype)
    signs = rng.integers(-1, 2, shape).astype(np.int8)
    exponents = rng.integers(lowest, lowest + (37 if wide else 7), shape).astype(np.int8)
    exponents[signs == 0] = -128
    found = shift.run(x, shift.of_codes(signs, exponents), geometry, threads, lowest, sum_)
    assert found.dtype == sum_
    assert np.array_equal(found, shifted(x, signs, exponents, geometry, lowest, sum_))


def test_integers_that_are_powers() -> None:
    rng = np.random.default_rng(0)
    geometry = Geometry((3, 3), (1, 1), (1, 1), (1, 1), (1, 1))
    x = rng.integers(-128, 128, (1, 12, 41, 40)).astype(np.int8)
    w = rng.choice(np.array([0, 1, -2, 4, -64, -128], np.int8), (13, 12, 3, 3))
    packed = shift.pack(w, geometry)
    assert packed.nbytes == 2 * w.size
    found = shift.run(x, packed, geometry, 2)
    assert np.array_equal(found, shift.SHIFT(x, w, geometry))
    assert np.array_equal(found[0, :, 1, 1], np.einsum("cij,mcij->m", x[0, :, :3, :3].astype(int), w.astype(int)))


def test_what_does_not_fit_is_refused() -> None:
    x, one = np.ones((1, 2, 3, 3), np.int8), np.ones((1, 2, 1, 1), np.int8)
    packed = shift.of_codes(one, 23 * one)
    with pytest.raises(InvalidInput, match="more than int32 holds"):
        shift.run(x, packed, POINT)
    assert shift.run(x, packed, POINT, sum_=np.int64)[0, 0, 0, 0] == 2**24
    with pytest.raises(Unsupported, match="images of type float32"):
        shift.run(x.astype(np.float32), packed, POINT)
    with pytest.raises(UsageError):
        shift.run(x[:, :1], packed, POINT)
