"""Look-ups in registers and by rows of tables: every instruction set gives the layer of the decoded weights."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("numba")
from qref.codebooks.subvectors import Subvectors, matrix_shape
from qref.conv.direct import direct
from qref.conv.geometry import Geometry
from qref.errors import Unsupported, UsageError
from qref.kernels import instructions
from qref.kernels.codebooks import codebook_gemm, lookup_gemm
from qref.kernels.conv import lookup

SETS = [one.name for one in instructions.available()]


@pytest.mark.requirement("QREF-LU-001")
@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("V", [1, 2, 16, 17, 32, 33, 100, 129, 256])
def test_sums_of_whole_numbers_are_exact(name: str, V: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QREF_KERNELS", name)
    rng = np.random.default_rng(V)
    for N, L, M, d in ((1, 13, 5, 4), (2, 8, 131, 1), (1, 40, 300, 3)):
        codes = rng.integers(0, V, (M, -(-L // d))).astype(np.uint8)
        C, x = rng.integers(-9, 9, (V, L)).astype(np.float32), rng.integers(-9, 9, (N, L)).astype(np.float32)
        W = Subvectors((M, L), "rows", codes, C, d, 8).decode()
        assert np.array_equal(lookup_gemm.run(x, lookup_gemm.pack(codes, C, d)), x @ W.T)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("V", [1, 2, 16, 17, 32, 33, 256])
def test_one_codebook_for_all_weights(name: str, V: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QREF_KERNELS", name)
    rng = np.random.default_rng(V)
    for N, K, M in ((1, 1, 1), (2, 29, 131)):
        codes, codebook = rng.integers(0, V, (M, K)).astype(np.uint8), rng.integers(-9, 9, V).astype(np.float32)
        x = rng.integers(-9, 9, (N, K)).astype(np.float32)
        assert np.array_equal(codebook_gemm.run(x, codebook_gemm.pack(codes, codebook)), x @ codebook[codes].T)


@pytest.mark.requirement("QREF-LU-003")
@given(st.data())
def test_convolutions_of_whole_numbers_are_exact(data: st.DataObject) -> None:
    draw, number = data.draw, st.integers
    G, C_g, M_g, d, V = (draw(number(1, n)) for n in (3, 5, 3, 4, 6))
    dimensions = draw(number(1, 3))
    kernel, strides, dilations = (tuple(draw(number(1, 3)) for _ in range(dimensions)) for _ in range(3))
    begin, end = (tuple(draw(number(0, 2)) for _ in range(dimensions)) for _ in range(2))
    geometry = Geometry(kernel, strides, dilations, begin, end, G)
    rng = np.random.default_rng(draw(number(0, 2**32)))
    image = tuple(draw(number(7, 20)) for _ in range(dimensions))
    x = rng.integers(-9, 9, (2, G * C_g, *image)).astype(np.float32)
    shape = (G * M_g, C_g, *kernel)
    codes = rng.integers(0, V, (matrix_shape(shape, "channels")[0], -(-C_g // d))).astype(np.uint8)
    C = rng.integers(-9, 9, (V, C_g)).astype(np.float32)
    W = Subvectors(shape, "channels", codes, C, d, 8).decode()
    found = lookup.run(x, lookup.pack(codes, C, d, geometry), geometry, draw(number(1, 2)))
    assert np.array_equal(found, direct(x, W, geometry))


@pytest.mark.requirement("QREF-LU-005")
@pytest.mark.parametrize("most", [1, 1500, 4000, 1 << 27])
def test_tables_are_made_in_parts_where_memory_is_short(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "MOST", most)
    geometry, rng = Geometry((2, 3), (1, 2), (1, 1), (1, 0), (0, 1), 3), np.random.default_rng(5)
    codes, C = rng.integers(0, 4, (6 * 6, 3)).astype(np.uint8), rng.integers(-9, 9, (4, 5)).astype(np.float32)
    x = rng.integers(-9, 9, (2, 15, 6, 7)).astype(np.float32)
    W = Subvectors((6, 5, 2, 3), "channels", codes, C, 2, 8).decode()
    assert np.array_equal(lookup.run(x, lookup.pack(codes, C, 2, geometry), geometry), direct(x, W, geometry))


def test_tables_that_no_memory_holds_are_refused() -> None:
    geometry = Geometry((1,), (1,), (1,), (0,), (0,))
    packed = lookup.pack(np.zeros((1, 1), np.uint8), np.ones((256, 1), np.float32), 1, geometry)
    with pytest.raises(Unsupported, match="at most"):
        lookup.run(np.ones((1, 1, 1 << 20), np.float32), packed, geometry)


@pytest.mark.requirement("QREF-LU-001")
@pytest.mark.parametrize("d", [5, 6, 1 << 40, 2**63 - 1])
def test_a_sub_vector_longer_than_the_row_is_the_row(d: int) -> None:
    codes, C = np.array([[1], [0]], np.uint8), np.array([[1, 2, 3, 4, 5], [5, 4, 3, 2, 1]], np.float32)
    x = np.array([[1, 10, 100, 1000, 10000]], np.float32)
    assert lookup_gemm.product(x, codes, C, d).tolist() == [[12345, 54321]]


def test_channels_that_do_not_fit_are_said() -> None:
    geometry = Geometry((1,), (1,), (1,), (0,), (0,))
    packed = lookup.pack(np.zeros((1, 1), np.uint8), np.ones((1, 2), np.float32), 2, geometry)
    with pytest.raises(UsageError, match="x has 3 channels: the codebooks take 2"):
        lookup.run(np.ones((1, 3, 4), np.float32), packed, geometry)
