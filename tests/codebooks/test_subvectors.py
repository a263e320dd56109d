"""Sub-vectors: the matrix of each layout, and the way back, element by element."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.codebooks.subvectors import LAYOUTS, Subvectors, as_matrix, from_matrix, matrix_shape
from qref.errors import InvalidInput
from qref.quantizers.packed_codes import unpack

SHAPES = st.lists(st.integers(0, 4), max_size=4).map(tuple)
W = np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2)


@pytest.mark.requirement("QREF-CB-001")
def test_the_rows_of_each_layout() -> None:
    assert as_matrix(W, "rows")[1].tolist() == W[1].ravel().tolist()
    assert as_matrix(W, "columns")[5].tolist() == [W[0, 1, 0, 1], W[1, 1, 0, 1]]
    assert as_matrix(W, "channels")[6].tolist() == W[1, :, 1, 0].tolist()  # the third tap of output channel 1
    with pytest.raises(InvalidInput, match="'blocks' is not one of rows, columns, channels"):
        as_matrix(W, "blocks")


@pytest.mark.requirement("QREF-CB-001")
@given(shape=SHAPES, layout=st.sampled_from(LAYOUTS))
def test_a_tensor_comes_back(shape: tuple[int, ...], layout: str) -> None:
    V = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    rows = as_matrix(V, layout)
    assert rows.shape == matrix_shape(shape, layout)
    assert np.array_equal(from_matrix(rows, shape, layout), V)


@pytest.mark.requirement("QREF-CB-002")
@given(shape=SHAPES, layout=st.sampled_from(LAYOUTS), d=st.integers(1, 5), seed=st.integers(0, 99))
def test_a_weight_is_what_the_codebook_holds(shape: tuple[int, ...], layout: str, d: int, seed: int) -> None:
    rng, (R, L) = np.random.default_rng(seed), matrix_shape(shape, layout)
    codes = rng.integers(0, 3, (R, -(-L // d))).astype(np.uint8)
    books = rng.standard_normal((3, L)).astype(np.float32)
    encoded = Subvectors(shape, layout, codes, books, d, width=2)
    found = as_matrix(encoded.decode(), layout)
    for r, c in np.ndindex(R, L):
        assert found[r, c] == books[codes[r, c // d], c]
    packed = encoded.packed()
    assert encoded.bits == 8 * len(packed)
    stored = len(packed) - 4 * books.size
    assert unpack(packed[:stored], 2, codes.size).tolist() == codes.ravel().tolist()
    assert packed[stored:] == books.astype("<f4").tobytes()
