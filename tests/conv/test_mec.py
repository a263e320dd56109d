"""MEC's lowered matrix, its partitions and its two solutions, beside the paper."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.conv import Geometry, mec
from qref.conv.ten_layers import TEN_LAYERS

PAPER = Geometry((3, 3), (1, 1), (1, 1), (0, 0), (0, 0))


def test_the_papers_example_is_lowered_to_5_by_21() -> None:
    """Figures 1 and 2 of the paper: 7×7 and 3×3 give 5×5; im2col's matrix is 25×9, MEC's 5×21, 54 % smaller."""
    I = np.arange(49).reshape(1, 1, 7, 7)
    L = mec.lower(I, PAPER.dimensions(slice(-1, None)), I.dtype)
    assert L.shape == (1, 5, 7, 3, 1)
    assert L.reshape(5, 21)[1].tolist() == I[0, 0, :, 1:4].reshape(21).tolist()
    assert 1 - L.size / (25 * 9) == pytest.approx(0.533, abs=0.01)


def test_partitions_overlap_and_are_no_copies() -> None:
    I = np.arange(2 * 3 * 49).reshape(2, 3, 7, 7)
    L = mec.lower(I, PAPER.dimensions(slice(-1, None)), I.dtype)
    K = mec.pack(np.ones((4, 3, 3, 3), np.int64))
    for h in range(5):
        P, rows = mec.partition(L, K, PAPER.dimensions(slice(-1)), (h,))
        assert P.shape == (2, 5, 27) and rows.shape == (27, 4)
        assert np.shares_memory(P, L) and np.shares_memory(rows, K)
        assert P[1, 2].tolist() == np.moveaxis(I[1, :, h : h + 3, 2:5], 0, -1).reshape(27).tolist()


def test_partitions_are_cut_off_at_the_border() -> None:
    padded = Geometry((3, 3), (1, 1), (1, 1), (1, 1), (1, 1))
    I = np.ones((1, 1, 4, 4), np.int64)
    L = mec.lower(I, padded.dimensions(slice(-1, None)), I.dtype)
    assert L.shape == (1, 4, 4, 3, 1)  # 4 rows, not 6: the paper pads, this does not
    K = mec.pack(np.ones((1, 1, 3, 3), np.int64))
    widths = [mec.partition(L, K, padded.dimensions(slice(-1)), (h,))[0].shape[-1] for h in range(4)]
    assert widths == [6, 9, 9, 6]


@pytest.mark.requirement("QREF-CV-004")
@given(data=st.data())
def test_both_solutions_are_right(layers: Any, definition: Any, data: st.DataObject) -> None:
    drawn = data.draw(layers)
    own = drawn.shapes.geometry
    x, w = drawn.integers()
    x, w = x[:, : w.shape[1]], w[: w.shape[0] // own.group]
    one_group = replace(own, group=1)
    vertical, horizontal = one_group.dimensions(slice(-1)), one_group.dimensions(slice(-1, None))
    *o_h, o_w = one_group.output(x.shape[2:])
    expected = definition(x, w, one_group).tolist()
    for solution in (mec.solution_a, mec.solution_b):
        L, K = mec.lower(x, horizontal, x.dtype), mec.pack(w)
        O = np.empty((len(x), *o_h, o_w, len(w)), x.dtype)
        if solution is mec.solution_b or O.size <= L.size:
            solution(L, K, vertical, tuple(o_h), O)
            assert np.moveaxis(O, -1, 1).tolist() == expected, solution.__name__


def test_the_choice_between_them() -> None:
    assert mec.takes_solution_a(mec.T, 10, 10)
    assert not mec.takes_solution_a(mec.T + 1, 10, 10)
    assert not mec.takes_solution_a(mec.T, 11, 10)
    chosen = {}
    for name, layer in TEN_LAYERS.items():
        (_, C, i_h, _), R, (_, K, o_h, o_w) = layer.x, layer.w[2], layer.shapes.output
        chosen[name] = mec.takes_solution_a(o_w, K * o_h * o_w, o_w * i_h * R * C)
    assert [name for name, a in chosen.items() if not a] == ["conv5"]  # 112 wide


def test_both_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    x, w = np.arange(98).reshape(2, 1, 7, 7), np.arange(9).reshape(1, 1, 3, 3)
    expected = mec.convolve(x, w, PAPER).tolist()
    calls = []
    for name in ("solution_a", "solution_b"):
        real = getattr(mec, name)
        monkeypatch.setattr(mec, name, lambda *given, real=real, name=name: (calls.append(name), real(*given)))
    assert mec.convolve(x, w, PAPER).tolist() == expected
    monkeypatch.setattr(mec, "T", 4)
    assert mec.convolve(x, w, PAPER).tolist() == expected
    assert calls == ["solution_a", "solution_b"]
