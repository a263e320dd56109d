"""Mistakes in hashed weights and in pruning: what each gives by hand."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

from qref import ops
from qref.errors import Unsupported
from qref.mistakes import MISTAKES
from qref.numerics.tensor import Tensor, tensor
from qref.ops.request import Request


def asked(op: str, *inputs: ArrayLike, outputs: int = 1, **attributes: Any) -> Request:
    tensors = tuple(x if isinstance(x, Tensor) else tensor(np.asarray(x, np.float32), "float32") for x in inputs)
    return Request(op, "qref", 1, attributes, tensors, outputs)


def wrong(name: str, request: Request) -> list[Any]:
    return [output.data.tolist() for output in MISTAKES[name].run(request)]


def test_a_seed_that_is_not_read_gives_the_layer_of_seed_zero() -> None:
    request = asked("HashedDecode", [1, 2, 3], shape=[3, 4], seed=77)
    assert wrong("hash-without-seed", request)[0] != ops.run(request)[0].data.tolist()


def test_transposed_keys_give_the_transposed_matrix() -> None:
    request = asked("HashedDecode", [1, 2, 3], shape=[3, 3])
    assert np.array_equal(wrong("hash-key-transposed", request)[0], ops.run(request)[0].data.T)


def test_without_signs_all_weights_are_the_real_ones() -> None:
    [V] = wrong("hash-without-sign", asked("HashedDecode", [5], shape=[2, 2]))
    assert V == [[5, 5], [5, 5]]


def test_averaged_gradients_are_smaller_by_the_members() -> None:
    request = asked("HashedBackward", np.ones((1, 4)), [2.0], np.ones((1, 3)), outputs=2)
    [_, right], [_, averaged] = ops.run(request), wrong("hash-gradient-averaged", request)
    assert averaged[0] == pytest.approx(right.data[0] / 12)


def test_hashes_of_decimal_keys_are_elsewhere() -> None:
    with pytest.raises(Unsupported, match="decimal"):
        MISTAKES["hash-without-seed"].run(asked("HashedDecode", [5], shape=[2, 2], key="decimal"))


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("prune-ties-all-go", [0, 0, 0, 0]),
        ("prune-ties-all-stay", [1, 1, 1, 1]),
        ("prune-ties-last-stay", [0, 0, 1, 1]),
    ],
)
def test_ties(name: str, left: list[int]) -> None:
    assert wrong(name, asked("PruneMagnitude", [1, 1, 1, 1], outputs=2))[0] == left


def test_signed_values_and_ratios() -> None:
    request = asked("PruneMagnitude", [-8, 0.25, 1, 2], outputs=2, ratio=0.25)
    assert wrong("prune-signed-values", request)[0] == [0, 0.25, 1, 2]
    assert wrong("prune-ratio-of-the-kept", request)[0] == [-8, 0, 0, 0]


def test_a_global_ratio_by_layer() -> None:
    assert wrong("prune-global-by-layer", asked("PruneGlobal", [1, 2], [3, 4])) == [[False, True, False, True]]


def test_blocks_that_count_what_goes() -> None:
    request = asked("PruneStructured", [[1, 2, 3, 4]], outputs=2, n=1)
    assert wrong("n-of-m-counts-the-removed", request)[0] == [[0, 2, 3, 4]]


def test_a_schedule_beyond_its_end() -> None:
    t = tensor([2, -1], "int64")
    assert wrong("schedule-not-clamped", asked("GradualSparsity", t, final=0.5)) == [[1.0, -3.5]]


def test_masks_before_the_step() -> None:
    request = asked("MaskedStep", [4, 4], [1, 1], tensor(np.array([True, False]), "bool"), learning_rate=1.0)
    assert wrong("mask-before-the-step", request) == [[3, -1]]
    assert wrong("mask-on-the-gradient-alone", request) == [[3, 4]]


def test_a_weight_that_is_zero_and_stays() -> None:
    request = asked("MaskedStep", [0, 0], [2, 2], tensor(np.array([True, False]), "bool"), learning_rate=1.0)
    assert wrong("mask-taken-from-the-weights", request) == [[0, 0]]
    assert ops.run(request)[0].data.tolist() == [-2, 0]


def test_changes_at_multiples_and_a_dense_beginning() -> None:
    t, given = tensor([6, 9, 10, 11, 12], "int64"), {"begin": 7, "changes": 2, "every": 5}
    request = asked("GradualSparsity", t, initial=0.25, final=0.25, **given)
    assert wrong("schedule-dense-before-its-beginning", request) == [[0, 0.25, 0.25, 0.25, 0.25]]
    request = asked("GradualSparsity", t, final=0.5, **given)
    assert wrong("schedule-changes-at-multiples", request) == [[0, 0, 0.4375, 0.4375, 0.4375]]
    assert ops.run(request)[0].data.tolist() == [0, 0, 0, 0, 0.4375]


def test_sweeps_that_do_not_end() -> None:
    W, X, books = [[1, 1]], [[1, 1], [0, 1], [0, 1]], [[3, 5]]
    request = asked(
        "ErrorCorrectedCodebook", W, X, tensor([[0, 0]], "uint8"), books, outputs=2, length=1, sweeps=2, ridge=0.0
    )
    codes, codewords = (output.data for output in ops.run(request))
    assert wrong("error-correction-takes-all-sweeps", request)[0] == codes.tolist() == [[0, 0]]
    assert codewords.tolist() != wrong("error-correction-takes-all-sweeps", request)[1]
