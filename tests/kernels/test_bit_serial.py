"""Bit-serial convolution by tiles of signs, on every instruction set: the reference's integers."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from qref.conv.bit_serial import Code
from qref.conv.bit_serial import bit_serial as reference
from qref.conv.direct import direct
from qref.conv.geometry import Geometry
from qref.errors import InvalidInput, Unsupported, UsageError

pytest.importorskip("numba")
from qref.kernels.conv import bit_serial

CODES = st.builds(Code, st.integers(1, 8), st.sampled_from(["unsigned", "signed"]))
W_CODES = CODES | st.builds(Code, st.integers(1, 7), st.just("bipolar"))
POINT = Geometry((1, 1), (1, 1), (1, 1), (0, 0), (0, 0))


def integers(rng: np.random.Generator, code: Code, shape: tuple[int, ...]) -> Any:
    low, high = code.ends
    values = rng.choice(np.array([low, high, 1, -1 if low < 0 else 1]).clip(low, high), shape)
    values = np.where(rng.random(shape) < 0.5, values, rng.integers(low, high, shape, endpoint=True))
    values = values | 1 if code.kind == "bipolar" else values
    return values.astype(np.uint8 if code.kind == "unsigned" else np.int8)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), x_code=CODES, w_code=W_CODES, threads=st.sampled_from([1, 2]))
def test_the_references_integers(
    instruction_set: str, data: st.DataObject, x_code: Code, w_code: Code, threads: int
) -> None:
    n = data.draw(st.integers(1, 3))

    def lengths(low: int, high: int) -> tuple[int, ...]:
        return tuple(data.draw(st.integers(low, high)) for _ in range(n))

    k = lengths(1, 3)
    geometry = Geometry(k, lengths(1, 3), lengths(1, 2), lengths(0, 4), lengths(0, 4), data.draw(st.integers(1, 3)))
    image = lengths(1, {1: 40, 2: 9, 3: 4}[n])
    assume(all(length >= 0 for length in geometry.output(image)))
    G, C, M_g = geometry.group, data.draw(st.sampled_from([1, 3, 33])), data.draw(st.sampled_from([0, 1, 3, 17]))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    x, w = integers(rng, x_code, (2, G * C, *image)), integers(rng, w_code, (G * M_g, C, *k))
    found = bit_serial.run(x, bit_serial.pack(w, geometry, w_code), geometry, threads, x_code)
    assert found.dtype == np.int32
    assert np.array_equal(found, reference(x, w, geometry, x_code, w_code))


@pytest.mark.parametrize("taps", [8256, 8257, 33025])
def test_sums_at_the_end_of_int32(taps: int) -> None:
    """From 8257 taps of 8 bits on, four times the sum leaves int32."""
    x, w = np.full((1, taps, 1, 1), 255, np.uint8), np.full((1, taps, 1, 1), 255, np.uint8)
    assert bit_serial.BIT_SERIAL(x, w, POINT).item() == taps * 255 * 255
    assert bit_serial.BIT_SERIAL(x, (w >> 1).view(np.int8), POINT).item() == taps * 255 * 127


def test_a_layer_that_takes_several_blocks() -> None:
    rng = np.random.default_rng(0)
    codes = Code(2, "unsigned"), Code(2, "signed")
    geometry = Geometry((3, 3), (1, 1), (1, 1), (1, 1), (1, 1))
    x, w = integers(rng, codes[0], (1, 70, 41, 40)), integers(rng, codes[1], (67, 70, 3, 3))
    out = np.full((1, 67, 41, 40), 7, np.int32)
    assert bit_serial.run(x, bit_serial.pack(w, geometry, codes[1]), geometry, 2, codes[0], out=out) is out
    assert np.array_equal(out, direct(x.astype(np.int64), w.astype(np.int64), geometry))


def test_what_does_not_fit_is_refused() -> None:
    x, w = np.full((1, 2, 3, 3), 4, np.uint8), np.ones((1, 2, 1, 1), np.int8)
    packed = bit_serial.pack(w, POINT)
    assert packed.nbytes > 0
    with pytest.raises(InvalidInput, match="4 in 2 bits, unsigned"):
        bit_serial.run(x, packed, POINT, 1, Code(2, "unsigned"))
    for operands in ((x.astype(np.int16), w), (x, w.astype(np.float32))):
        with pytest.raises(Unsupported, match="operands of type"):
            bit_serial.BIT_SERIAL(*operands, POINT)
    with pytest.raises(UsageError):
        bit_serial.run(x[:, :1], packed, POINT)
    with pytest.raises(InvalidInput, match="can leave int32"):
        bit_serial.BIT_SERIAL(np.zeros((1, 2**17, 1, 1), np.uint8), np.zeros((1, 2**17, 1, 1), np.int8), POINT)
