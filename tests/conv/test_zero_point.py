"""int8 convolution by folded zero points, and binary convolution by counting bits."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.conv import Geometry
from qref.conv.xnor import pack, popcount, xnor
from qref.conv.zero_point import int8_direct, int8_gemm

BOTH = pytest.mark.parametrize("convolve", [int8_direct, int8_gemm])
PLAIN = Geometry((3, 3), (1, 1), (1, 1), (1, 1), (1, 1))


@pytest.mark.requirement("QREF-CV-010")
@given(data=st.data(), x_type=st.sampled_from([np.int8, np.uint8]), w_type=st.sampled_from([np.int8, np.uint8]))
def test_folding_gives_the_sum_of_differences(
    layers: Any, definition: Any, data: st.DataObject, x_type: Any, w_type: Any
) -> None:
    drawn = data.draw(layers)
    rng, shapes = np.random.default_rng(drawn.seed), drawn.shapes

    def values(shape: tuple[int, ...], dtype: Any) -> Any:
        ends = np.iinfo(dtype)
        return rng.choice(np.array([ends.min, ends.max, 0, 1, 99], np.int64), shape).astype(dtype)

    x, w = values(shapes.x, x_type), values(shapes.w, w_type)
    z_x = int(values((), x_type))
    z_w = values(data.draw(st.sampled_from([(), (shapes.w[0],)])), w_type).astype(np.int64)
    per_channel = np.broadcast_to(z_w, (shapes.w[0],)).reshape(-1, *[1] * (w.ndim - 1))
    expected = definition(x.astype(np.int64) - z_x, w.astype(np.int64) - per_channel, shapes.geometry)
    for convolve in (int8_direct, int8_gemm):
        y = convolve(x, w, shapes.geometry, z_x, z_w)
        assert y.dtype == np.int32 and y.tolist() == expected.tolist(), convolve.__name__


@BOTH
def test_two_products_do_not_saturate_in_16_bits(convolve: Any) -> None:
    x, w = np.full((1, 2, 1, 1), 255, np.uint8), np.full((1, 2, 1, 1), 127, np.int8)
    geometry = Geometry((1, 1), (1, 1), (1, 1), (0, 0), (0, 0))
    assert convolve(x, w, geometry).item() == 2 * 255 * 127 > 2**15 - 1


@BOTH
def test_padding_adds_nothing(convolve: Any) -> None:
    x, w = np.full((1, 1, 2, 2), 7, np.uint8), np.full((1, 1, 3, 3), 9, np.uint8)
    assert (convolve(x, w, PLAIN, 7, 4) == 0).all()


@BOTH
def test_sums_beyond_int32_wrap(convolve: Any) -> None:
    K = 33100  # K · 255 · 255 = 2,152,327,500
    x, w = np.full((1, K, 1), 255, np.uint8), np.full((1, K, 1), 255, np.uint8)
    point = Geometry((1,), (1,), (1,), (0,), (0,))
    assert convolve(x, w, point).item() == K * 255 * 255 - 2**32
    assert convolve(x - 255, w, point, 255).item() == -K * 255 * 255 + 2**32  # so does Σw·z_x
    assert convolve(x, w, point, 255, 255).item() == 0


@pytest.mark.requirement("QREF-CV-011")
@given(data=st.data())
def test_signs(layers: Any, definition: Any, data: st.DataObject) -> None:
    drawn = data.draw(layers)
    x, w = drawn.signs()
    y = xnor(x, w, drawn.shapes.geometry)
    assert y.dtype == np.int32 and y.tolist() == definition(x, w, drawn.shapes.geometry).tolist()


@pytest.mark.requirement("QREF-CV-011")
@pytest.mark.parametrize("C", [1, 7, 8, 9, 17])
def test_bits_beyond_the_channels_count_nothing(C: int) -> None:
    x, w = np.ones((1, C, 2, 2), np.int8), -np.ones((1, C, 2, 2), np.int8)
    geometry = Geometry((2, 2), (1, 1), (1, 1), (0, 0), (0, 0))
    assert xnor(x, w, geometry).item() == -4 * C and xnor(x, -w, geometry).item() == 4 * C
    assert pack(x).shape == (1, -(-C // 8), 2, 2)


def test_popcount() -> None:
    bytes_ = np.arange(256, dtype=np.uint8)
    found = popcount(bytes_)
    assert found.dtype == np.uint8 and found.tolist() == [int(b).bit_count() for b in bytes_]
