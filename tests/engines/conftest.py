"""Engines that misbehave: small scripts without any package, which answer well but for one request."""

import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from qref.engines.session import Command
from qref.numerics.tensor import tensor
from qref.ops.request import Request

GOOD, BAD, LAST = 1, 2, 3  # the ids asked; BAD is the one at which the engine misbehaves

SCRIPT = """
import json, os, signal, subprocess, sys, time
def say(text):
    sys.stdout.write(text); sys.stdout.flush()
def answer(number, tensor={"dtype": "int8", "shape": [1], "data": "BQ=="}):
    say(json.dumps({"id": number, "outputs": [tensor]}) + "\\n")
def hello():
    say('{"id": 0, "protocol": 1, "name": "hostile", "version": "1"}\\n')
{before}
for line in sys.stdin:
    request = json.loads(line)
    if request["op"] == "Hello":
        {hello}
        continue
    number = request["id"]
    if number == 2:
        {bad}
    else:
        answer(number)
{after}
"""


@pytest.fixture
def engine(tmp_path: Path) -> Callable[..., Command]:
    """Makes the command of an engine that does `bad` at the request BAD."""

    def make(bad: str = "answer(number)", *, before: str = "", hello: str = "hello()", after: str = "") -> Command:
        script = tmp_path / "engine.py"
        text = SCRIPT
        for name, code in (("before", before), ("hello", hello), ("bad", bad), ("after", after)):
            text = text.replace("{" + name + "}", code)
        script.write_text(text, encoding="utf-8")
        arguments = [sys.executable, "-I", "-S", str(script)]
        return Command("cmd:" + shlex.join(arguments), arguments)

    return make


@pytest.fixture
def request_() -> Request:
    """A request of a few hundred bytes; its content does not matter to the engines here."""
    return Request("QuantizeLinear", "", 10, {}, (tensor([1.0], "float32"), tensor(0.2, "float32"), tensor(0, "int8")))
