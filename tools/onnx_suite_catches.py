"""How many of the known mistakes ONNX's own single-node tests catch: python tools/onnx_suite_catches.py [--json]

The tests of the quantized operators in the installed onnx package, run on the reference and on every mistake, and
compared as the package's runner compares: types and shapes equal, values within rtol 1e-3 and atol 1e-7.
"""

import argparse
import importlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx

sys.path.append(str(Path(__file__).resolve().parent.parent))
from qref.errors import QrefError
from qref.mistakes import MISTAKES
from qref.numerics.floats import decode
from qref.numerics.formats import Integer, format_of
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

QUANTIZED = (
    "ConvInteger",
    "DequantizeLinear",
    "DynamicQuantizeLinear",
    "MatMulInteger",
    "QLinearConv",
    "QLinearMatMul",
    "QuantizeLinear",
)
RTOL, ATOL = 1e-3, 1e-7
NEWEST_OPSET = 25
DTYPES = {
    number: {"float": "float32", "double": "float64"}.get(name.lower(), name.lower())
    for name, number in onnx.TensorProto.DataType.items()
}


@dataclass(frozen=True, eq=False)
class SuiteTest:
    """One data set of a single-node test: what it asks as published, and the outputs it expects.

    Some of the tests give a scalar scale or zero point as a vector of one element, which the operators' texts do not
    have; `request` holds them as scalars.
    """

    name: str
    published: Request
    request: Request
    outputs: tuple[Tensor, ...]


@cache
def suite() -> tuple[SuiteTest, ...]:
    """The package's single-node tests of the quantized operators, by name.

    Its collector would build the tests of every operator, for most of a minute; the modules of these suffice.
    """
    package = "onnx.backend.test.case.node"
    for name in QUANTIZED:
        importlib.import_module(f"{package}.{name.lower()}")
    collected = importlib.import_module(package)._NodeTestCases
    return tuple(sorted((test for case in collected for test in _read(case)), key=lambda test: test.name))


def _read(case: Any) -> Iterator[SuiteTest]:
    """The data sets of a test whose model is one node of a quantized operator."""
    nodes, opset = case.model.graph.node, case.model.opset_import[0].version
    if len(nodes) != 1 or nodes[0].op_type not in QUANTIZED:
        return
    node = nodes[0]
    # the versions since 25 only add types
    since = onnx.defs.get_schema(node.op_type, min(opset, NEWEST_OPSET)).since_version
    attributes = {a.name: _plain(onnx.helper.get_attribute_value(a)) for a in node.attribute}
    types = {value.name: DTYPES[value.type.tensor_type.elem_type] for value in case.model.graph.input}
    result_types = [DTYPES[value.type.tensor_type.elem_type] for value in case.model.graph.output]
    for inputs, outputs in case.data_sets:
        given = iter(inputs)
        read = tuple(_tensor(next(given), types[name]) if name else None for name in node.input)
        expected = tuple(_tensor(value, dtype) for value, dtype in zip(outputs, result_types, strict=True))
        published = Request(node.op_type, "", since, attributes, read, len(expected))
        yield SuiteTest(case.name, published, _with_scalars(published, node.op_type), expected)


def _with_scalars(request: Request, op: str) -> Request:
    formal = onnx.defs.get_schema(op, request.opset).inputs
    inputs = (
        Tensor(x.dtype, x.data.reshape(()))
        if x is not None and x.shape == (1,) and parameter.name.endswith(("scale", "zero_point"))
        else x
        for x, parameter in zip(request.inputs, formal, strict=False)
    )
    return replace(request, inputs=tuple(inputs))


def _plain(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else list(value) if isinstance(value, Sequence) else value


def _tensor(value: Any, dtype: str) -> Tensor:
    """An array or TensorProto as a tensor: integers by value, floats that NumPy lacks by their codes."""
    array = np.asarray(onnx.numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else value)
    format = format_of(dtype)
    if isinstance(format, Integer) or np.dtype(format.storage).kind == "f":
        return Tensor(dtype, array.astype(format.storage))
    return Tensor(dtype, array.view(format.storage))


def similar(found: Sequence[Tensor], expected: Sequence[Tensor]) -> bool:
    """Whether the package's runner would let the outputs pass."""
    return len(found) == len(expected) and all(
        a.dtype == b.dtype and a.shape == b.shape and np.allclose(decode(a), decode(b), RTOL, ATOL, equal_nan=True)
        for a, b in zip(found, expected, strict=True)
    )


def catches() -> dict[str, list[str]]:
    """The tests that catch each mistake. A refusal is no wrong answer and catches nothing."""
    caught: dict[str, list[str]] = {}
    for name, mistake in MISTAKES.items():
        if not set(QUANTIZED) & set(mistake.operators):
            continue
        caught[name] = []
        for test in suite():
            if test.request.op in mistake.operators and not _passes(mistake.run, test):
                caught[name].append(test.name)
    return caught


def _passes(run: Any, test: SuiteTest) -> bool:
    try:
        return similar(run(test.request), test.outputs)
    except QrefError:
        return True


def markdown(caught: Mapping[str, Sequence[str]]) -> str:
    """A page: the count, a table of the mistakes that the suite catches, and a list of those that it lets pass."""
    found = {name: names for name, names in caught.items() if names}
    missed = [name for name, names in caught.items() if not names]
    rows = "".join(f"| {name} | {len(names)} | {names[0]} |\n" for name, names in sorted(found.items()))
    return (
        "<!-- Written by python tools/onnx_suite_catches.py > docs/onnx-suite.md -->\n\n"
        "# What ONNX's own tests see\n\n"
        "The reference agrees with every one of them, bit for bit; those that give a scalar scale or zero point as a "
        "vector of one element, which\nthe operators' texts do not have, once it is made a scalar.\n\n"
        f"ONNX's {len(suite())} single-node tests of the quantized operators (onnx {onnx.__version__}) catch "
        f"{len(found)} of {len(caught)} mistakes.\n\n| mistake | tests that catch it | first |\n|---|--:|---|\n{rows}\n"
        f"They let {len(missed)} pass: {', '.join(sorted(missed))}.\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the tests that catch each mistake as JSON")
    caught = catches()
    if parser.parse_args().json:
        print(json.dumps({"onnx": onnx.__version__, "tests": len(suite()), "caught": caught}, indent=1))
    else:
        print(markdown(caught), end="")


if __name__ == "__main__":
    main()
