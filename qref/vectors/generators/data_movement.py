"""Cases of Pad, Concat, Flatten and Reshape for the suite `onnx-float`: elements moved, bit for bit."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qref.numerics.formats import FORMATS, Integer, format_of
from qref.numerics.tensor import Tensor, tensor
from qref.ops.onnx.element_types import DATA, DATA_13, DATA_21, DATA_25, FLOAT8
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, left_open, refused
from qref.vectors.generators.draw import Draw
from qref.vectors.generators.float_values import floats

SUITE = "onnx-float"
# the opset by which each type came, for operators that got all of them
SINCE = {
    **dict.fromkeys(DATA, 11),
    **dict.fromkeys(DATA_13[len(DATA) :], 13),
    **dict.fromkeys(DATA_21[len(DATA_13) :], 21),
    "float4e2m1": 23,
    "float8e8m0": 24,
    "uint2": 25,
    "int2": 25,
}
MODES = ("constant", "reflect", "edge", "wrap")
Pairs = tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]  # shapes and pads
PADS: Pairs = (
    ((4,), (1, 2)),
    ((4,), (3, 3)),
    ((3, 4), (0, 2, 0, 0)),
    ((3, 4), (0, 0, 0, 3)),
    ((3, 4), (2, 1, 1, 2)),
    ((2, 3, 4), (1, 0, 2, 0, 2, 1)),
    ((1, 2, 3, 3), (0, 0, 1, 2, 0, 0, 2, 1)),
    ((3, 4), (0, 0, 0, 0)),
)
FURTHER: Pairs = (((3,), (5, 7)), ((2, 2), (3, 1, 2, 4)), ((2, 3), (0, 6, 0, 5)))
NEGATIVE: Pairs = (
    ((5,), (-1, -2)),
    ((5,), (-2, 0)),
    ((3, 4), (-1, 0, 0, -2)),
    ((3, 4), (0, -4, 0, 0)),
    ((3,), (-3, 0)),
)
SHIFTED: Pairs = (((5,), (-1, 2)), ((5,), (2, -1)), ((3, 4), (1, -1, -1, 1)), ((4,), (-4, 3)), ((2, 3), (-2, 1, 3, 0)))
SMALL: Pairs = (((0, 2), (1, 0, 1, 1)), ((2, 0), (0, 2, 0, 0)), ((), ()), ((2, 0), (1, 0, 0, 0)))


def cases() -> Iterator[Case]:
    """All cases of the four operators."""
    yield from pads()
    yield from negative_pads()
    yield from axes_of_pads()
    yield from constants()
    yield from early_pads()
    yield from concat()
    yield from flatten()
    yield from reshape()
    yield from every_type()
    yield from bits()
    yield from errors()


def make(
    op: str,
    slug: str,
    opset: int,
    inputs: Sequence[Tensor | None],
    requirements: Sequence[str],
    flags: Sequence[str],
    comment: str,
    attributes: dict[str, Any] | None = None,
) -> Case:
    """A case."""
    return judged(SUITE, slug, ask(op, opset, inputs, attributes), requirements, flags, comment)


def int64(values: ArrayLike) -> Tensor:
    """Lengths, pads or axes."""
    return tensor(np.asarray(values, np.int64), "int64")


def counted(shape: tuple[int, ...], dtype: str = "float32") -> Tensor:
    """1, 2, 3 …: every element tells where it comes from."""
    return tensor(np.arange(1, int(np.prod(shape)) + 1).reshape(shape), dtype)


def filled(draw: Draw, dtype: str, shape: tuple[int, ...]) -> Tensor:
    """Codes of a type, all of them possible."""
    format = format_of(dtype)
    storage = np.dtype(format.storage)
    if isinstance(format, Integer) or dtype == "bool":
        low, high = (format.lowest, format.highest) if isinstance(format, Integer) else (0, 1)
        drawn = draw.integers(0, min(high - low, 2**32 - 1), shape)
        return Tensor(dtype, np.asarray(drawn.astype(object) + low, object).astype(storage))
    if storage.kind == "u":
        return Tensor(dtype, draw.integers(0, (1 << format.bits) - 1, shape).astype(storage))
    return Tensor(dtype, draw.signed_float32(-6, 6, shape).astype(storage))


def slug(mode: str) -> str:
    """What a case of a mode is called."""
    return f"pad-{mode}"


REQUIREMENT = {"constant": "QREF-FE-040", "reflect": "QREF-FE-041", "edge": "QREF-FE-042", "wrap": "QREF-FE-043"}


def pads() -> Iterator[Case]:
    """Every mode, up to and beyond the length of an axis, in the opsets that have it."""
    for mode in MODES:
        for shape, given in (*PADS, *FURTHER):
            for opset in (19,) if mode == "wrap" else (11, 19) if (shape, given) == PADS[4] else (18,):
                flags = [slug(mode), "asymmetric-pads"]
                flags += ["pad-exceeds-length"] if (shape, given) in FURTHER else []
                comment = f"{list(shape)} with pads {list(given)}"
                inputs = counted(shape), int64(given)
                yield make("Pad", mode, opset, inputs, (REQUIREMENT[mode],), flags, comment, {"mode": mode})
    for shape, given in SMALL:
        inputs = tensor(np.ones(shape), "float32"), int64(np.asarray(given, np.int64))
        flags = ["zero-size"] if 0 in shape else ["rank-0"]
        comment = f"{list(shape)} with pads {list(given)}"
        yield make("Pad", "shape", 13, inputs, ("QREF-FE-040",), flags, comment)


def negative_pads() -> Iterator[Case]:
    """Elements taken away, and taken away on one side while the other grows."""
    for mode in MODES:
        for shape, given in NEGATIVE:
            comment = f"{list(shape)} with pads {list(given)}"
            inputs = counted(shape), int64(given)
            flags = ["negative-pads", slug(mode), *(["zero-size"] if -given[1] >= shape[-1] else [])]
            yield make("Pad", "negative", 19, inputs, ("QREF-FE-044",), flags, comment, {"mode": mode})
    for shape, given in SHIFTED:
        comment = f"{list(shape)} with pads {list(given)}"
        flags = ["negative-pads", "pad-constant"]
        with_constant = counted(shape), int64(given), tensor(9.5, "float32")
        yield make("Pad", "negative", 13, with_constant, ("QREF-FE-044", "QREF-FE-040"), flags, comment)
    for mode in ("reflect", "edge"):
        for given in ((-1, 2), (2, -1)):
            comment = f"pads {list(given)} on 6 elements: the same whether elements go first or last"
            inputs = counted((6,)), int64(given)
            flags = ["negative-pads", slug(mode)]
            if mode == "edge" or given != (-1, 2):
                yield make("Pad", "negative", 18, inputs, ("QREF-FE-044",), flags, comment, {"mode": mode})


def axes_of_pads() -> Iterator[Case]:
    """Pads for some axes only, in any order, counted from the front or the back."""
    for opset in (18, 25):
        for shape, axes, given in (
            ((2, 3, 4), (1,), (1, 2)),
            ((2, 3, 4), (2, 0), (1, 0, 2, 1)),
            ((2, 3, 4), (-1,), (2, 0)),
            ((2, 3, 4), (-2, 2), (0, 1, 2, 1)),
            ((3, 3), (1, 0), (1, 0, 0, 2)),
            ((3, 3), (), ()),
        ):
            for kind in ("int32", "int64"):
                inputs = counted(shape), int64(np.asarray(given, np.int64)), None, tensor(np.asarray(axes, kind), kind)
                flags = ["pad-axes", *(["negative-axis"] if min(axes, default=0) < 0 else [])]
                comment = f"pads {list(given)} for axes {list(axes)} of {list(shape)}"
                mode = "constant" if kind == "int32" else "reflect"
                requirements = ("QREF-FE-045", REQUIREMENT[mode])
                yield make("Pad", "axes", opset, inputs, requirements, flags, comment, {"mode": mode})


def constants() -> Iterator[Case]:
    """Constants given, of every type, and ignored by other modes."""
    draw = Draw("pad-constants")
    for dtype in DATA_25:
        data, constant = filled(draw, dtype, (2, 3)), filled(draw, dtype, ())
        opset = max(SINCE[dtype], 13 if dtype == "bool" else 11)
        flags = ("pad-constant", "every-type")
        yield make(
            "Pad", "constant-value", opset, (data, int64([0, 1, 1, 0]), constant), ("QREF-FE-040",), flags, dtype
        )
    unused = counted((2, 3)), int64([0, 1, 0, 1]), tensor(7.0, "float32")
    for mode in MODES[1:]:
        comment = "a constant that this mode does not use"
        yield make("Pad", "constant-unused", 19, unused, (REQUIREMENT[mode],), (slug(mode),), comment, {"mode": mode})


def early_pads() -> Iterator[Case]:
    """Pad-2, whose pads and value are attributes."""
    for dtype in ("float32", "float16", "float64"):
        for mode in MODES[:3]:
            attributes = {"pads": [1, 0, 2, 1], "mode": mode, "value": -1.5}
            comment = "pads and value as attributes"
            requirements, flags = (REQUIREMENT[mode],), ("opset", slug(mode))
            yield make("Pad", "attributes", 2, (counted((3, 4), dtype),), requirements, flags, comment, attributes)
    comment = "no value: 0"
    attributes = {"pads": [0, -1, 1, 0]}
    flags = ("opset", "negative-pads")
    yield make("Pad", "attributes", 2, (counted((2, 3)),), ("QREF-FE-040", "QREF-FE-044"), flags, comment, attributes)


def concat() -> Iterator[Case]:
    """One to four tensors along every axis."""
    rows: list[tuple[int, list[tuple[int, ...]]]] = [
        (0, [(2, 3), (1, 3)]),
        (1, [(2, 3), (2, 1)]),
        (-1, [(2, 1), (2, 2), (2, 3)]),
        (-2, [(1, 2), (3, 2)]),
        (0, [(2,), (3,), (1,), (2,)]),
        (1, [(2, 1, 2), (2, 2, 2), (2, 3, 2)]),
        (2, [(2, 2, 1), (2, 2, 2)]),
        (-3, [(1, 2, 2), (2, 2, 2)]),
        (0, [(2, 3)]),
        (0, [(0, 2), (2, 2), (0, 2)]),
        (1, [(2, 0), (2, 2)]),
        (1, [(0, 2), (0, 3)]),
        (0, [(2, 2), (2, 2)]),
        (1, [(2, 2), (2, 2)]),
        # equal shapes: no other axis is ruled out
        (-1, [(2, 2), (2, 2)]),
        (0, [(2, 2, 2), (2, 2, 2)]),
        (-2, [(2, 2, 2), (2, 2, 2)]),
    ]
    for axis, shapes in rows:
        for opset in (4, 13) if axis >= 0 else (11, 13):
            inputs, begin = [], 0
            for shape in shapes:
                inputs.append(tensor(np.arange(begin, begin + int(np.prod(shape))).reshape(shape), "float32"))
                begin += int(np.prod(shape))
            flags = ["concat-axis", *(["negative-axis"] if axis < 0 else [])]
            flags += ["zero-size"] if any(0 in shape for shape in shapes) else []
            comment = f"{', '.join(str(list(shape)) for shape in shapes)} along axis {axis}"
            yield make("Concat", "axis", opset, inputs, ("QREF-FE-050",), flags, comment, {"axis": axis})


def flatten() -> Iterator[Case]:
    """Every axis from 0 to the rank, and from the back; the default 1."""
    for shape in ((2, 3, 4), (2, 3), (5,), (1, 2, 1, 3), (2, 0, 3)):
        rank = len(shape)
        for axis in (*range(rank + 1), *range(-rank, 0)):
            flags = ["flatten-axis", *(["negative-axis"] if axis < 0 else []), *(["zero-size"] if 0 in shape else [])]
            requirements = ("QREF-FE-052", *(("QREF-FE-053",) if axis < 0 else ()))
            comment = f"{list(shape)} at axis {axis}"
            opset = 9 if axis == 2 else 11
            yield make("Flatten", "axis", opset, (counted(shape),), requirements, flags, comment, {"axis": axis})
    scalar = tensor(3.0, "float32")
    comment = "a scalar becomes [1, 1]"
    yield make("Flatten", "axis", 13, (scalar,), ("QREF-FE-052",), ("rank-0",), comment, {"axis": 0})
    default = counted((2, 3, 2))
    yield make("Flatten", "axis", 1, (default,), ("QREF-FE-052",), ("default-attribute",), "no axis: 1")


def reshape() -> Iterator[Case]:
    """Dimensions given, copied and inferred."""
    rows: list[tuple[tuple[int, ...], list[int], dict[str, int], str]] = [
        ((2, 3, 4), [4, 6], {}, "given"),
        ((2, 3, 4), [24], {}, "given"),
        ((2, 3, 4), [2, -1], {}, "inferred"),
        ((2, 3, 4), [-1, 1, 6], {}, "inferred"),
        ((2, 3, 4), [-1], {}, "inferred"),
        ((2, 3, 4), [0, -1], {}, "copied"),
        ((2, 3, 4), [0, 0, 2, 2], {}, "copied"),
        ((2, 3, 4), [-1, 0, 4], {}, "copied"),
        ((1,), [], {}, "scalar"),
        ((1, 1, 1), [], {}, "scalar"),
        ((), [1, 1], {}, "given"),
        ((), [-1], {}, "inferred"),
        ((0, 3), [3, 0], {"allowzero": 1}, "allowzero"),
        ((0, 3), [0, 3], {}, "copied"),
        ((0, 3), [0, 5], {"allowzero": 1}, "allowzero"),
        ((2, 0), [0, 0, 7], {}, "copied"),
        ((0, 2), [0], {}, "copied"),
        ((2, 0), [0, 0], {"allowzero": 1}, "allowzero"),
        ((0, 8, 2), [0, 0, 4], {"allowzero": 1}, "allowzero"),
        ((3, 0, 2), [0, 0], {"allowzero": 1}, "allowzero"),
        ((2, 0, 3), [0, 0], {}, "copied"),
        ((2, 3), [2, 3], {"allowzero": 1}, "given"),
    ]
    flag = {"inferred": "inferred-dimension", "copied": "copied-dimension", "allowzero": "allowzero"}
    for shape, wanted, attributes, kind in rows:
        for opset in (5, 14) if not attributes else (14,):
            inputs = counted(shape), int64(np.asarray(wanted, np.int64))
            flags = [flag[kind]] if kind in flag else []
            flags += ["zero-size"] if 0 in shape else []
            requirement = "QREF-FE-055" if attributes else "QREF-FE-054"
            comment = f"{list(shape)} as {wanted}{', allowzero' if attributes else ''}"
            yield make("Reshape", kind, opset, inputs, (requirement,), flags, comment, attributes)


def every_type() -> Iterator[Case]:
    """Every type of every list, in the opset that brought it."""
    draw = Draw("every-type")
    for dtype in DATA_25:
        opset = SINCE[dtype]
        flags = ("every-type",)
        wanted = int64([3, 2])
        reshaped = max(opset, 5) if opset > 11 else 5
        since = 19 if dtype in FLOAT8 else reshaped
        yield make("Reshape", "type", since, (filled(draw, dtype, (2, 3)), wanted), ("QREF-FE-057",), flags, dtype)
        flattened = 9 if opset == 11 else opset
        yield make("Flatten", "type", flattened, (filled(draw, dtype, (3, 1, 2)),), ("QREF-FE-057",), flags, dtype)
        padded = max(opset, 13) if dtype == "bool" else opset
        inputs = filled(draw, dtype, (2, 3)), int64([0, 2, 1, 1])
        yield make("Pad", "type", padded, inputs, ("QREF-FE-057",), flags, dtype, {"mode": "reflect"})
        if dtype in DATA_13:
            joined = 13 if dtype == "bfloat16" else 4
            both = filled(draw, dtype, (2, 2)), filled(draw, dtype, (1, 2))
            yield make("Concat", "type", joined, both, ("QREF-FE-057",), flags, dtype, {"axis": 0})


def bits() -> Iterator[Case]:
    """Payloads of NaN, signs of zero, subnormal numbers: copied as they are."""
    patterns = {
        "float32": [0x7FC00000, 0x7FC00001, 0xFFC12345, 0x7FFFFFFF, 0x80000000, 0x00000001, 0x807FFFFF, 0xFF800000],
        "float16": [0x7E00, 0x7E01, 0xFE55, 0x7FFF, 0x8000, 0x0001, 0x83FF, 0xFC00],
        "bfloat16": [0x7FC0, 0x7FC1, 0xFFD5, 0x7FFF, 0x8000, 0x0001, 0x807F, 0xFF80],
    }
    for dtype, codes in patterns.items():
        storage = np.dtype(FORMATS[dtype].storage)
        x = Tensor(dtype, np.array(codes, f"u{storage.itemsize}").view(storage))
        comment = "NaN with payloads, −0, subnormal numbers, −∞"
        flags = ("copied-bits", "not-a-number", "signed-zero", "subnormal")
        yield make("Concat", "bits", 13, (x, x), ("QREF-FE-057",), flags, comment, {"axis": 0})
        yield make("Flatten", "bits", 13, (x,), ("QREF-FE-057",), flags, comment, {"axis": 0})
        yield make("Reshape", "bits", 13, (x, int64([2, 4])), ("QREF-FE-057",), flags, comment)
        inputs = x, int64([2, 1]), Tensor(dtype, x.data[2])
        yield make("Pad", "bits", 13, inputs, ("QREF-FE-057", "QREF-FE-040"), flags, comment)
        yield make("Pad", "bits", 13, (x, int64([7, 7])), ("QREF-FE-057",), flags, comment, {"mode": "reflect"})


def errors() -> Iterator[Case]:
    """What the texts rule out."""
    x = counted((2, 3))
    four = int64([0, 1, 0, 1])
    rows: list[tuple[str, int, tuple[Tensor | None, ...], dict[str, Any], str]] = [
        ("Pad", 18, (x, four), {"mode": "wrap"}, "wrap comes with opset 19"),
        ("Pad", 19, (x, four), {"mode": "mirror"}, "no such mode"),
        ("Pad", 13, (x, int64([1, 1])), {}, "two pads for two axes"),
        ("Pad", 13, (x, int64([[0, 1], [0, 1]])), {}, "pads of rank 2"),
        ("Pad", 13, (x, int64([0, -2, 0, -2])), {}, "four elements taken from three"),
        ("Pad", 13, (x, four, tensor(1.0, "float16")), {}, "a constant of another type"),
        ("Pad", 18, (x, int64([1, 1]), None, int64([2])), {}, "axis 2 of rank 2"),
        ("Pad", 18, (x, four, None, int64([0])), {}, "four pads for one axis"),
        ("Pad", 11, (floats(np.ones((2, 3)), "bfloat16"), four), {}, "bfloat16 comes with opset 13"),
        ("Concat", 13, (x, counted((3, 3))), {"axis": 1}, "rows differ, and columns are joined"),
        ("Concat", 13, (x, counted((2,))), {"axis": 0}, "ranks differ"),
        ("Concat", 13, (x, counted((2, 3), "float16")), {"axis": 0}, "types differ"),
        ("Concat", 13, (x, x), {"axis": 2}, "axis 2 of rank 2"),
        ("Concat", 13, (x, x), {"axis": -3}, "axis −3 of rank 2"),
        ("Concat", 13, (x, x), {}, "no axis"),
        ("Concat", 13, (tensor(1.0, "float32"), tensor(2.0, "float32")), {"axis": 0}, "scalars have no axis"),
        ("Flatten", 13, (x,), {"axis": 3}, "axis 3 of rank 2"),
        ("Flatten", 13, (x,), {"axis": -3}, "axis −3 of rank 2"),
        ("Flatten", 9, (x,), {"axis": -1}, "negative axes come with opset 11"),
        ("Reshape", 14, (x, int64([4, 2])), {}, "eight elements of six"),
        ("Reshape", 14, (x, int64([4, -1])), {}, "six elements in rows of four"),
        ("Reshape", 14, (x, int64([-1, -1])), {}, "two inferred dimensions"),
        ("Reshape", 14, (x, int64([2, 3, 0])), {}, "no dimension to copy"),
        ("Reshape", 14, (tensor(np.zeros((0, 3)), "float32"), int64([0, -1])), {"allowzero": 1}, "0 and −1"),
        ("Reshape", 14, (x, int64([0, 3])), {"allowzero": 1}, "no elements of six"),
        ("Reshape", 14, (x, int64([-2, -3])), {}, "negative dimensions"),
        ("Reshape", 14, (x, tensor([3, 2], "int32")), {}, "an int32 shape"),
    ]
    requirement = {"Pad": "QREF-FE-046", "Concat": "QREF-FE-051", "Flatten": "QREF-FE-053", "Reshape": "QREF-FE-056"}
    for op, opset, inputs, attributes, comment in rows:
        request = ask(op, opset, inputs, attributes)
        yield refused(SUITE, "error", request, (requirement[op],), ("error",), comment)


def open_cases() -> Iterator[Case]:
    """What no text fixes."""
    x = counted((3, 1))
    empty = tensor(np.zeros((0, 3)), "float32")
    rows: list[tuple[str, int, tuple[Tensor | None, ...], dict[str, Any], str]] = [
        ("Pad", 19, (x, int64([0, 2, 0, 1])), {"mode": "reflect"}, "one element reflected"),
        ("Pad", 19, (tensor(np.zeros((0,)), "float32"), int64([1, 1])), {"mode": "edge"}, "the edge of no elements"),
        ("Pad", 19, (counted((4,)), int64([-2, 3])), {"mode": "reflect"}, "taken away and reflected"),
        ("Pad", 19, (counted((4,)), int64([-1, 2])), {"mode": "wrap"}, "taken away and wrapped"),
        ("Pad", 18, (counted((2, 2)), int64([1, 1, 0, 0]), None, int64([0, 0])), {}, "an axis twice"),
        ("Reshape", 14, (empty, int64([0, -1])), {}, "no elements, and a length to infer"),
        ("Concat", 4, (counted((2,)), counted((3,))), {"axis": -1}, "Concat-4 has no negative axes"),
    ]
    for op, opset, inputs, attributes, comment in rows:
        yield left_open("open-behaviour", "undefined", ask(op, opset, inputs, attributes), (), comment)
