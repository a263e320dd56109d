"""Mends what stands between Bochs 3.0 and a Linux program that uses AMX; run in the unpacked source.

Seen while this tool was made, each against Intel's manual (volumes 1 and 2, XFD: volume 1, 13.14). Exit code 1 where a
text is not found: then the source is of another release, and each point is to be looked at again.
"""

import sys
from pathlib import Path

DISABLED = """  if (BX_CPU_THIS_PTR msr.ia32_xfd) {
    BX_CPU_THIS_PTR msr.ia32_xfd_err = BX_CPU_THIS_PTR msr.ia32_xfd;
    exception(BX_NM_EXCEPTION, 0);
  }
"""

EDITS: list[tuple[str, str, str, int]] = [
    # Linux enables tiles only on a processor with XFD: two registers, their place in CPUID, and the fault of a tile
    # instruction while it is disabled.
    ("cpu/cpu.h", "  Bit64u ia32_xss;\n", "  Bit64u ia32_xss;\n  Bit64u ia32_xfd, ia32_xfd_err;\n", 1),
    (
        "cpu/init.cc",
        "msr.ia32_xss = 0;\n",
        "msr.ia32_xss = 0;\n  BX_CPU_THIS_PTR msr.ia32_xfd = BX_CPU_THIS_PTR msr.ia32_xfd_err = 0;\n",
        1,
    ),
    (
        "cpu/cpuid.cc",
        "leaf->eax |= (1<<3);\n\n    // EBX[31:00]",
        "leaf->eax |= (1<<3);\n    if (is_cpu_extension_supported(BX_ISA_AMX))\n"
        "      leaf->eax |= (1<<4);\n\n    // EBX[31:00]",
        1,
    ),
    (
        "cpu/cpuid.cc",
        "(1 << subfunction)) != 0;\n",
        "(1 << subfunction)) != 0;\n      if (subfunction == xcr0_t::BX_XCR0_XTILEDATA_BIT) leaf->ecx |= (1<<2);\n",
        1,
    ),
    (
        "cpu/msr.cc",
        '("MSR_IA32_XSS", BX_ISA_XSAVES);\n',
        '("MSR_IA32_XSS", BX_ISA_XSAVES);\n'
        '  msr_desc[BX_MSR_IA32_XFD] = new MSR_Descriptor("MSR_IA32_XFD", BX_ISA_AMX);\n'
        '  msr_desc[BX_MSR_IA32_XFD_ERROR] = new MSR_Descriptor("MSR_IA32_XFD_ERROR", BX_ISA_AMX);\n',
        1,
    ),
    (
        "cpu/msr.cc",
        "      val64 = BX_CPU_THIS_PTR msr.ia32_xss;\n      break;\n",
        "      val64 = BX_CPU_THIS_PTR msr.ia32_xss;\n      break;\n"
        "    case BX_MSR_IA32_XFD: val64 = BX_CPU_THIS_PTR msr.ia32_xfd; break;\n"
        "    case BX_MSR_IA32_XFD_ERROR: val64 = BX_CPU_THIS_PTR msr.ia32_xfd_err; break;\n",
        1,
    ),
    (
        "cpu/msr.cc",
        "        BX_CPU_THIS_PTR msr.ia32_xss = val_64;\n        break;\n      }\n",
        "        BX_CPU_THIS_PTR msr.ia32_xss = val_64;\n        break;\n      }\n"
        "    case BX_MSR_IA32_XFD:\n    case BX_MSR_IA32_XFD_ERROR:\n"
        "      if (val_64 & ~(Bit64u(1) << xcr0_t::BX_XCR0_XTILEDATA_BIT)) return false;\n"
        "      (index == BX_MSR_IA32_XFD ? BX_CPU_THIS_PTR msr.ia32_xfd : BX_CPU_THIS_PTR msr.ia32_xfd_err) = val_64;\n"
        "      break;\n",
        1,
    ),
    (
        "cpu/avx/amx.cc",
        "  // #UD if TILES_CONFIGURED == 0\n  // #UD if src are not valid tile\n",
        DISABLED + "  // #UD if TILES_CONFIGURED == 0\n  // #UD if src are not valid tile\n",
        1,
    ),
    (
        "cpu/avx/amx.cc",
        "::TILEZERO_Tnnn(bxInstruction_c *i)\n{\n",
        "::TILEZERO_Tnnn(bxInstruction_c *i)\n{\n" + DISABLED,
        1,
    ),
    # The state of the tiles, saved and restored: rows and bytes were exchanged, rows 8 to 15 left out, and tiles in
    # use taken for unused ones.
    (
        "cpu/xsave.cc",
        "vmm16u(8+n)    = BX_CPU_THIS_PTR amx->tilecfg[n].rows",
        "vmm16u(8+n)    = BX_CPU_THIS_PTR amx->tilecfg[n].bytes",
        1,
    ),
    (
        "cpu/xsave.cc",
        "vmmubyte(48+n) = BX_CPU_THIS_PTR amx->tilecfg[n].bytes_per_row",
        "vmmubyte(48+n) = BX_CPU_THIS_PTR amx->tilecfg[n].rows",
        1,
    ),
    ("cpu/xsave.cc", "amx->tilecfg[n].bytes;", "amx->tilecfg[n].bytes_per_row;", 1),
    ("cpu/xsave.cc", "row < BX_TILE_REGISTERS;", "row < BX_TILE_MAX_ROWS;", 2),
    ("cpu/xsave.cc", "tile_use_tracker == 0", "tile_use_tracker != 0", 1),
    (
        "cpu/avx/amx.h",
        "AMX(): palette_id(0), start_row(0)",
        "AMX(): palette_id(0), start_row(0), tile_use_tracker(0)",
        1,
    ),
    # In the compact format a component takes its place also where it is not asked for.
    (
        "cpu/xsave.cc",
        "          offset += xsave_restore[feature].len;\n      }\n",
        "          offset += xsave_restore[feature].len;\n      }\n"
        "      else if (format & feature_mask) offset += xsave_restore[feature].len;\n",
        1,
    ),
    # The sum of two products of words takes 33 bits before it is saturated.
    ("cpu/simd_vnni.h", "dst->xmm32s(n) + (p1_dword + p2_dword)", "dst->xmm32s(n) + p1_dword + p2_dword", 3),
    # Changed code that went on running as it was: with AMX the cache of instructions is ordered by eight bits of the
    # mode, one more than a line's seven; an instruction on two pages stays cached while the second is mapped anew;
    # and an entry whose instructions were thrown away is no entry.
    ("cpu/icache.h", "if (line_mask > mask) break;", "if ((line_mask >> 1) > mask) break;", 1),
    (
        "cpu/icache.h",
        "  BX_CPP_INLINE bool breakLinks()\n  {\n",
        "  BX_CPP_INLINE bool breakLinks()\n  {\n"
        "    for (unsigned n=0; n < BX_ICACHE_PAGE_SPLIT_ENTRIES; n++) {\n"
        "      if (pageSplitIndex[n].ppf == BX_ICACHE_INVALID_PHY_ADDRESS) continue;\n"
        "      pageSplitIndex[n].ppf = BX_ICACHE_INVALID_PHY_ADDRESS;\n"
        "      flushSMC(pageSplitIndex[n].e);\n"
        "    }\n",
        1,
    ),
    (
        "cpu/cpu.cc",
        "  if (entry == NULL)\n  {\n    // iCache miss. No",
        "  if (entry && ! entry->i->ilen()) entry = NULL;\n  if (entry == NULL)\n  {\n    // iCache miss. No",
        1,
    ),
]


