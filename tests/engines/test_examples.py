"""The example engines in conformance/engines, held against arithmetic written here.

Three roads: answers computed by hand; exact arithmetic with fractions.Fraction; numpy's float32 and float16, and
ml_dtypes, for the steps that a text fixes in a float type. Nothing of qref is imported: what the engines and the
reference have in common is the text alone.

QREF_ENGINE_CHECKS=50 multiplies the number of random values.
"""

import base64
import json
import math
import os
import random
import re
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

ENGINES = Path(__file__).resolve().parents[2] / "conformance" / "engines"
MORE = int(os.environ.get("QREF_ENGINE_CHECKS", "1"))
DATATYPE = {
    "float32": 1,
    "uint8": 2,
    "int8": 3,
    "uint16": 4,
    "int16": 5,
    "int32": 6,
    "float16": 10,
    "bfloat16": 16,
    "float8e4m3fn": 17,
    "float8e4m3fnuz": 18,
    "float8e5m2": 19,
    "float8e5m2fnuz": 20,
    "uint4": 21,
    "int4": 22,
    "float4e2m1": 23,
    "float8e8m0": 24,
    "uint2": 25,
    "int2": 26,
}


# ------------------------------------------------------------------------------------------------ talking to engines


def tensor(values, dtype=None, shape=None):
    """TENSOR of the protocol. Dtypes that numpy lacks are named, their values given as codes (floats) or integers."""
    a = np.asarray(values)
    if dtype is None:
        dtype = {"float8_e8m0fnu": "float8e8m0", "float4_e2m1fn": "float4e2m1"}.get(
            a.dtype.name, a.dtype.name.replace("_", "")
        )
    elif dtype in ("int2", "uint2", "int4", "uint4") or dtype.startswith("float8") or dtype == "float4e2m1":
        a = a.astype(np.int64).astype(np.uint8)
    elif dtype == "bfloat16":
        a = a.astype(np.uint16)
    else:
        a = a.astype(dtype)
    shape = list(a.shape) if shape is None else shape
    return {"dtype": dtype, "shape": shape, "data": base64.b64encode(a.tobytes()).decode()}


STORED = {"int2": "i1", "int4": "i1", "uint2": "u1", "uint4": "u1", "float4e2m1": "u1", "bfloat16": "u2", "bool": "u1"}


def array(t):
    """The numbers of a TENSOR; of float types that numpy lacks, the codes."""
    stored = STORED.get(t["dtype"], "u1" if t["dtype"].startswith("float8") else t["dtype"])
    return np.frombuffer(base64.b64decode(t["data"]), np.dtype(stored)).reshape(t["shape"])


def request(op, inputs, opset=10, domain="", outputs=1, profile=None, **attributes):
    r = {"op": op, "domain": domain, "opset": opset, "attributes": attributes, "inputs": inputs, "outputs": outputs}
    return r | ({"profile": profile} if profile else {})


class Engine:
    """One program; asked one request at a time in one long dialogue, or given raw bytes in a fresh process."""

    def __init__(self, *command):
        self.command = [str(c) for c in command]
        self.process = None

    def raw(self, data, **options):
        done = subprocess.run(self.command, input=data, capture_output=True, timeout=120, **options)
        assert done.returncode == 0, (done.returncode, done.stderr.decode()[-2000:])
        return [json.loads(line) for line in done.stdout.splitlines()]

    def ask(self, requests):
        if self.process is None:
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        answers = []
        for i, r in enumerate(requests):
            self.process.stdin.write(json.dumps({"id": i} | r).encode() + b"\n")
            self.process.stdin.flush()
            answers.append(json.loads(self.process.stdout.readline()))
            assert answers[-1]["id"] == i
        return answers

    def close(self):
        if self.process:
            self.process.stdin.close()
            assert self.process.wait(10) == 0
            self.process.stdout.close()

    def outputs(self, requests):
        """First outputs as arrays; every request must be answered."""
        answers = self.ask(requests)
        for a, r in zip(answers, requests, strict=True):
            assert "outputs" in a, (a, r)
        return [array(a["outputs"][0]) for a in answers]

    def one(self, *args, **kwargs):
        return self.outputs([request(*args, **kwargs)])[0]

    def refusal(self, *args, **kwargs):
        answer = self.ask([request(*args, **kwargs)])[0]
        assert "outputs" not in answer, answer
        return "error" if "error" in answer else "unsupported"


