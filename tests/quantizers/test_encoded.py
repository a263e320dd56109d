"""What schemes share: parts, packed codes, the way back, size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.errors import InvalidInput, UsageError
from qref.quantizers import CHANNEL, SCHEMES, TENSOR, Granularity
from qref.quantizers.encoded import Coded, Scaled, squared_error
from qref.quantizers.packed_codes import pack, packed_bits, unpack
from qref.quantizers.weights import finite

GRAINS = st.sampled_from([TENSOR, CHANNEL, Granularity("group", 1), Granularity("group", 3), Granularity("group", 99)])
SHAPES = st.lists(st.integers(0, 5), max_size=4).map(tuple)


@given(st.integers(1, 32), st.lists(st.integers(0, 2**32 - 1), max_size=40))
def test_packing_keeps_the_low_bits(bits: int, values: list[int]) -> None:
    packed = pack(np.array(values, np.int64), bits)
    assert 8 * len(packed) == packed_bits(len(values), bits)
    number = sum((value % 2**bits) << (bits * i) for i, value in enumerate(values))  # the spec's sentence as arithmetic
    assert int.from_bytes(packed, "little") == number
    assert unpack(packed, bits, len(values)).tolist() == [value % 2**bits for value in values]


def test_packing_goes_on_from_block_to_block() -> None:
    codes = np.arange((1 << 20) + 5) % 8
    packed = pack(codes, 3)
    assert np.array_equal(unpack(packed, 3, codes.size), codes)


@pytest.mark.requirement("QREF-QZ-002")
@given(GRAINS, SHAPES)
def test_parts_cover_the_tensor_in_order_once(grain: Granularity, shape: tuple[int, ...]) -> None:
    W = np.arange(int(np.prod(shape))).reshape(shape)
    parts = list(grain.parts(W))
    assert len(parts) == grain.count(shape)
    assert [i for part in parts for i in part.tolist()] == W.reshape(-1).tolist()
    values = np.arange(len(parts))
    if W.size:
        spread = np.broadcast_to(grain.spread(values, shape), shape)
        assert spread.reshape(-1).tolist() == [p for p, part in enumerate(parts) for _ in range(part.size)]


@pytest.mark.parametrize(("kind", "size"), [("row", 0), ("channel", 4), ("group", 0), ("group", -1)])
def test_a_granularity_that_is_none_is_refused(kind: str, size: int) -> None:
    with pytest.raises(InvalidInput):
        Granularity(kind, size)


@pytest.mark.requirement("QREF-QZ-001")
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused_by_name_and_place(value: float) -> None:
    W = np.zeros((2, 3), np.float32)
    W[1, 2] = value
    with pytest.raises(InvalidInput, match=r"W\[1, 2\] is"):
        finite("W", W)
    with pytest.raises(InvalidInput, match="float64"):
        finite("W", np.zeros(3))


@given(GRAINS, SHAPES, st.sampled_from([1, 2, 4, 8]))
def test_the_size_is_that_of_the_bytes(grain: Granularity, shape: tuple[int, ...], width: int) -> None:
    codes, parts = np.zeros(shape, np.int8), grain.count(shape)
    one = Scaled(codes, np.ones(parts, np.float32), grain, width)
    other = Coded(codes.astype(np.uint8), np.ones((parts, 2), np.float32), grain, width)
    for encoded in (one, other):
        assert encoded.bits == 8 * len(encoded.packed())
        assert encoded.decode().shape == shape


@pytest.mark.requirement("QREF-QZ-003")
def test_decoding_multiplies_each_part_by_its_scale_or_looks_it_up() -> None:
    codes, grain = np.array([[1, -2, 3], [0, 5, -6]], np.int8), Granularity("group", 2)
    scales = np.array([1, 10, 100, 1000], np.float32)
    assert Scaled(codes, scales, grain, 8).decode().tolist() == [[1, -2, 30], [0, 500, -6000]]
    books = np.array([[1.5, 2.5], [-1, -2]], np.float32)
    assert Coded(np.array([[0, 1], [1, 0]], np.uint8), books, CHANNEL, 1).decode().tolist() == [[1.5, 2.5], [-2, -1]]


def test_groups_longer_than_a_channel_take_no_memory() -> None:
    codes, scales = np.array([[1, -2], [3, 4]], np.int8), np.array([0.5, 2], np.float32)
    assert Scaled(codes, scales, Granularity("group", 2**62), width=4).decode().tolist() == [[0.5, -1], [6, 8]]


@pytest.mark.filterwarnings("error")
def test_products_beyond_float32_are_infinite() -> None:
    found = Scaled(np.array([[2, -2, 0]], np.int8), np.array([3e38], np.float32), CHANNEL, width=2).decode()
    assert found.tolist() == [[np.inf, -np.inf, 0]]


def test_the_squared_error_is_that_of_all_elements() -> None:
    W = np.array([[1, 2], [3, 4]], np.float32)
    assert squared_error(W, W + 1) == (4.0, 30.0)
    assert squared_error(W[:0], W[:0]) == (0.0, 0.0)


@pytest.mark.parametrize("name", SCHEMES)
def test_a_scheme_refuses_bits_and_granularities_that_it_does_not_have(name: str) -> None:
    scheme = SCHEMES[name]
    assert scheme.usual in scheme.bits
    with pytest.raises(UsageError, match="bits"):
        scheme.of(77)
    assert scheme.of() is not None
