"""Layers by look-up tables: by hand, against the decoded weights, and what the authors say of their AlexNet."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.codebooks.lookup_tables import ALEXNET, product, tables, total
from qref.codebooks.subvectors import Subvectors, matrix_shape
from qref.conv.direct import direct
from qref.conv.geometry import Geometry
from qref.conv.lookup import lookup
from qref.errors import InvalidInput, Unsupported
from qref.numerics.tensor import tensor
from qref.ops.qref.lookup_conv import lookup_conv
from qref.ops.qref.lookup_gemm import lookup_gemm


@pytest.mark.requirement("QREF-LU-001")
def test_tables_and_sums_by_hand() -> None:
    C = np.array([[1, 2, 3, 4, 5], [10, 20, 30, 40, 50]], np.float32)
    x = np.array([[1, 1, 100, 100, 10000]], np.float32)
    assert tables(x, C, 2).tolist() == [[[3, 30], [700, 7000], [50000, 500000]]]
    codes = np.array([[0, 1, 0], [1, 0, 1]], np.uint8)
    assert product(x, codes, C, 2).tolist() == [[57003, 500730]]


@pytest.mark.requirement("QREF-LU-001")
@given(st.data())
def test_a_layer_of_whole_numbers_is_the_layer_of_its_decoded_weights(data: st.DataObject) -> None:
    draw, number = data.draw, st.integers
    N, L, M, d, V = (draw(number(1, n)) for n in (3, 12, 6, 5, 9))
    rng = np.random.default_rng(draw(number(0, 2**32)))
    codes = rng.integers(0, V, (M, -(-L // d))).astype(np.uint8)
    C, x = rng.integers(-9, 9, (V, L)).astype(np.float32), rng.integers(-9, 9, (N, L)).astype(np.float32)
    W = Subvectors((M, L), "rows", codes, C, d, 8).decode()
    assert np.array_equal(product(x, codes, C, d), x @ W.T)


@pytest.mark.requirement("QREF-LU-003")
@pytest.mark.requirement("QREF-LU-004")
@pytest.mark.requirement("QREF-LU-005")
@given(st.data())
def test_a_convolution_of_whole_numbers_is_that_of_its_decoded_weights(data: st.DataObject) -> None:
    draw, number = data.draw, st.integers
    G, C_g, M_g, d, V = (draw(number(1, n)) for n in (3, 5, 2, 4, 6))
    kernel, strides, dilations = (tuple(draw(number(1, 3)) for _ in range(2)) for _ in range(3))
    begin, end = (tuple(draw(number(0, 2)) for _ in range(2)) for _ in range(2))
    geometry = Geometry(kernel, strides, dilations, begin, end, G)
    rng = np.random.default_rng(draw(number(0, 2**32)))
    shape = (G * M_g, C_g, *kernel)
    codes = rng.integers(0, V, (matrix_shape(shape, "channels")[0], -(-C_g // d))).astype(np.uint8)
    C, x = rng.integers(-9, 9, (V, C_g)), rng.integers(-9, 9, (2, G * C_g, 8, 7))
    W = Subvectors(shape, "channels", codes, C.astype(np.float32), d, 8).decode()
    assert np.array_equal(lookup(x, codes, C, d, geometry), direct(x, W.astype(np.int64), geometry))


@pytest.mark.requirement("QREF-LU-002")
def test_the_operators_refuse_by_name() -> None:
    x, books = tensor(np.ones((1, 4)), "float32"), tensor(np.ones((2, 4)), "float32")
    codes = tensor(np.array([[0, 2]]), "uint8")
    with pytest.raises(InvalidInput, match="code 2 in a codebook of 2"):
        lookup_gemm(x, codes, books, length=2)
    with pytest.raises(InvalidInput, match="no kernel_shape"):
        lookup_conv(x, codes, books, length=2)
    with pytest.raises(InvalidInput, match="X holds NaN or infinity"):
        lookup_gemm(tensor(np.full((1, 4), np.inf), "float32"), codes, books, length=2)


@pytest.mark.requirement("QREF-LU-002")
@pytest.mark.parametrize(("N", "M", "L"), [(1, 1 << 20, 1 << 10), (1 << 14, 1 << 14, 1)])
def test_a_layer_that_no_memory_holds_is_refused(N: int, M: int, L: int) -> None:
    X, codes = tensor(np.ones((N, L)), "float32"), tensor(np.zeros((M, 1)), "uint8")
    with pytest.raises(Unsupported, match="at most"):
        lookup_gemm(X, codes, tensor(np.ones((1, L)), "float32"), length=L)


def test_alexnets_operations_are_what_the_authors_state() -> None:
    """README of the authors' program: a theoretical speed-up of 4.15."""
    assert 4.15 <= total(ALEXNET.values()).speed_up < 4.16
    assert ALEXNET["fc6"].cost.operations == 9216 * 4096
    assert ALEXNET["fc6"].cost.by_tables == 9216 * 32 + 4096 * 2304
    assert ALEXNET["fc6"].cost.as_codes == 4 * 9216 * 32 + 4096 * 2304 * 5 / 8
