"""Bit-serial convolution: planes of every code and width, zero padding, what does not fit."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.conv import Geometry, Shapes
from qref.conv import bit_serial as module
from qref.conv.bit_serial import KINDS, Code, bit_serial, planes
from qref.conv.xnor import popcount, xnor
from qref.errors import InvalidInput

POINT = Geometry((1,), (1,), (1,), (0,), (0,))
CODES = st.builds(Code, st.integers(1, 8), st.sampled_from(["unsigned", "signed"]))
W_CODES = CODES | st.builds(Code, st.integers(1, 7), st.just("bipolar"))


def drawn(rng: np.random.Generator, code: Code, shape: tuple[int, ...]) -> Any:
    """Integers of a code, its ends often."""
    low, high = code.ends
    anywhere = rng.integers(low, high, shape, endpoint=True)
    values = np.where(rng.random(shape) < 0.3, rng.choice([low, high], shape), anywhere)
    values = values | 1 if code.kind == "bipolar" else values
    return values.astype(np.uint8 if code.kind == "unsigned" else np.int8)


@pytest.mark.requirement("QREF-CV-019", "QREF-CV-020")
@given(data=st.data(), x_code=CODES, w_code=W_CODES)
def test_any_layer_is_the_sum_of_products(
    layers: Any, definition: Any, data: st.DataObject, x_code: Code, w_code: Code
) -> None:
    layer = data.draw(layers)
    rng, shapes = np.random.default_rng(layer.seed), layer.shapes
    x, w = drawn(rng, x_code, shapes.x), drawn(rng, w_code, shapes.w)
    y = bit_serial(x, w, shapes.geometry, x_code, w_code)
    assert y.dtype == np.int32 and y.tolist() == definition(x, w, shapes.geometry).tolist()


@pytest.mark.requirement("QREF-CV-019")
@pytest.mark.parametrize(("kind", "bits"), list(product(KINDS, range(1, 9))))
def test_planes_count_up_to_the_integer(kind: str, bits: int) -> None:
    """Every integer of every code, from its planes alone."""
    code = Code(bits, kind)
    low, high = code.ends
    if kind == "bipolar" and bits == 8:
        assert (low, high) == (-255, 255)  # beyond int8: no tensor holds them
        return
    step = 2 if kind == "bipolar" else 1
    values = np.arange(low, high + 1, step)
    assert len(values) == 2**bits
    x = values.astype(np.uint8 if kind == "unsigned" else np.int8).reshape(1, 1, -1)
    ones = planes(x, code)[:, 0, 0] >> 7
    assert (np.array(code.factors) @ ones.astype(np.int64) + code.offset).tolist() == values.tolist()


@pytest.mark.requirement("QREF-CV-019")
def test_one_bit_of_each_kind() -> None:
    assert [Code(1, kind).ends for kind in KINDS] == [(0, 1), (-1, 0), (-1, 1)]


@pytest.mark.requirement("QREF-CV-020")
@pytest.mark.parametrize("C", [1, 7, 8, 9, 17])
def test_bits_beyond_the_channels_and_padding_add_nothing(C: int) -> None:
    geometry = Geometry((3, 3), (1, 1), (1, 1), (2, 2), (2, 2))
    codes = Code(2, "unsigned"), Code(1, "bipolar")
    x, w = np.full((1, C, 1, 1), 3, np.uint8), np.full((1, C, 3, 3), -1, np.int8)
    y = bit_serial(x, w, geometry, *codes)
    assert (y[0, 0] == -3 * C).sum() == 9 and (bit_serial(0 * x, w, geometry, *codes) == 0).all()


@given(st.integers(1, 20), st.integers(0, 2**32))
def test_signs_are_xnors_where_nothing_is_padded(C: int, seed: int) -> None:
    """Bipolar x of one bit would be 2b − 1: Σ x·w = 2 Σ b·w − Σ w."""
    rng = np.random.default_rng(seed)
    b, w = rng.integers(0, 2, (1, C, 3), np.uint8), rng.choice(np.array([-1, 1], np.int8), (2, C, 1))
    y = bit_serial(b, w, POINT, Code(1, "unsigned"), Code(1, "bipolar"))
    assert (2 * y - w.sum(axis=1).reshape(1, 2, 1) == xnor(2 * b.astype(np.int8) - 1, w, POINT)).all()


def test_products_are_those_that_happen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte of a product goes through popcount once: counted where no kernel is bipolar and no window is empty."""
    counted = []

    def counting(bits: Any) -> Any:
        counted.append(bits.size)
        return popcount(bits)

    monkeypatch.setattr(module, "popcount", counting)
    geometry = Geometry((3, 2), (2, 1), (1, 2), (1, 0), (0, 3), 2)
    shapes = Shapes((2, 34, 6, 5), (4, 17, 3, 2), geometry, itemsize=1, accumulator=4, widths=(3, 2))
    x, w = np.zeros(shapes.x, np.uint8), np.zeros(shapes.w, np.int8)
    bit_serial(x, w, geometry, Code(3, "unsigned"), Code(2, "signed"))
    products = sum(size for size in counted)
    windows = 3 * 2 * 2 * 3 * geometry.touched((6, 5))  # Σ x of each plane of x, of groups, images and bytes
    assert module.cost(shapes).multiplications == products - windows


@pytest.mark.requirement("QREF-CV-021")
def test_what_is_refused() -> None:
    x, w = np.full((1, 1, 1), 3, np.uint8), np.full((1, 1, 1), -3, np.int8)
    with pytest.raises(InvalidInput, match="3 in 1 bits, unsigned: they hold 0 to 1"):
        bit_serial(x, w, POINT, Code(1, "unsigned"))
    with pytest.raises(InvalidInput, match="-3 in 2 bits, signed: they hold -2 to 1"):
        bit_serial(x, w, POINT, None, Code(2, "signed"))
    with pytest.raises(InvalidInput, match="2 in bipolar bits: they hold odd integers"):
        bit_serial(x, w + np.int8(5), POINT, None, Code(2, "bipolar"))
    for bits, kind in ((0, "signed"), (9, "unsigned"), (2, "signs")):
        with pytest.raises(InvalidInput, match=f"{bits} bits, {kind}: give 1 to 8 bits"):
            Code(bits, kind)


@pytest.mark.requirement("QREF-CV-021")
@pytest.mark.parametrize(("x_type", "w_type", "most"), [(np.uint8, np.uint8, 33025), (np.int8, np.int8, 131071)])
def test_the_longest_sum_fits_and_one_more_is_refused(x_type: Any, w_type: Any, most: int) -> None:
    def operands(taps: int) -> tuple[Any, Any]:
        ends = [np.iinfo(dtype) for dtype in (x_type, w_type)]
        return tuple(np.full((1, taps, 1), one.min or one.max, one.dtype) for one in ends)  # type: ignore[return-value]

    x, w = operands(most)
    assert bit_serial(x, w, POINT).item() == most * int(x[0, 0, 0]) * int(w[0, 0, 0]) < 2**31
    with pytest.raises(InvalidInput, match=f"{most + 1} products up to"):
        bit_serial(*operands(most + 1), POINT)