def compiled(directory, name, *flags, compiler="cc", source=ENGINES / "c" / "operators.c"):
    if not shutil.which(compiler):
        pytest.skip(f"no C compiler: {compiler} is not installed")
    program = directory / name
    command = [compiler, *flags, str(source), "-o", str(program)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return Engine(program)


def closing(engine):
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def directory(tmp_path_factory):
    return tmp_path_factory.mktemp("engines")


WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Werror")


@pytest.fixture(scope="session")
def c_engine(directory):
    yield from closing(compiled(directory, "engine", "-O1", "-std=c99", *WARNINGS))


@pytest.fixture(scope="session")
def sanitized(directory):
    if not shutil.which("cc"):
        pytest.skip("no C compiler: cc is not installed")
    probe = directory / "probe.c"
    probe.write_text("int main(void) { return 0; }\n")
    flags = ("-g", "-O0", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    if subprocess.run(["cc", *flags, str(probe), "-o", str(directory / "probe")], capture_output=True).returncode:
        pytest.skip("the C compiler has no address and undefined sanitizers")
    return compiled(directory, "sanitized", "-std=c99", *flags)


@pytest.fixture(scope="session")
def js_engine():
    if not shutil.which("node"):
        pytest.skip("node is not installed")
    yield from closing(Engine("node", ENGINES / "javascript" / "engine.mjs"))


@pytest.fixture(scope="session")
def py_engine():
    yield from closing(Engine(sys.executable, ENGINES / "python" / "engine.py"))


@pytest.fixture(params=["c_engine", "js_engine"])
def engine(request):
    return request.getfixturevalue(request.param)


# ----------------------------------------------------------------------------------------------------- the sources


def test_the_sources_hold_no_floating_point():
    for path in (ENGINES / "c").glob("*.[ch]"):
        code = re.sub(r'/\*.*?\*/|//[^\n]*|"(\\.|[^"\\])*"|\'(\\.|[^\'\\])*\'', " ", path.read_text(), flags=re.S)
        assert not re.findall(r"\b(?:float|double|_Complex|math\.h|\d+\.\d*|\.\d+)\b", code), path


def test_it_compiles_as_cpp(directory):
    compiled(directory, "engine++", "-x", "c++", "-std=c++17", *WARNINGS, compiler="c++")


def test_the_dialogue_in_the_readme(directory, c_engine):
    page = (ENGINES / "README.md").read_text().split("## The dialogue by hand")[1].split("```")[1]
    (directory / "c").mkdir()
    shutil.copy(c_engine.command[0], directory / "c" / "engine")
    commands = "\n".join(line[2:] for line in page.splitlines() if line.startswith("$ "))
    said = "".join(line + "\n" for line in page.strip().splitlines() if not line.startswith("$ "))
    assert subprocess.run(["sh", "-c", commands], cwd=directory, capture_output=True, text=True).stdout == said


def test_the_engine_in_the_readme(directory):
    page = (ENGINES / "c" / "README.md").read_text()
    source = directory / "relu.c"
    source.write_text(page.split("```c\n")[1].split("```")[0])
    engine = compiled(directory, "relu", "-std=c99", *WARNINGS, f"-I{ENGINES / 'c'}", source=source)
    answer, hello = engine.raw(
        json.dumps({"id": 1} | request("Relu", [tensor(np.int8([-3, 0, 5]))], 14)).encode()
        + b'\n{"id": 0, "op": "Hello", "domain": "qref", "protocol": 1}\n'
    )
    assert array(answer["outputs"][0]).tolist() == [0, 0, 5]
    assert hello["name"] == "mine"


def test_the_python_engine_is_short():
    assert len((ENGINES / "python" / "engine.py").read_text().splitlines()) < 60


def test_the_examples_are_in_the_public_domain():
    for path in [
        *(ENGINES / "c").glob("*.[ch]"),
        ENGINES / "c" / "Makefile",
        ENGINES / "python" / "engine.py",
        ENGINES / "javascript" / "engine.mjs",
    ]:
        assert "SPDX-License-Identifier: CC0-1.0" in path.read_text(), path


# ---------------------------------------------------------------------------------------------------- the protocol

F32, I8, U8, I32 = np.float32, np.int8, np.uint8, np.int32
ONE = tensor(F32(1))


@pytest.mark.parametrize("name", ["c_engine", "js_engine", "py_engine"])
def test_hello_and_a_first_request(name, request):
    engine = request.getfixturevalue(name)
    first = {
        "op": "QuantizeLinear",
        "domain": "",
        "opset": 10,
        "attributes": {},
        "inputs": [tensor(F32([2.5, -1])), ONE],
        "outputs": 1,
    }
    hello, answer, unknown, garbage = engine.raw(
        b'{"id": 0, "op": "Hello", "domain": "qref", "protocol": 1}\n'
        + json.dumps({"id": 7} | first).encode()
        + b"\n"
        + json.dumps({"id": 4294967295} | first | {"op": "Relu"}).encode()
        + b'\n{"id": 9, oops\n'
    )
    assert hello == {
        "id": 0,
        "protocol": 1,
        "name": f"qref-{ {'c': 'c', 'j': 'javascript', 'p': 'python'}[name[0]] }",
        "version": "1.0",
    }
    assert answer == {"id": 7, "outputs": [tensor(U8([2, 0]))]}
    assert unknown["id"] == 4294967295 and "unsupported" in unknown
    assert garbage["id"] in (None, 9) and "error" in garbage


def test_json_is_read_whatever_it_looks_like(c_engine):
    data = tensor(F32([-0.4, 63, 254.6]))["data"]
    line = (
        '\t{ "outputs":1.0e0,"later":{"id":5,"deep":[[{"a":"}]\\"\\\\"}],null,true,-1.5E+3]},"\\u0069nputs" :\r[ '
        '{"data":"' + data.replace("/", "\\/") + '","shape":[ 3 ],"\\u0064type":"fl\\u006fat32","x":[]} , '
        '{"dtype":"float32","shape":[],"data":"AACAPw=="}, null ] ,"op":"Quantize\\u004cinear",'
        '"attributes":{"axis":-1.0},"opset":130e-1,"domain":"","id":12}  '
    )
    answer = {"id": 12, "outputs": [tensor(U8([0, 63, 255]))]}
    assert c_engine.raw(line.encode()) == [answer]  # without a newline at the end
    assert c_engine.raw(b"\n  \r\n") == []


def test_data_with_escaped_slashes(c_engine):
    t = tensor(U8([255, 255, 255, 254]))
    assert "/" in t["data"]
    line = json.dumps({"id": 3} | request("MatMulInteger", [t | {"shape": [1, 4]}, t | {"shape": [4, 1]}])).replace(
        "/", "\\/"
    )
    (answer,) = c_engine.raw(line.encode())
    assert array(answer["outputs"][0]).tolist() == [[3 * 255 * 255 + 254 * 254]]


# fmt: off
def hostile_lines():
    good = json.dumps({"id": 1} | request("QuantizeLinear", [tensor(F32([1.5])), ONE])).encode()
    conv = {"id": 1} | request("ConvInteger", [tensor(U8([[[1, 2, 3]]])), tensor(U8([[[1, 2]]]))])
    lines = [
        b"{", b"[", b"nul", b"null", b"7", b'"x"', b"[]", b"{}", b'{"id":1}', b'{"id":1,"op":7}',
        b'{"id":1,"op":"QuantizeLinear"}', b'{"id":1e99999999999,"op":"QuantizeLinear","opset":1e999999999}',
        b'{"id":-,"op":1}', b'{"id":01}', b'{"id":1.}', b'{"id":1e}', b'{"id":1,"a":"\\u12', b'{"id":1,"a":"\\',
        b'{"id":1,"a":"\\q"}', b'{"id":1,"a":"\x01"}', b'{"id":1,"a":"\\u12g4"}', b"\xff\xfe\x00", b'{"id":1}{"id":2}',
        b'{"id":1,}', b'{,"id":1}', b'{"id" 1}', b'{"a":{"id":1}}', b'{"id":1,"a":[1 2]}', b'{"id":1,"a":tru}',
        b"\x00", b"[" * 100_000, b'{"a":' * 100_000, b'{"id":2,"a":' + b"[" * 300 + b"]" * 300 + b"}", good + b" x",
        good[:-1], good.replace(b":", b""), good.replace(b'"inputs": [', b'"inputs": [7, '),
        good.replace(b'"inputs": [', b'"inputs": {"a": 1}, "b": ['), b'{"op":' + good,
        b'{"id":3,"op":"QuantizeLinear","domain":"qref","opset":1}',
        b'{"id":3,"op":"Requantize","domain":"","opset":1}',
    ]
    x, s = tensor(F32([1, 2, 3])), tensor(F32(1))
    for bad in (
        {"dtype": "complex64"}, {"dtype": 7}, {"dtype": None}, {"shape": [4]}, {"shape": [-3]}, {"shape": [3.5]},
        {"shape": "3"}, {"shape": [2**31, 2**31, 2**31, 2**31]}, {"shape": [2**62, 4]}, {"shape": [2**40]},
        {"shape": [1e400]}, {"shape": [1] * 17}, {"shape": [0, 2**31 - 1, 2**31 - 1]}, {"shape": None},
        {"data": x["data"][:-1]}, {"data": x["data"] + "===="}, {"data": "A" * 15 + "="}, {"data": "=" * 16},
        {"data": "!" * 16}, {"data": "AAA=AAAAAAAAAAAA"}, {"data": 12}, {"data": None}, {"data": ""},
        {"data": "\u20ac" * 16},
    ):
        lines.append(json.dumps({"id": 1} | request("QuantizeLinear", [x | bad, s])).encode())
        lines.append(json.dumps({"id": 1} | request("QuantizeLinear", [x, s | bad, s | bad])).encode())
    for attributes in (
        {"axis": "x"}, {"axis": 2**63}, {"axis": -(2**63)}, {"axis": 1.5}, {"block_size": -1}, {"block_size": 2**62},
        {"output_dtype": -5}, {"output_dtype": 99}, {"precision": 3}, {"saturate": [1]}, {"unknown": 1},
        {"x" * 5000: 1},
    ):
        for inputs in (
            [x, s], [x, tensor(F32([1, 1, 1]))], [tensor(F32([[1, 2, 3]])), tensor(F32([[1]]))], [x], [], [x, s, s, s],
            [None, s],
        ):
            lines.append(json.dumps({"id": 1} | request("QuantizeLinear", inputs, 23, **attributes)).encode())
            lines.append(json.dumps({"id": 1} | request("DequantizeLinear", inputs, 23, **attributes)).encode())
    big = 2**31 - 1
    for attributes in (
        {"pads": [big, big]}, {"pads": [big, 0]}, {"pads": [-1, 0]}, {"pads": [0]}, {"pads": 3}, {"pads": [2**63, 1]},
        {"strides": [0]}, {"strides": [big]}, {"dilations": [big]}, {"dilations": [-1]},
        {"dilations": [big], "auto_pad": "SAME_UPPER"}, {"strides": [big], "auto_pad": "SAME_LOWER"},
        {"dilations": [big], "pads": [big, big]}, {"group": 0}, {"group": -1}, {"group": 2**62}, {"group": 2},
        {"kernel_shape": [3]}, {"kernel_shape": [1, 2]}, {"auto_pad": "UP"}, {"auto_pad": 3},
        {"auto_pad": "VALID", "pads": [1, 1]}, {"strides": [1, 1]},
    ):
        lines.append(json.dumps(conv | {"attributes": attributes}).encode())
    empty = {"dtype": "uint8", "data": ""}
    for a, b in (
        ([0, 2**31 - 1], [2**31 - 1, 0]), ([2**31 - 1, 0], [0, 2**31 - 1]), ([2**20, 0], [0, 2**20]), ([0], [0]),
        ([], []), ([5, 0], [0, 5]), ([0, 2, 3], [3, 2]), ([2, 0, 3], [3, 0]), ([3], [4]), ([2, 1, 0], [3, 0, 1]),
    ):
        lines.append(
            json.dumps({"id": 1} | request("MatMulInteger", [empty | {"shape": a}, empty | {"shape": b}])).encode()
        )
    for x_shape, w_shape in (
        ([0, 1, 4], [1, 1, 2]), ([1, 0, 4], [2, 0, 2]), ([1, 1, 0], [1, 1, 2]), ([1, 1, 4], [1, 1, 0]),
        ([0, 0, 0], [0, 0, 0]), ([2**31 - 1, 0, 2**31 - 1], [2**31 - 1, 0, 1]),
        ([0, 1, 4, 4, 4, 4], [1, 1, 1, 1, 1, 1]), ([0, 1], [1, 1]), ([], []),
    ):
        lines.append(json.dumps(conv | {"inputs": [empty | {"shape": x_shape}, empty | {"shape": w_shape}]}).encode())
        lines.append(
            json.dumps(
                conv
                | {"attributes": {"pads": [2, 2]}, "inputs": [empty | {"shape": x_shape}, empty | {"shape": w_shape}]}
            ).encode()
        )
    for outputs in (0, -1, 2, 2**62, "x", None, 0.5):
        lines.append(json.dumps(conv | {"outputs": outputs}).encode())
    generator = random.Random(1)
    for _ in range(300 * MORE):  # good requests with bytes changed, dropped or doubled
        broken = bytearray(generator.choice((good, json.dumps(conv).encode())))
        for _ in range(generator.randint(1, 3)):
            i = generator.randrange(len(broken))
            broken[i : i + generator.randint(0, 2)] = bytes(
                generator.choice(b'{}[]",:\\0123456789-eE.tfnul ax\xff\x00') for _ in range(generator.randint(0, 2))
            )
        lines.append(bytes(broken).replace(b"\n", b" "))
    return [line for line in lines if line.strip()]
# fmt: on


def test_hostile_lines_get_one_answer_each(sanitized, js_engine, py_engine):
    lines = hostile_lines()
    data = b"\n".join(lines) + b"\n"
    environment = {**os.environ, "ASAN_OPTIONS": "allocator_may_return_null=1"}
    for engine in (sanitized, js_engine, py_engine):
        answers = engine.raw(data, env=environment)
        assert len(answers) == len(lines)
        for line, answer in zip(lines, answers, strict=True):
            assert "id" in answer and len({"outputs", "error", "unsupported"} & answer.keys()) == 1, (line, answer)


def test_broken_lines_are_answered_by_their_id(c_engine):
    answers = c_engine.raw(b'{"id": 31, "op": "QuantizeLinear", "inputs": [\n{"x": {"id": 3}, "id"\n{"a": 1}\n')
    assert [a["id"] for a in answers] == [31, None, None]
    assert all("error" in a for a in answers)


def test_long_lines(c_engine):
    x = np.linspace(-200, 200, 200_000, dtype=F32)
    y = c_engine.one("QuantizeLinear", [tensor(x), ONE, tensor(I8(3))])
    assert (y == np.clip(np.rint(x) + 3, -128, 127)).all()


# ------------------------------------------------------------------------------------------ QuantizeLinear, by hand


def test_quantize_rounds_halves_to_even_and_saturates(engine):
    x = F32([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 1000, -1000, 126.5, 127.5, np.inf, -np.inf, -0.0])
    assert engine.one("QuantizeLinear", [tensor(x), ONE, tensor(I8(0))]).tolist() == [
        0,
        2,
        2,
        0,
        -2,
        -2,
        127,
        -128,
        126,
        127,
        127,
        -128,
        0,
    ]
    # the zero point comes after the rounding: 0.5 + 1 would round to 2
    assert engine.one("QuantizeLinear", [tensor(x[:4]), ONE, tensor(U8(1))]).tolist() == [1, 3, 3, 1]


def test_quantize_divides_in_float32(engine):
    # the exact quotient lies above the tie and would give 3; float32's division meets the tie
    x, s = F32(0.025), F32(0.01)
    assert round(Fraction(float(x)) / Fraction(float(s))) == 3
    assert x / s == F32(2.5)
    assert engine.one("QuantizeLinear", [tensor(F32([x])), tensor(s)]).tolist() == [2]


def test_quantize_an_int32(engine):
    # float32 holds 16777216 and 16777218, not the odd number between
    x = I32([16777217, 16777219, -5])
    assert engine.one("QuantizeLinear", [tensor(x), tensor(F32(131072)), tensor(U8(0))]).tolist() == [128, 128, 0]
    assert engine.one("QuantizeLinear", [tensor(x), tensor(F32(2)), tensor(I8(0))], 23).tolist() == [127, 127, -2]
    assert (
        engine.refusal("QuantizeLinear", [tensor(x), tensor(F32(2))], 21) == "error"
    )  # one type T1 in opsets 19 and 21


def test_quantize_per_axis(engine):
    x = F32([[1, 2, 3], [10, 20, 30]])
    assert engine.one("QuantizeLinear", [tensor(x), tensor(F32([1, 2, 4])), tensor(I8([0, 1, 2]))], 13).tolist() == [
        [1, 2, 3],
        [10, 11, 10],
    ]
    assert engine.one(
        "QuantizeLinear", [tensor(x), tensor(F32([2, 4])), tensor(U8([0, 100]))], 13, axis=-2
    ).tolist() == [[0, 1, 2], [102, 105, 108]]
    assert engine.refusal("QuantizeLinear", [tensor(x), tensor(F32([1, 2])), tensor(U8([0, 0]))], 13) == "error"
    assert engine.refusal("QuantizeLinear", [tensor(x), tensor(F32([1, 2, 3])), tensor(U8(0))], 13) == "error"
    assert engine.refusal("QuantizeLinear", [tensor(x), tensor(F32([1, 2, 3]))], 13, axis=2) == "error"
    assert engine.refusal("QuantizeLinear", [tensor(x), tensor(F32([1, 2, 3]))], 10) == "error"


def test_quantize_output_types(engine):
    x = tensor(F32([-9, -8.5, 7.5, 16, 3]))
    assert engine.one("QuantizeLinear", [x, ONE], 21, output_dtype=22).tolist() == [-8, -8, 7, 7, 3]
    assert engine.one("QuantizeLinear", [x, ONE, tensor(1, "uint4", [])], 21).tolist() == [0, 0, 9, 15, 4]
    assert engine.one("QuantizeLinear", [x, ONE], 21).dtype == np.uint8
    assert engine.refusal("QuantizeLinear", [x, ONE, tensor(U8(0))], 21, output_dtype=3) == "error"
    assert engine.refusal("QuantizeLinear", [x, ONE], 19, output_dtype=3) == "error"  # an attribute of opset 21
    assert engine.refusal("QuantizeLinear", [x, ONE], 20) == "unsupported"


def test_quantize_wide_and_narrow_integers(c_engine):
    x = F32([-40000, -3.5, 1.5, 2.5, 70000])
    for dtype, opset, low, high in (
        ("int16", 21, -32768, 32767),
        ("uint16", 21, 0, 65535),
        ("int2", 25, -2, 1),
        ("uint2", 25, 0, 3),
    ):
        expected = np.clip([-40000, -4, 2, 2, 70000], low, high).tolist()
        assert (
            c_engine.one("QuantizeLinear", [tensor(x), ONE], opset, output_dtype=DATATYPE[dtype]).tolist() == expected
        )
    assert c_engine.refusal("QuantizeLinear", [tensor(x), ONE], 24, output_dtype=25) == "error"


def test_quantize_blocked(c_engine):
    x, scale, zero = F32([[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]]), F32([[1, 2, 4], [0.5, 1, 2]]), I8([[0, 1, 2], [3, 4, 5]])
    y = c_engine.one("QuantizeLinear", [tensor(x), tensor(scale), tensor(zero)], 21, axis=1, block_size=2)
    assert y.tolist() == [[1, 2, 3, 3, 3], [15, 17, 12, 13, 10]]
    y = c_engine.one("QuantizeLinear", [tensor(x), tensor(F32([[1, 2, 3, 4, 5]]))], 21, axis=0, block_size=2)
    assert y.tolist() == [[1] * 5, [6, 4, 3, 2, 2]]
    assert c_engine.refusal("QuantizeLinear", [tensor(x), tensor(scale)], 21, axis=1, block_size=3) == "error"
    assert c_engine.refusal("QuantizeLinear", [tensor(x), tensor(scale)], 21, axis=1) == "error"
    assert c_engine.refusal("QuantizeLinear", [tensor(x), tensor(scale)], 19, axis=1, block_size=2) == "error"


def test_quantize_in_float16(c_engine):
    x, s = np.float16([1000, 3, -77.25, 65504]), np.float16(0.3)
    with np.errstate(over="ignore"):
        expected = np.clip(np.rint((x / s).astype(np.float64)), -32768, 32767).tolist()
    assert expected[0] != round(
        Fraction(float(x[0])) / Fraction(float(s))
    )  # float16's quotient is not the exact one's rounding
    assert expected[3] == 32767  # and overflows to infinity
    assert c_engine.one("QuantizeLinear", [tensor(x), tensor(s), tensor(np.int16(0))], 21).tolist() == expected
    # opset 23: the scale's type decides, or precision; x may have another
    wide = F32([1000])
    assert c_engine.one("QuantizeLinear", [tensor(wide), tensor(s), tensor(np.int16(0))], 23).tolist() == expected[:1]
    exact = [round(Fraction(float(wide[0])) / Fraction(float(s)))]
    assert (
        c_engine.one("QuantizeLinear", [tensor(wide), tensor(s), tensor(np.int16(0))], 23, precision=1).tolist()
        == exact
        != expected[:1]
    )
    assert (
        c_engine.one("QuantizeLinear", [tensor(x[:1]), tensor(F32(s)), tensor(np.int16(0))], 23, precision=10).tolist()
        == expected[:1]
    )


def test_quantize_converts_an_int32_with_one_rounding(c_engine):
    # to bfloat16, 8 bits: just above a tie; by way of float32 it would become the tie and round down
    x = I32([(0b100000001 << 22) + 1])
    assert float(np.float32(x[0])) == 0b100000001 << 22
    y = c_engine.one("QuantizeLinear", [tensor(x), tensor(0x4E00, "bfloat16", []), tensor(I8(0))], 23)  # scale 2^29
    assert y.tolist() == [2]
    y = c_engine.one("QuantizeLinear", [tensor(x), tensor(0x4C00, "bfloat16", []), tensor(U8(0))], 23)  # scale 2^25
    assert y.tolist() == [32]  # 32.25 in bfloat16 is no integer: 0b10000001 · 2^23 / 2^25
    y = c_engine.one("QuantizeLinear", [tensor(x), tensor(0x4B00, "bfloat16", []), tensor(U8(0))], 23)  # scale 2^23
    assert y.tolist() == [129]  # 128 after two roundings


def test_quantize_with_a_power_of_two_scale_type(c_engine):
    x = tensor(F32([3, -5, 6]))
    assert c_engine.one(
        "QuantizeLinear", [x, tensor(128, "float8e8m0", []), tensor(I8(0))], 24, precision=1
    ).tolist() == [2, -2, 3]
    assert c_engine.refusal("QuantizeLinear", [x, tensor(128, "float8e8m0", [])], 24) == "unsupported"
    assert c_engine.refusal("QuantizeLinear", [x, tensor(128, "float8e8m0", [])], 23, precision=1) == "error"
    assert c_engine.refusal("QuantizeLinear", [tensor(I32([3])), tensor(I32(1))], 21) == "unsupported"


def test_quantize_to_float8_by_hand(c_engine):
    x = tensor(F32([0, -0.0, 1, -1.125, 448, 1e9, -np.inf, np.nan, 2**-9, 2**-10]))

    def codes(dtype, opset=23, **attributes):
        return [
            int(v) for v in c_engine.one("QuantizeLinear", [x, ONE], opset, output_dtype=DATATYPE[dtype], **attributes)
        ]

    assert codes("float8e4m3fn") == [0, 0x80, 0x38, 0xB9, 0x7E, 0x7E, 0xFE, 0x7F, 1, 0]
    assert codes("float8e4m3fn", saturate=0) == [0, 0x80, 0x38, 0xB9, 0x7E, 0x7F, 0x7F, 0x7F, 1, 0]
    assert codes("float8e4m3fnuz") == [0, 0, 0x40, 0xC1, 0x7F, 0x7F, 0x80, 0x80, 2, 1]  # Cast-23: infinity is NaN
    assert codes("float8e4m3fnuz", opset=24)[6] == 0xFF  # Cast-24: it saturates
    assert codes("float8e4m3fnuz", saturate=0)[4:8] == [0x80, 0x80, 0x80, 0x80]
    assert codes("float8e5m2")[:7] == [0, 0x80, 0x3C, 0xBC, 0x5F, 0x7B, 0xFB]
    assert codes("float8e5m2", saturate=0)[5:7] == [0x7C, 0xFC]
    assert codes("float4e2m1")[:7] == [0, 8, 2, 0xA, 7, 7, 0xF]


# ---------------------------------------------------------------------------------------- DequantizeLinear, by hand


def test_dequantize(engine):
    assert engine.one("DequantizeLinear", [tensor(U8([0, 128, 255])), tensor(F32(0.5)), tensor(U8(128))]).tolist() == [
        -64,
        0,
        63.5,
    ]
    assert engine.one("DequantizeLinear", [tensor(I8([-128, 127])), tensor(F32(2)), tensor(I8(127))]).tolist() == [
        -510,
        0,
    ]
    assert engine.one(
        "DequantizeLinear", [tensor(I8([[1, 2], [3, 4]])), tensor(F32([1, 10]))], 13, axis=0
    ).tolist() == [[1, 2], [30, 40]]
    # x = 16777217 is rounded to float32 before the multiplication
    assert engine.one("DequantizeLinear", [tensor(I32([16777217])), tensor(F32(0.1))]).tolist() == [
        F32(16777216) * F32(0.1)
    ]
    assert engine.refusal("DequantizeLinear", [tensor(I32([5])), ONE, tensor(I32(1))]) == "error"
    assert engine.one("DequantizeLinear", [tensor(I32([5])), ONE, tensor(I32(0))]).tolist() == [5]
    assert engine.one(
        "DequantizeLinear", [tensor([-8, 7], "int4"), tensor(F32(3)), tensor(-8, "int4", [])], 21
    ).tolist() == [0, 45]
    assert engine.refusal("DequantizeLinear", [tensor(U8([1])), ONE, tensor(I8(0))]) == "error"


def test_dequantize_types(c_engine):
    x = tensor(np.int16([1000, -32768]))
    y = c_engine.one("DequantizeLinear", [x, tensor(np.float16(0.1)), tensor(np.int16(1))], 21)
    assert y.dtype == np.float16 and (y == np.float16([999, -32769]) * np.float16(0.1)).all()
    # opset 23: the output's type is the type of the multiplication
    y = c_engine.one("DequantizeLinear", [x, tensor(np.float16(0.1)), tensor(np.int16(1))], 23, output_dtype=1)
    assert y.dtype == np.float32 and (y == F32([999, -32769]) * F32(np.float16(0.1))).all()
    y = c_engine.one("DequantizeLinear", [tensor([0x7E, 0xFE, 0x7F, 1], "float8e4m3fn"), tensor(F32(2))], 19)
    assert y[:2].tolist() == [896, -896] and np.isnan(y[2]) and y[3] == 2**-8
    y = c_engine.one("DequantizeLinear", [tensor(range(16), "float4e2m1"), ONE], 23)
    assert (
        y.tolist() == [0, 0.5, 1, 1.5, 2, 3, 4, 6, 0, -0.5, -1, -1.5, -2, -3, -4, -6] and math.copysign(1, y[8]) == -1
    )
    y = c_engine.one("DequantizeLinear", [tensor([-2, -1, 0, 1], "int2"), tensor(F32(3)), tensor(1, "int2", [])], 25)
    assert y.tolist() == [-9, -6, -3, 0]
    y = c_engine.one("DequantizeLinear", [tensor(I8([1, 3])), tensor(124, "float8e8m0", [])], 24, output_dtype=10)
    assert y.dtype == np.float16 and y.tolist() == [0.125, 0.375]
    assert c_engine.refusal("DequantizeLinear", [tensor(I8([1])), tensor(124, "float8e8m0", [])], 24) == "error"
    y = c_engine.one(
        "DequantizeLinear", [tensor(I8([[1, 2, 3]])), tensor(F32([[1, 10]])), tensor(I8([[0, 1]]))], 21, block_size=2
    )
    assert y.tolist() == [[1, 2, 20]]


# ------------------------------------------------------------------------------------------- DynamicQuantizeLinear


def dynamic(x):
    low, high = min(F32(0), x.min()), max(F32(0), x.max())
    scale = F32(high - low) / F32(255)
    zero_point = np.rint(np.clip(F32(0) - F32(low / scale), 0, 255))
    return np.clip(np.rint(x / scale) + zero_point, 0, 255), scale, zero_point


def test_dynamic_quantize(engine):
    (answer,) = engine.ask(
        [request("DynamicQuantizeLinear", [tensor(F32([0, 2, -3, -2.5, 1.34, 0.5]))], 11, outputs=3)]
    )
    y, scale, zero_point = map(array, answer["outputs"])
    assert y.tolist() == [153, 255, 0, 26, 221, 179] and zero_point == 153 and scale == F32(5) / F32(255)
    (answer,) = engine.ask([request("DynamicQuantizeLinear", [tensor(F32([1, 2]))], 11, outputs=2)])
    assert len(answer["outputs"]) == 2
    assert engine.refusal("DynamicQuantizeLinear", [tensor(F32([0, 0]))], 11) == "unsupported"


def test_dynamic_quantize_against_numpy(engine):
    generator = np.random.default_rng(5)
    xs = [
        (generator.normal(size=20) * 10.0 ** generator.integers(-30, 30) + generator.integers(-2, 3)).astype(F32)
        for _ in range(60 * MORE)
    ]
    xs += [F32([1e-30, 3e38 * 0.5]), F32([-1e-45, 1]), F32([-3, -1e-20]), F32([-0.0, 5]), F32([2**-118])]
    for x, a in zip(
        xs, engine.ask([request("DynamicQuantizeLinear", [tensor(x)], 11, outputs=3) for x in xs]), strict=True
    ):
        y, scale, zero_point = map(array, a["outputs"])
        for got, expected in zip((y, scale, zero_point), dynamic(x), strict=True):
            assert (got == expected).all(), x


# ------------------------------------------------------------------------------------ convolution and matrix product


def test_padding_holds_the_zero_point(engine):
    x, w = U8([[[[100, 102], [98, 100]]]]), np.ones((1, 1, 3, 3), U8)
    assert engine.one("ConvInteger", [tensor(x), tensor(w), tensor(U8(100))], pads=[1, 1, 1, 1]).tolist() == [
        [[[0, 0], [0, 0]]]
    ]
    y = engine.one("ConvInteger", [tensor(x), tensor(w), tensor(U8(99))], pads=[1, 1, 1, 1], strides=[2, 1])
    assert y.tolist() == [[[[4, 4]]]]


def test_odd_same_padding(engine):
    x, w = U8([[[1, 2, 3]]]), U8([[[1, 10]]])
    assert engine.one("ConvInteger", [tensor(x), tensor(w)], auto_pad="SAME_UPPER").tolist() == [[[21, 32, 3]]]
    assert engine.one("ConvInteger", [tensor(x), tensor(w)], auto_pad="SAME_LOWER").tolist() == [[[10, 21, 32]]]
    assert engine.one("ConvInteger", [tensor(x), tensor(w)], auto_pad="VALID").tolist() == [[[21, 32]]]


def test_convolution_is_checked(engine):
    x, w = tensor(np.zeros((1, 4, 5), U8)), tensor(np.zeros((6, 2, 3), I8))

    def refused(*inputs, **attributes):
        return engine.refusal("ConvInteger", [*inputs], **attributes) == "error"

    assert engine.one("ConvInteger", [x, w], group=2).shape == (1, 6, 3)
    assert refused(x, w) and refused(x, w, group=4) and refused(x, w, group=0)
    assert refused(x, w, tensor(I8(0)), group=2) and refused(x, w, None, tensor(U8(0)), group=2)
    assert refused(x, w, tensor(U8([0])), group=2) and refused(x, w, None, tensor(I8([0] * 5)), group=2)
    assert (
        refused(x, w, group=2, kernel_shape=[2])
        and refused(x, w, group=2, strides=[0])
        and refused(x, w, group=2, pads=[1])
    )
    assert refused(x, w, group=2, dilations=[3]) and refused(x, w, group=2, auto_pad="VALID", pads=[1, 1])
    assert engine.one("ConvInteger", [tensor(np.zeros((0, 4, 5), U8)), w], group=2).shape == (0, 6, 3)


def test_accumulators_wrap(engine):
    ones = np.full((1, 33100), 255, U8)
    expected = 33100 * 255 * 255 - 2**32
    assert engine.one("MatMulInteger", [tensor(ones), tensor(ones.T)]).tolist() == [[expected]]
    assert engine.one("ConvInteger", [tensor(ones[None]), tensor(ones[None])]).tolist() == [[[expected]]]
    # QLinear operators requantize the exact accumulator
    s, z = ONE, tensor(U8(0))
    y = engine.one("QLinearMatMul", [tensor(ones), s, z, tensor(ones.T), s, z, tensor(F32(2**24)), z])
    assert y.tolist() == [[128]] and round(33100 * 255 * 255 / 2**24) == 128


def convolve(x, w, zx, zw, pads, strides, dilations, group):
    """By padding, slicing and summing; n-dimensional, exact."""
    n = x.ndim - 2
    padded = np.pad(x.astype(np.int64) - zx, [(0, 0), (0, 0), *zip(pads[:n], pads[n:], strict=True)])
    w = w.astype(np.int64) - np.reshape(zw, (-1,) + (1,) * (n + 1))
    out = [(padded.shape[2 + i] - (w.shape[2 + i] - 1) * dilations[i] - 1) // strides[i] + 1 for i in range(n)]
    y = np.zeros([x.shape[0], w.shape[0], *out], np.int64)
    per = w.shape[0] // group
    for m in range(w.shape[0]):
        channels = padded[:, m // per * w.shape[1] : (m // per + 1) * w.shape[1]]
        for k in np.ndindex(*w.shape[2:]):
            window = tuple(
                slice(k[i] * dilations[i], k[i] * dilations[i] + (out[i] - 1) * strides[i] + 1, strides[i])
                for i in range(n)
            )
            y[:, m] += np.tensordot(channels[(slice(None), slice(None), *window)], w[(m, slice(None), *k)], ([1], [0]))
    return y


def random_convolution(g):
    n = int(g.integers(1, 4))
    group, depth, per = (int(v) for v in g.integers(1, 3, 3))
    kernel, strides, dilations = (g.integers(1, 4, n).tolist() for _ in range(3))
    size = [int(g.integers(1, 6)) for _ in range(n)]
    auto = str(g.choice(["NOTSET", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"]))
    extent = [(kernel[i] - 1) * dilations[i] + 1 for i in range(n)]
    pads = g.integers(0, 3, 2 * n).tolist() if auto == "NOTSET" else [0] * 2 * n
    for i in range(n):
        if auto == "NOTSET":
            pads[i] += max(0, extent[i] - size[i] - pads[i] - pads[n + i])
        elif auto == "VALID":
            size[i] = max(size[i], extent[i])
    attributes = {"strides": strides, "dilations": dilations, "group": group}
    if auto == "NOTSET":
        attributes["pads"] = list(pads)
    else:
        attributes["auto_pad"] = auto
    if auto.startswith("SAME"):
        for i in range(n):
            total = max((math.ceil(size[i] / strides[i]) - 1) * strides[i] + extent[i] - size[i], 0)
            small, large = total // 2, total - total // 2
            pads[i], pads[n + i] = (small, large) if auto == "SAME_UPPER" else (large, small)
    x_type, w_type = g.choice([I8, U8], 2)
    x = g.integers(0, 256, [int(g.integers(1, 3)), group * depth, *size]).astype(x_type)
    w = g.integers(0, 256, [group * per, depth, *kernel]).astype(w_type)
    zx = x_type(g.integers(0, 120))
    zw = g.integers(0, 120, group * per).astype(w_type) if g.random() < 0.5 else w_type(g.integers(0, 120))
    accumulators = convolve(x, w, int(zx), zw.astype(np.int64), pads, strides, dilations, group)
    return x, w, zx, zw, attributes, accumulators


def test_conv_integer_against_numpy(engine):
    g = np.random.default_rng(11)
    cases = [random_convolution(g) for _ in range(60 * MORE)]
    answers = engine.outputs(
        [request("ConvInteger", [tensor(x), tensor(w), tensor(zx), tensor(zw)], **a) for x, w, zx, zw, a, _ in cases]
    )
    for y, case in zip(answers, cases, strict=True):
        assert y.dtype == np.int32 and y.shape == case[5].shape and (y == case[5]).all(), case[4]


def exact(acc, sx, sw, sy, zp, low, high):
    return min(
        max(round(Fraction(int(acc)) * Fraction(float(sx)) * Fraction(float(sw)) / Fraction(float(sy))) + int(zp), low),
        high,
    )


def limits(dtype):
    return np.iinfo(dtype).min, np.iinfo(dtype).max


def test_q_linear_conv_against_fractions(engine):
    g = np.random.default_rng(12)
    cases, requests = [], []
    for _ in range(40 * MORE):
        x, w, zx, zw, attributes, acc = random_convolution(g)
        maps, y_type = w.shape[0], g.choice([I8, U8])
        sx, sy, sw = (
            F32(g.uniform(0.001, 0.1)),
            F32(2.0 ** g.integers(-3, 3)),
            (2.0 ** g.integers(-9, -4, zw.shape)).astype(F32),
        )
        if g.random() < 0.5:
            sx = F32(2.0 ** g.integers(-6, -2))  # powers of two: exact ties
        zy = y_type(g.integers(0, 128))
        inputs = [tensor(v) for v in (x, sx, zx, w, sw, zw, sy, zy)]
        if g.random() < 0.5:
            bias = g.integers(-(2**12), 2**12, maps).astype(I32)
            acc = acc + bias.reshape((-1,) + (1,) * (acc.ndim - 2))
            inputs.append(tensor(bias))
        scales = np.broadcast_to(sw.reshape((-1,) + (1,) * (acc.ndim - 2)), acc.shape)
        cases.append(
            np.array(
                [exact(a, sx, s, sy, zy, *limits(y_type)) for a, s in zip(acc.flat, scales.flat, strict=True)]
            ).reshape(acc.shape)
        )
        requests.append(request("QLinearConv", inputs, **attributes))
    for y, expected, r in zip(engine.outputs(requests), cases, requests, strict=True):
        assert y.shape == expected.shape and (y == expected).all(), r["attributes"]


def test_matmul_by_hand(engine):
    a, b = U8([[1, 2], [3, 4]]), I8([[1, -1], [2, 0]])
    assert engine.one("MatMulInteger", [tensor(a), tensor(b)]).tolist() == [[5, -1], [11, -3]]
    assert engine.one("MatMulInteger", [tensor(a), tensor(b), tensor(U8([1, 3])), tensor(I8([0, -1]))]).tolist() == [
        [2, 1],
        [2, 1],
    ]
    assert engine.one("MatMulInteger", [tensor(a[0]), tensor(b)]).tolist() == [5, -1]
    assert engine.one("MatMulInteger", [tensor(a), tensor(b[0])]).tolist() == [-1, -1]
    assert engine.one("MatMulInteger", [tensor(a[0]), tensor(b[0])]).tolist() == -1
    assert (
        engine.one("MatMulInteger", [tensor(np.zeros((2, 0), U8)), tensor(np.zeros((0, 3), U8))]).tolist()
        == [[0] * 3] * 2
    )
    assert engine.refusal("MatMulInteger", [tensor(a), tensor(U8([[1, 2, 3]]))]) == "error"
    assert engine.refusal("MatMulInteger", [tensor(a), tensor(b), tensor(I8(0))]) == "error"
    assert engine.refusal("MatMulInteger", [tensor(a), tensor(b), tensor(U8([1, 2, 3]))]) == "error"
    assert engine.refusal("MatMulInteger", [tensor(U8(1)), tensor(b)]) == "error"


def random_product(g):
    a_batch, b_batch = [([], []), ([2], [2]), ([3], []), ([], [2]), ([2, 1], [3]), ([1, 3], [2, 1])][g.integers(6)]
    M, K, N = (int(v) for v in g.integers(1, 5, 3))
    a_type, b_type = g.choice([I8, U8], 2)
    a, b = g.integers(0, 256, [*a_batch, M, K]).astype(a_type), g.integers(0, 256, [*b_batch, K, N]).astype(b_type)
    za, zb = g.integers(0, 100, [*a_batch, M, 1]).astype(a_type), g.integers(0, 100, [*b_batch, 1, N]).astype(b_type)
    za = za if g.random() < 0.6 else za.flat[0]
    zb = zb if g.random() < 0.6 else zb.flat[0]
    return a, b, za, zb, np.matmul(a.astype(np.int64) - za, b.astype(np.int64) - zb)


def line(z, a, flat):
    """A zero point or scale as sent: for a matrix sometimes as a vector."""
    return tensor(z.reshape(-1) if flat and a.ndim == 2 and np.ndim(z) else z)


def test_products_against_numpy_and_fractions(engine):
    g = np.random.default_rng(13)
    requests, expected = [], []
    for _ in range(100 * MORE):
        a, b, za, zb, acc = random_product(g)
        flat = g.random() < 0.5
        requests.append(request("MatMulInteger", [tensor(a), tensor(b), line(za, a, flat), line(zb, b, flat)]))
        expected.append(acc)
        sa, sb = ((2.0 ** g.integers(-8, -4, np.shape(z))).astype(F32) * F32(g.choice([1, 1.1])) for z in (za, zb))
        sa, sb, sy, zy = F32(sa), F32(sb), F32(g.choice([0.25, 0.5, 0.7])), I8(g.integers(-128, 128))
        s1, s2 = np.broadcast_to(sa, (*acc.shape[:-1], 1)), np.broadcast_to(sb, (*acc.shape[:-2], 1, acc.shape[-1]))
        s1, s2 = np.broadcast_to(s1, acc.shape), np.broadcast_to(s2, acc.shape)
        requests.append(
            request(
                "QLinearMatMul",
                [
                    tensor(a),
                    line(sa, a, flat),
                    line(za, a, flat),
                    tensor(b),
                    line(sb, b, flat),
                    line(zb, b, flat),
                    tensor(sy),
                    tensor(zy),
                ],
                int(g.choice([10, 21])),
            )
        )
        expected.append(
            np.array(
                [exact(v, p, q, sy, zy, -128, 127) for v, p, q in zip(acc.flat, s1.flat, s2.flat, strict=True)]
            ).reshape(acc.shape)
        )
    for y, e, r in zip(engine.outputs(requests), expected, requests, strict=True):
        assert y.shape == e.shape and (y == e).all(), r


def test_half_precision_scales(c_engine):
    a, z = U8([[3], [5]]), U8(0)
    inputs = [tensor(v) for v in (a, np.float16(0.5), z, a.T, np.float16(1), z, np.float16(1), z)]
    assert c_engine.one("QLinearMatMul", inputs, 21).tolist() == [[4, 8], [8, 12]]
    assert c_engine.refusal("QLinearMatMul", inputs, 10) == "error"


# ------------------------------------------------------------------------------------------------- requantization


def requantization(acc, sx, sw, sy, zp, **more):
    return request(
        "Requantize",
        [tensor(I32(acc)), tensor(F32(sx)), tensor(F32(sw)), tensor(F32(sy)), tensor(zp)],
        1,
        "qref",
        **more,
    )


@pytest.mark.parametrize("name", ["c_engine", "js_engine", "py_engine"])
def test_requantize_by_hand(name, request):
    engine = request.getfixturevalue(name)
    acc = [5, 3, -5, -3, 1, 1000, -1000]
    one, channels, negative_axis = engine.outputs(
        [
            requantization(acc, 0.5, 0.5, 0.5, I8(3)),
            requantization([[5, 5], [6, 6]], 1, [0.5, 0.25], 1, U8(10)),
            requantization([[5, 5], [6, 6]], 1, [0.5, 0.25], 1, np.int16(-10), axis=-2),
        ]
    )
    assert one.tolist() == [5, 5, 1, 1, 3, 127, -128]
    assert channels.tolist() == [[12, 11], [13, 12]]
    assert negative_axis.dtype == np.int16 and negative_axis.tolist() == [[-8, -8], [-8, -8]]


def test_rules_differ_as_they_should(c_engine):
    # acc·scale = 2.5, -2.5, 3.5: half to even; up and then away; up; half to even; away
    expected = {
        "onnx": [2, -2, 4],
        "tflite-double": [3, -3, 4],
        "tflite-single": [3, -2, 4],
        "xnnpack-fp32": [2, -2, 4],
        "ncnn": [3, -3, 4],
    }
    answers = c_engine.outputs([requantization([10, -10, 14], 0.5, 0.25, 0.5, I8(0), profile=p) for p in expected])
    assert [a.tolist() for a in answers] == list(expected.values())
    inputs = [tensor(v) for v in (U8([[5]]), F32(1), U8(0), U8([[1]]), F32(1), U8(0), F32(2), U8(0))]
    assert c_engine.one("QLinearMatMul", inputs).tolist() == [[2]]
    assert c_engine.one("QLinearMatMul", inputs, profile="tflite-single").tolist() == [[3]]
    assert (
        c_engine.refusal("Requantize", requantization([1], 1, 1, 1, I8(1))["inputs"], 1, "qref", profile="ncnn")
        == "unsupported"
    )
    assert (
        c_engine.refusal(
            "Requantize", requantization([1], 1, 1, 1, np.int16(1))["inputs"], 1, "qref", profile="xnnpack-fp32"
        )
        == "unsupported"
    )
    assert (
        c_engine.refusal("Requantize", requantization([1], 1, 1, 1, I8(1))["inputs"], 1, "qref", profile="mine")
        == "unsupported"
    )
    assert (
        c_engine.refusal(
            "Requantize", requantization([2**30], 4, 1, 1, I8(1))["inputs"], 1, "qref", profile="tflite-double"
        )
        == "unsupported"
    )


def quantize_multiplier(sx, sw, sy):
    fraction, e = math.frexp(float(sx) * float(sw) / float(sy))
    m = math.floor(Fraction(fraction) * 2**31 + Fraction(1, 2))
    if m == 2**31:
        m, e = m // 2, e + 1
    return (0, 0) if e < -31 else (m, e)


def int32(v):
    return -(2**31) <= v < 2**31


def tflite_double(acc, sx, sw, sy, zp, low, high):
    m, e = quantize_multiplier(sx, sw, sy)
    if e > 30 or not int32(acc * 2 ** max(e, 0)):
        return None
    h = (acc * 2 ** max(e, 0) * m + 2**30) >> 31
    power = 2 ** max(-e, 0)
    r = (abs(h) + power // 2) // power * (1 if h >= 0 else -1)  # half away from zero
    return min(max(r + zp, low), high) if int32(r + zp) else None


def tflite_single(acc, sx, sw, sy, zp, low, high):
    m, e = quantize_multiplier(sx, sw, sy)
    if e > 30:
        m, e = 2**31 - 1, 30
    r = (acc * m + (1 << (30 - e))) >> (31 - e)
    return min(max(r + zp, low), high) if int32(r) and int32(r + zp) else None


def normal(*scales):
    return all(F32(2**-126) <= s < np.inf for s in scales)


def xnnpack_fp32(acc, sx, sw, sy, zp, low, high):
    s = F32(F32(sx) * F32(sw)) / F32(sy)
    if not normal(F32(sx), F32(sw), F32(sy)) or not F32(2**-32) <= s < 256:
        return None
    return int(np.clip(np.rint(F32(acc) * s), low - zp, high - zp)) + zp


def ncnn(acc, sx, sw, sy, zp, low, high):
    si, so = F32(sx) * F32(sw), F32(1) / F32(sy)
    v = (F32(acc) * si) * so
    if zp or not normal(si, so) or not abs(v) < F32(2**31):  # round() is cast to int
        return None
    return int(np.clip(np.copysign(np.floor(abs(float(v)) + 0.5), v), -127, 127))


RULES = {
    "onnx": exact,
    "tflite-double": tflite_double,
    "tflite-single": tflite_single,
    "xnnpack-fp32": xnnpack_fp32,
    "ncnn": ncnn,
}


def near_tie_scales(g):
    """Scales whose combination lies within two float32 ULP of a value with a tie at `acc`; or any; or powers of two."""
    kind = g.integers(4)
    if kind == 0:
        return F32(2.0 ** g.integers(-10, 3)), F32(2.0 ** g.integers(-10, 3)), F32(2.0 ** g.integers(-10, 3))
    sx, sw = (F32(10.0 ** g.uniform(-4, 1)) for _ in range(2))
    if kind == 1:
        return sx, sw, F32(10.0 ** g.uniform(-4, 1))
    if kind == 2:  # far out
        return tuple(F32(2.0 ** g.uniform(-60, 60)) for _ in range(3))
    acc = int(g.integers(1, 2 ** int(g.integers(4, 31))))
    half = int(g.integers(0, 130)) + 0.5
    sy = F32(float(sx) * float(sw) * acc / half)
    for _ in range(int(g.integers(3))):
        sy = np.nextafter(sy, F32(np.inf if g.random() < 0.5 else 0))
    return sx, sw, sy, acc


@pytest.mark.parametrize("profile", RULES)
def test_rules_against_exact_arithmetic(c_engine, profile):
    g = np.random.default_rng(sum(map(ord, profile)))
    dtypes = [I8] if profile == "ncnn" else [I8, U8] if profile == "xnnpack-fp32" else [I8, U8, np.int16, np.uint16]
    cases, inside = [], 0
    for _ in range(250 * MORE):
        sx, sw, sy, *tie = near_tie_scales(g)
        ratio = float(sx) * float(sw) / float(sy)
        spread = min(max(130 / ratio, 4), 2.0**31 - 1)
        acc = [
            0,
            1,
            -1,
            *(int(v) for v in g.uniform(-spread, spread, 8)),
            *(int(v) for v in g.integers(-(2**31), 2**31, 2)),
        ]
        for t in tie:
            acc += [t, -t, t + 1, t - 1]
        dtype = dtypes[g.integers(len(dtypes))]
        low, high = limits(dtype)
        zp = 0 if profile == "ncnn" or g.random() < 0.3 else int(g.integers(low, high + 1))
        cases += [(a, sx, sw, sy, zp, dtype) for a in acc if int32(a)]
    with np.errstate(all="ignore"):
        expected = [RULES[profile](a, sx, sw, sy, zp, *limits(dtype)) for a, sx, sw, sy, zp, dtype in cases]
    answers = c_engine.ask(
        [requantization([a], sx, sw, sy, dtype(zp), profile=profile) for a, sx, sw, sy, zp, dtype in cases]
    )
    for answer, e, case in zip(answers, expected, cases, strict=True):
        if e is None:
            assert "unsupported" in answer, (case, answer)
        else:
            inside += 1
            assert "outputs" in answer and array(answer["outputs"][0]).tolist() == [e], (case, e, answer)
    assert inside > len(cases) / 4


def test_the_exact_rule_in_javascript(js_engine):
    g = np.random.default_rng(3)
    cases = []
    for _ in range(100 * MORE):
        sx, sw, sy, *tie = near_tie_scales(g)
        acc = [
            *tie,
            *(-t for t in tie),
            *(int(v) for v in g.integers(-(2**31), 2**31, 3)),
            *(int(v) for v in g.integers(-300, 300, 5)),
        ]
        cases.append((acc, sx, sw, sy, int(g.integers(-128, 128))))
    answers = js_engine.outputs([requantization(acc, sx, sw, sy, I8(zp)) for acc, sx, sw, sy, zp in cases])
    for y, (acc, sx, sw, sy, zp) in zip(answers, cases, strict=True):
        assert y.tolist() == [exact(a, sx, sw, sy, zp, -128, 127) for a in acc]


# ------------------------------------------------------------------- float steps, against Fraction, numpy, ml_dtypes

FORMATS = {
    "float16": (11, -24, 65504),
    "bfloat16": (8, -133, (2 - 2**-7) * 2.0**127),
    "float32": (24, -149, (2 - 2**-23) * 2.0**127),
}


def nearest(v, name):
    """A Fraction rounded half to even into a format: a Fraction, or ±inf."""
    precision, smallest, largest = FORMATS[name]
    if v == 0:
        return v
    order = abs(v.numerator).bit_length() - v.denominator.bit_length()
    order -= abs(v) < Fraction(2) ** order
    unit = Fraction(2) ** max(order - precision + 1, smallest)
    r = round(v / unit) * unit
    return r if abs(r) <= Fraction(largest) else math.copysign(math.inf, r)


def values_of(t):
    """Elements of a float tensor of the protocol as Fractions."""
    codes = array(t)
    if t["dtype"] == "bfloat16":
        codes = (codes.astype(np.uint32) << 16).view(F32)
    return [Fraction(float(v)) for v in codes.flat]


def random_floats(g, name, count, low, high):
    if name == "float16":
        low, high = max(low, -14), min(high, 15.9)
    v = (g.choice([-1, 1], count) * 2.0 ** g.uniform(low, high, count)).astype(F32)
    if name == "bfloat16":
        return tensor(v.view(np.uint32) >> 16, "bfloat16")
    return tensor(v.astype(name))


@pytest.mark.parametrize("precision", FORMATS)
def test_quantize_steps_against_fractions(c_engine, precision):
    g = np.random.default_rng(21)
    requests, expected = [], []
    for _ in range(40 * MORE):
        kind = str(g.choice([*FORMATS, "int32"]))
        if kind == "int32":
            x = tensor(np.concatenate([g.integers(-(2**31), 2**31, 10), g.integers(-70000, 70000, 10)]).astype(I32))
            numbers = [Fraction(int(v)) for v in array(x)]
        else:
            x = random_floats(g, kind, 20, -8, 17)
            numbers = values_of(x)
        scale = random_floats(g, str(g.choice(list(FORMATS))), 1, -8, 8)
        s = nearest(values_of(scale)[0], precision)
        row = []
        for v in numbers:
            c = nearest(v, precision)
            q = c * (1 if s > 0 else -1) if isinstance(c, float) else nearest(c / s, precision)
            row.append(
                int(np.clip(q, -32768, 32767)) if isinstance(q, float) else min(max(round(q) + 5, -32768), 32767)
            )
        expected.append(row)
        requests.append(
            request(
                "QuantizeLinear", [x, scale | {"shape": []}, tensor(np.int16(5))], 23, precision=DATATYPE[precision]
            )
        )
    for y, e, r in zip(c_engine.outputs(requests), expected, requests, strict=True):
        assert y.tolist() == e, r


@pytest.mark.parametrize("output", FORMATS)
def test_dequantize_steps_against_fractions(c_engine, output):
    g = np.random.default_rng(22)
    requests, expected = [], []
    for _ in range(40 * MORE):
        x = (
            g.integers(-(2**31), 2**31, 20).astype(I32)
            if g.random() < 0.5
            else g.integers(-32768, 32768, 20).astype(np.int16)
        )
        zero = np.int16(g.integers(-32768, 32768)) if x.dtype == np.int16 else I32(0)
        scale = random_floats(g, str(g.choice(list(FORMATS))), 1, -14, 14)
        s = nearest(values_of(scale)[0], output)
        row = [nearest(Fraction(int(v) - int(zero)), output) for v in x]
        expected.append([d * (1 if s > 0 else -1) if isinstance(d, float) else nearest(d * s, output) for d in row])
        requests.append(
            request(
                "DequantizeLinear", [tensor(x), scale | {"shape": []}, tensor(zero)], 23, output_dtype=DATATYPE[output]
            )
        )
    for a, e, r in zip(c_engine.ask(requests), expected, requests, strict=True):
        (t,) = a["outputs"]
        codes = array(t) if output != "bfloat16" else (array(t).astype(np.uint32) << 16).view(F32)
        assert t["dtype"] == output and [float(v) for v in codes] == [float(v) for v in e], r


def test_quantize_near_ties_against_numpy(engine):
    g = np.random.default_rng(23)
    requests, expected = [], []
    for _ in range(20 * MORE):
        s = F32(10.0 ** g.uniform(-3, 3))
        x = ((g.integers(-130, 130, 200) + 0.5) * float(s)).astype(F32)
        x = (x.view(I32) + g.integers(-2, 3, 200).astype(I32)).view(F32)
        requests.append(request("QuantizeLinear", [tensor(x), tensor(s), tensor(I8(-3))], 13))
        expected.append(np.clip(np.rint(x / s) - 3, -128, 127))
    assert any(
        (np.rint(np.float64(array(r["inputs"][0])) / float(array(r["inputs"][1]))) - 3 != e).any()
        for r, e in zip(requests, expected, strict=True)
    )
    for y, e in zip(engine.outputs(requests), expected, strict=True):
        assert (y == e).all()


def test_every_float16_against_numpy(c_engine):
    x = np.arange(65536, dtype=np.uint16).view(np.float16)
    x = x[~np.isnan(x)]
    for s in np.float16([0.3, 2**-24, 1000]):
        with np.errstate(all="ignore"):
            q = (x / s).astype(np.float64)
        expected = np.clip(np.rint(q) - 7, -32768, 32767)
        assert (c_engine.one("QuantizeLinear", [tensor(x), tensor(s), tensor(np.int16(-7))], 21) == expected).all()


FLOAT8 = {
    "float8e4m3fn": "float8_e4m3fn",
    "float8e4m3fnuz": "float8_e4m3fnuz",
    "float8e5m2": "float8_e5m2",
    "float8e5m2fnuz": "float8_e5m2fnuz",
}


@pytest.mark.parametrize("dtype", FLOAT8)
def test_float8_against_ml_dtypes(c_engine, dtype):
    ml_dtypes = pytest.importorskip("ml_dtypes")
    kind = np.dtype(getattr(ml_dtypes, FLOAT8[dtype]))
    largest = float(ml_dtypes.finfo(kind).max)
    g = np.random.default_rng(24)
    x = (g.choice([-1, 1], 3000 * MORE) * 2.0 ** g.uniform(-20, 20, 3000 * MORE)).astype(F32)
    every = np.arange(256, dtype=np.uint8).view(kind).astype(F32)
    every = np.sort(every[np.isfinite(every)])
    middle = (every[1:] + every[:-1]) / 2  # ties, and their neighbours
    x = np.concatenate(
        [
            x,
            every,
            middle,
            np.nextafter(middle, F32(np.inf)),
            np.nextafter(middle, F32(-np.inf)),
            F32([np.inf, -np.inf, np.nan]),
        ]
    )
    saturated = np.clip(x, -largest, largest).astype(kind)
    y = c_engine.one("QuantizeLinear", [tensor(x), ONE, tensor(0, dtype, [])], 24).view(kind)
    same = (y.view(np.uint8) == saturated.view(np.uint8)) | (np.isnan(y.astype(F32)) & np.isnan(x))
    assert same.all(), x[~same][:5]
    x = x[(abs(x) <= largest) | (abs(x) >= 2 * largest)]
    y = c_engine.one("QuantizeLinear", [tensor(x), ONE, tensor(0, dtype, [])], 19, saturate=0).view(kind)
    expected = x.astype(kind)
    same = (y.view(np.uint8) == expected.view(np.uint8)) | (np.isnan(y.astype(F32)) & np.isnan(expected.astype(F32)))
    assert same.all(), x[~same][:5]
    codes = np.arange(256, dtype=np.uint8)
    y = c_engine.one("DequantizeLinear", [tensor(codes, dtype), tensor(F32(0.3))], 19)
    with np.errstate(invalid="ignore"):
        assert np.array_equal(y, codes.view(kind).astype(F32) * F32(0.3), equal_nan=True)


def test_float4_against_ml_dtypes(c_engine):
    ml_dtypes = pytest.importorskip("ml_dtypes")
    x = np.concatenate([np.linspace(-8, 8, 641), np.random.default_rng(25).normal(size=500) * 3]).astype(F32)
    y = c_engine.one("QuantizeLinear", [tensor(x), ONE], 23, output_dtype=23)
    assert (y == np.clip(x, -6, 6).astype(ml_dtypes.float4_e2m1fn).view(np.uint8)).all()


# ---------------------------------------------------------------------------------------------- engine against engine


def test_javascript_agrees_with_c_on_attributes_of_every_opset(c_engine, js_engine):
    g = np.random.default_rng(31)
    requests = []
    for _ in range(200 * MORE):
        opset = int(g.choice([10, 13, 19, 21, 23, 24, 25]))
        attributes = {
            k: int(v)
            for k, v in (
                ("axis", g.integers(-3, 3)),
                ("saturate", g.integers(2)),
                ("block_size", 0),
                ("precision", g.integers(2)),
                ("output_dtype", g.choice([0, 2, 3, 5, 21, 22])),
            )
            if g.random() < 0.2
        }
        shape = g.integers(1, 4, 2)
        kind = str(g.choice(["int8", "uint8", "int4", "uint4", "int16"]))
        per = [[], [int(shape[1])], [int(shape[0])]][g.integers(3)]
        zero = [tensor(g.integers(0, 8, per), kind)] if g.random() < 0.6 else []
        scale = tensor(g.uniform(0.1, 2, per).astype(F32))
        if g.random() < 0.5:
            x = g.normal(size=shape) * 50
            requests.append(
                request(
                    "QuantizeLinear",
                    [tensor(x.astype(F32) if g.random() < 0.7 else x.astype(I32)), scale, *zero],
                    opset,
                    **attributes,
                )
            )
        else:
            requests.append(
                request("DequantizeLinear", [tensor(g.integers(0, 8, shape), kind), scale, *zero], opset, **attributes)
            )
    answered = 0
    for a, b, r in zip(c_engine.ask(requests), js_engine.ask(requests), requests, strict=True):
        if "outputs" in a:
            answered += 1
            assert a == b, r
        else:
            assert "outputs" not in b, r
    assert answered > 20 * MORE


def test_python_agrees_with_c(c_engine, py_engine):
    g = np.random.default_rng(32)
    requests = []
    for _ in range(50 * MORE):
        requests.append(
            request(
                "QuantizeLinear",
                [
                    tensor((g.normal(size=[2, 3]) * 100).astype(F32)),
                    tensor(F32(g.uniform(0.3, 2))),
                    tensor(I8(g.integers(-9, 9))),
                ],
            )
        )
        a, b = g.integers(0, 256, [3, 4]).astype(U8), g.integers(-128, 128, [4, 2]).astype(I8)
        requests.append(
            request("MatMulInteger", [tensor(a), tensor(b), *[tensor(U8(7)), tensor(I8(-3))][: g.integers(3)]])
        )
        requests.append(
            requantization(g.integers(-999, 999, [2, 3]), 0.5, g.uniform(0.1, 1, [[], [3]][g.integers(2)]), 0.3, U8(9))
        )
    assert c_engine.ask(requests) == py_engine.ask(requests)
