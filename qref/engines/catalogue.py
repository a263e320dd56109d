"""The engines that can be judged, and how each is started."""

import os
import shlex
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from qref.engines import versions
from qref.engines.session import Command
from qref.errors import UsageError


@dataclass(frozen=True)
class Adapter:
    """An engine that qref starts itself.

    `module` is the adapter, `needs` the modules it imports, `distributions` what brings them (the first one's version
    is the engine's), `extra` the extra of qref that installs them, "" where nothing is needed.
    """

    name: str
    module: str
    about: str
    needs: tuple[str, ...] = ()
    distributions: tuple[str, ...] = ()
    extra: str = ""


ADAPTERS = {
    adapter.name: adapter
    for adapter in (
        Adapter("reference", "qref.engines.reference", "qref's reference implementation"),
        Adapter(
            "numba", "qref.engines.numba_engine", "qref's fast paths", ("numba",), ("numba", "llvmlite"), extra="fast"
        ),
        Adapter(
            "onnxruntime",
            "qref.engines.onnxruntime_engine",
            "ONNX Runtime's CPU kernels",
            ("onnxruntime", "onnx"),
            ("onnxruntime", "onnx"),
            extra="onnxruntime",
        ),
        Adapter(
            "onnx-reference",
            "qref.engines.onnx_reference_engine",
            "the onnx package's own evaluator",
            ("onnx", "ml_dtypes"),
            ("onnx", "ml_dtypes"),
            extra="models",
        ),
    )
}


@dataclass(frozen=True)
class Listed:
    """One row of `qref engines`."""

    name: str
    about: str
    installed: bool
    version: str
    megabytes: float
    command: str


def command_of(engine: str) -> Command:
    """How `engine`, an adapter's name or cmd:PROGRAM ARGS, is started.

    Raises:
        UsageError: there is no such engine, or the command is empty or wrongly quoted.
    """
    if engine.startswith("cmd:"):
        return Command(engine, _split(engine[len("cmd:") :]))
    if engine not in ADAPTERS:
        raise UsageError(
            f"no engine {engine!r}: there are {', '.join(ADAPTERS)}, cmd:PROGRAM ARGS for a program that speaks the"
            " protocol, and answers:FILE for answers made elsewhere"
        )
    module = ADAPTERS[engine].module
    # -P: a numpy.py in the current folder must not become the child's
    return Command(engine, [sys.executable, "-P", "-m", module], _environment())


def listing() -> list[Listed]:
    """Every adapter with what is installed of it."""
    return [_listed(adapter) for adapter in ADAPTERS.values()]


def _listed(adapter: Adapter) -> Listed:
    installed = all(find_spec(module) is not None for module in adapter.needs)
    version = versions.version(adapter.distributions[0]) if adapter.distributions else versions.qref_version()
    size = sum(versions.size(distribution) for distribution in adapter.distributions)
    command = versions.install_command(adapter.extra) if adapter.extra else "comes with qref"
    return Listed(adapter.name, adapter.about, installed, (installed and version) or "", size / 1e6, command)


def _split(command: str) -> list[str]:
    try:
        arguments = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"cmd:{command} is wrongly quoted: {error}") from None
    if not arguments:
        raise UsageError("cmd: needs a program: cmd:PROGRAM ARGS")
    return arguments


def _environment() -> dict[str, str]:
    """The environment in which a child Python finds this very qref, installed or not."""
    home = str(Path(__file__).resolve().parents[2])
    path = os.environ.get("PYTHONPATH")
    return dict(os.environ) | {"PYTHONPATH": f"{path}{os.pathsep}{home}" if path else home}
