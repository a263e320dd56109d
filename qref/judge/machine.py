"""The machine a run was made on: engines choose kernels by what the CPU has."""

import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path

# /proc/cpuinfo's names and the ones people use, what quantized kernels are chosen by
FEATURES = {
    "avx2": "AVX2",
    "fma": "FMA",
    "avx512f": "AVX-512",
    "avx512_vnni": "VNNI",
    "avx512_vpopcntdq": "VPOPCNTDQ",
    "avx_vnni": "AVX-VNNI",
    "avx512_bf16": "BF16",
    "amx_int8": "AMX-INT8",
    "asimd": "NEON",
    "asimddp": "dot product",
    "i8mm": "I8MM",
    "sve": "SVE",
}

WIDEST = ("AMX-INT8", "AVX-512", "VNNI", "AVX-VNNI", "I8MM", "dot product", "SVE")


@dataclass(frozen=True)
class Machine:
    """CPU name, the features that kernels are chosen by, and the number of usable threads."""

    cpu: str
    features: tuple[str, ...]
    threads: int
    architecture: str

    @property
    def short(self) -> str:
        """The architecture and the widest features: x86-64 AVX-512 VNNI."""
        shown = [name for name in WIDEST if name in self.features]
        plain = [name for name in ("AVX2", "NEON") if name in self.features]
        return " ".join([self.architecture, *(shown or plain)])


def this_machine() -> Machine:
    """What can be found out about this machine; unknown parts are empty."""
    architecture = platform.machine().replace("_", "-") or "unknown"
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    cpu, flags = _linux() if Path("/proc/cpuinfo").exists() else _macos()
    features = tuple(name for flag, name in FEATURES.items() if flag in flags)
    return Machine(cpu or platform.processor() or architecture, features, threads, architecture)


def _linux() -> tuple[str, set[str]]:
    entries: dict[str, str] = {}
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            entries.setdefault(name.strip(), value.strip())
    except OSError:
        return "", set()
    # under qemu-user the file is the host's: x86's flags are not those of an ARM machine
    flags = "flags" if platform.machine() in ("x86_64", "AMD64", "i686") else "Features"
    return entries.get("model name", ""), set(entries.get(flags, "").split())


def _macos() -> tuple[str, set[str]]:
    """sysctl's name of the CPU; an Apple one has NEON with dot product."""
    try:
        answer = subprocess.run(["sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True, timeout=5)
    except (OSError, subprocess.TimeoutExpired):
        return "", set()
    return answer.stdout.strip(), {"asimd", "asimddp"} if platform.machine() == "arm64" else set()