def sign_products(text: str) -> str:
    """The products of AMX-INT8 by the signs in their names: Bochs takes all bytes for unsigned ones."""
    for name, signed in {"DPBDSS": "xy", "DPBDSU": "x", "DPBDUS": "y"}.items():
        begin = text.index(f"BX_CPP_INLINE Bit32u {name}(")
        end = text.index("\n}\n", begin)
        body = text[begin:end]
        for operand in signed:
            body = body.replace(f"const Bit8u {operand}byte[4]", f"const Bit8s {operand}byte[4]")
            body = body.replace(f"Bit8u({operand}", f"Bit8s({operand}").replace(
                f"Bit8u(({operand}", f"Bit8s(({operand}"
            )
            body = body.replace(f"Bit32u({operand}byte", f"Bit32s({operand}byte")
        text = text[:begin] + body + text[end:]
    return text


def main() -> int:
    for name, old, new, times in EDITS:
        file = Path(name)
        text = file.read_text(encoding="latin-1")
        if text.count(old) != times:
            print(f"{name}: not the text of Bochs 3.0, no place for: {new.strip()}", file=sys.stderr)
            return 1
        file.write_text(text.replace(old, new), encoding="latin-1")
    products = Path("cpu/avx/amx.cc")
    products.write_text(sign_products(products.read_text(encoding="latin-1")), encoding="latin-1")
    return 0


if __name__ == "__main__":
    sys.exit(main())
