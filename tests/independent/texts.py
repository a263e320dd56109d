"""What every operator's schema in the onnx package says by itself: inputs, types, attributes."""

from fractions import Fraction
from typing import Any

import onnx.defs

from independent.refusal import Refused, refuse_unless
from independent.tensors import Tensor

ONNX_NAMES = {"float32": "float", "float64": "double"}
KIND = onnx.defs.OpSchema.AttrType
OPTION = onnx.defs.OpSchema.FormalParameterOption


def typed(kind: Any, given: Any, name: str) -> Any:
    """An attribute by the schema's type; floats become exact."""
    plain_int = isinstance(given, int) and not isinstance(given, bool)
    if kind == KIND.INT and plain_int:
        return given
    if kind == KIND.FLOAT and (plain_int or isinstance(given, float)):
        return Fraction(given)
    if kind == KIND.STRING and isinstance(given, str):
        return given
    if kind == KIND.INTS and isinstance(given, list) and all(isinstance(g, int) for g in given):
        return given
    raise Refused(f"attribute {name}: {given!r} is no {kind}")


def default(attribute: Any) -> Any:
    value = onnx.helper.get_attribute_value(attribute.default_value) if attribute.default_value.name else None
    if isinstance(value, bytes):
        return value.decode()
    return Fraction(value) if isinstance(value, float) else value


def attributes_of(schema: Any, given: dict[str, Any]) -> dict[str, Any]:
    """All attributes of the schema, defaults filled in, None where there is none."""
    for name in given:
        refuse_unless(name in schema.attributes, f"{schema.name}-{schema.since_version} has no attribute {name}")
    found = {}
    for name, attribute in schema.attributes.items():
        refuse_unless(name in given or not attribute.required, f"attribute {name} is required")
        found[name] = typed(attribute.type, given[name], name) if name in given else default(attribute)
    return found


def inputs_of(schema: Any, given: list[Tensor | None]) -> list[Tensor | None]:
    """The inputs, absent ones at the end as None; refuses what the schema's types and number do not allow."""
    parameters = list(schema.inputs)
    if parameters and parameters[-1].option == OPTION.Variadic:
        least = max(schema.min_input, 1)
        refuse_unless(len(given) >= least, f"at least {least} inputs")
        parameters += [parameters[-1]] * (len(given) - len(parameters))
    refuse_unless(len(given) <= len(parameters), f"at most {len(parameters)} inputs")
    found = given + [None] * (len(parameters) - len(given))
    bound: dict[str, str] = {}
    for parameter, tensor in zip(parameters, found):
        if tensor is None:
            refuse_unless(parameter.option == OPTION.Optional, f"input {parameter.name} is required")
            continue
        written = f"tensor({ONNX_NAMES.get(tensor.dtype, tensor.dtype)})"
        refuse_unless(written in parameter.types, f"input {parameter.name} cannot be {tensor.dtype}")
        same = bound.setdefault(parameter.type_str, tensor.dtype)
        refuse_unless(same == tensor.dtype, f"input {parameter.name}: {tensor.dtype} where {same} is")
    return found


def checked(
    op: str, opset: int, attributes: dict[str, Any], inputs: list[Tensor | None]
) -> tuple[dict[str, Any], list[Tensor | None]]:
    schema = onnx.defs.get_schema(op, opset)
    return attributes_of(schema, attributes), inputs_of(schema, inputs)


def one_a_axis(given: list[int] | None, axes: int, fallback: int, least: int, name: str) -> list[int]:
    """A list attribute with one entry a spatial axis."""
    if given is None:
        return [fallback] * axes
    refuse_unless(len(given) == axes, f"{name} has {len(given)} entries for {axes} axes")
    refuse_unless(all(g >= least for g in given), f"{name} below {least}")
    return given
