"""What the reference accepts, probed type by type, against the operators' schemas in the onnx package."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx
import onnx.defs
import pytest

from qref.errors import InvalidInput, NotFixed, Unsupported
from qref.numerics.formats import FORMATS
from qref.numerics.tensor import Tensor
from qref.ops import OPERATORS, run
from qref.ops.request import Request

ONNX_OPERATORS = sorted(name for domain, name in OPERATORS if domain == "")
VERSIONS = [(name, opset) for name in ONNX_OPERATORS for opset in OPERATORS["", name].opsets]
NUMBERS = {"uint8": 2, "int8": 3, "uint16": 4, "int16": 5, "uint4": 21, "int4": 22, "uint2": 25, "int2": 26}


def schema(name: str, opset: int) -> Any:
    return onnx.defs.get_schema(name, opset)


def plain(type_string: str) -> str:
    """tensor(float) → float32, tensor(int8) → int8."""
    inner = type_string.removeprefix("tensor(").removesuffix(")")
    return {"float": "float32", "double": "float64"}.get(inner, inner)


def allowed(name: str, opset: int, letter: str) -> set[str]:
    """The types of a type parameter, or the one type that a type string names."""
    for constraint in schema(name, opset).type_constraints:
        if constraint.type_param_str == letter:
            return {plain(t) for t in constraint.allowed_type_strs} & set(FORMATS)
    return {plain(letter)}


def ones(dtype: str, shape: tuple[int, ...]) -> Tensor:
    """A tensor whose every element is some small number of the type (a code that is no NaN)."""
    return Tensor(dtype, np.ones(shape, FORMATS[dtype].storage))


def zeros(dtype: str, shape: tuple[int, ...] = ()) -> Tensor:
    return Tensor(dtype, np.zeros(shape, FORMATS[dtype].storage))


SHAPES = {"x": (1, 1, 2), "w": (1, 1, 2), "a": (1, 1), "b": (1, 1), "A": (1, 1), "B": (1, 1)}
# where an operator takes other shapes than these, and attributes it cannot do without
ITS_SHAPES = {
    "QLinearConv": {"B": (1,)},
    "Conv": {"X": (1, 1, 2), "W": (1, 1, 2), "B": (1,)},
    "ConvTranspose": {"X": (1, 1, 2), "W": (1, 1, 2), "B": (1,)},
    "Gemm": {"C": (1, 1)},
    "AveragePool": {"X": (1, 1, 2)},
    "GlobalAveragePool": {"X": (1, 1, 2)},
    "MaxPool": {"X": (1, 1, 2)},
    "BatchNormalization": {
        "X": (1, 1, 2, 2), "scale": (1,), "B": (1,), "mean": (1,), "var": (1,), "input_mean": (1,), "input_var": (1,),
    },
    "Concat": {"inputs": (1,)},
    "Flatten": {"input": (1,)},
    "Pad": {"data": (1, 1), "pads": (4,), "axes": (2,)},
    "Reshape": {"shape": (1,)},
    "Resize": {"X": (1,), "roi": (2,), "scales": (0,), "sizes": (1,)},
    "Softmax": {"input": (1, 1)},
}  # fmt: skip
# versions that are left out, each for what the operator's file says
LEFT_OUT = {
    **dict.fromkeys(("Add", "Sub", "Mul", "Div", "PRelu"), (1, 6)),
    **dict.fromkeys(("Clip", "Concat", "HardSigmoid", "LeakyRelu", "Pad", "Relu", "Reshape", "Sigmoid", "Tanh"), (1,)),
    "Resize": (10,),
}


def its_attributes(name: str, opset: int) -> dict[str, Any]:
    if name == "Concat":
        return {"axis": 0}
    if name == "Pad" and opset < 11:
        return {"pads": [1, 1, 1, 1]}
    if name in ("AveragePool", "MaxPool"):
        return {"kernel_shape": [1]}
    return {"is_test": 1} if name == "BatchNormalization" and opset < 7 else {}


def example(name: str, opset: int, letters: dict[str, str]) -> tuple[Tensor, ...]:
    """Inputs of the given types, one a type parameter, in shapes that the operator takes."""
    inputs = []
    for formal in schema(name, opset).inputs:
        dtype = letters.get(formal.type_str, plain(formal.type_str))
        if formal.name.endswith("zero_point"):
            inputs.append(zeros(dtype))
        else:
            inputs.append(ones(dtype, {**SHAPES, **ITS_SHAPES.get(name, {})}.get(formal.name, ())))
    return tuple(inputs)


def accepts(name: str, opset: int, inputs: tuple[Tensor | None, ...]) -> bool:
    """Whether the reference lets the types through; what no text fixes is unsupported, not rejected."""
    try:
        run(Request(name, "", opset, its_attributes(name, opset), inputs))
    except (NotFixed, Unsupported):
        return True
    except InvalidInput as error:
        if "this operator and opset take" in str(error) or "must be the same" in str(error):
            return False
        raise
    return True


def letters(name: str, opset: int) -> Iterator[str]:
    """The type parameters of the inputs, and the fixed type strings."""
    yield from dict.fromkeys(formal.type_str for formal in schema(name, opset).inputs)


def first_choice(name: str, opset: int) -> dict[str, str]:
    return {
        letter: next(t for t in ("float32", "uint8", "int32", "int64") if t in allowed(name, opset, letter))
        for letter in letters(name, opset)
    }


@pytest.mark.requirement("QREF-QD-012", "QREF-IO-011", "QREF-IO-017")
@pytest.mark.parametrize(("name", "opset"), VERSIONS)
def test_every_type_of_the_schema_and_no_other(name: str, opset: int) -> None:
    for letter in letters(name, opset):
        accepted = set()
        for dtype in FORMATS:
            chosen = {**first_choice(name, opset), letter: dtype}
            if accepts(name, opset, example(name, opset, chosen)):
                accepted.add(dtype)
        assert accepted == allowed(name, opset, letter), f"{letter} of {name}-{opset}"


@pytest.mark.parametrize("name", ONNX_OPERATORS)
def test_the_opsets_are_the_versions_of_the_schema(name: str) -> None:
    versions = {s.since_version for s in onnx.defs.get_all_schemas_with_history() if s.name == name and s.domain == ""}
    here = {version for version in versions if version <= 25} - set(LEFT_OUT.get(name, ()))
    assert set(OPERATORS["", name].opsets) == here


@pytest.mark.parametrize(("name", "opset"), VERSIONS)
def test_attributes_and_defaults_are_the_schemas(name: str, opset: int) -> None:
    kinds = {
        onnx.defs.OpSchema.AttrType.INT: "int",
        onnx.defs.OpSchema.AttrType.INTS: "ints",
        onnx.defs.OpSchema.AttrType.FLOAT: "float",
        onnx.defs.OpSchema.AttrType.FLOATS: "floats",
        onnx.defs.OpSchema.AttrType.STRING: "string",
        onnx.defs.OpSchema.AttrType.STRINGS: "strings",
    }
    theirs = {}
    for attribute in schema(name, opset).attributes.values():
        value = attribute.default_value
        default = onnx.helper.get_attribute_value(value) if value.name else None
        theirs[attribute.name] = (kinds[attribute.type], default.decode() if isinstance(default, bytes) else default)
    table = OPERATORS["", name].attributes
    ours = {key: (a.kind, a.default_at(opset)) for key, a in table.items() if a.exists_at(opset)}
    assert ours == theirs


@pytest.mark.parametrize("name", ONNX_OPERATORS)
def test_the_number_of_inputs_and_outputs_is_the_schemas(name: str) -> None:
    operator = OPERATORS["", name]
    every = [schema(name, opset) for opset in operator.opsets]
    assert operator.inputs == (min(one.min_input for one in every), max(one.max_input for one in every))
    # the other outputs of BatchNormalization are training's
    assert operator.outputs == (1 if name == "BatchNormalization" else max(one.max_output for one in every))


@pytest.mark.parametrize("opset", [21, 23, 24, 25])
@pytest.mark.requirement("QREF-QD-008")
def test_output_dtype_names_the_types_of_the_schema(opset: int) -> None:
    letter = schema("QuantizeLinear", opset).outputs[0].type_str
    accepted = set()
    for number in range(1, 27):
        try:
            [y] = run(
                Request(
                    "QuantizeLinear", "", opset, {"output_dtype": number}, (ones("float32", (2,)), ones("float32", ()))
                )
            )
        except InvalidInput:
            continue
        accepted.add(y.dtype)
        assert onnx.TensorProto.DataType.Name(number).lower() == y.dtype
    assert accepted == allowed("QuantizeLinear", opset, letter)
