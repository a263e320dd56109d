"""AMX's tiles: Linux gives a process their 8 KiB of registers only on request."""

import ctypes
import platform
import sys
from functools import cache

ARCH_PRCTL = 158
ARCH_REQ_XCOMP_PERM = 0x1023
XTILEDATA = 18


@cache
def given() -> bool:
    """Whether this process may use tiles. Asks for them, for all its threads and what it forks; False where refused.

    Without it the first load of a tile ends the process. Only Linux on x86-64 is known how to be asked.
    """
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return False
    return bool(ctypes.CDLL(None).syscall(ARCH_PRCTL, ARCH_REQ_XCOMP_PERM, XTILEDATA) == 0)
