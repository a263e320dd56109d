# A Debian tree in a folder, for a processor that this machine is not: sourced by tools/arm64/run and tools/s390x/run,
# whose programs qemu-user runs, and by tools/x86/run. They set `name`, `cpu`, `architecture`, `debs`, `environment` and
# `checks`.
#
# Everything is fetched by the host: debootstrap by its mirror, wheels by its pip. The tree itself needs no network, and
# nothing of the host's configuration is copied into it.

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
root=${XDG_CACHE_HOME:-$HOME/.cache}/qref/$name
suite=
mirror=
working_tree=
chosen=()
rows=()
failed=()

stop() { # stop MESSAGE…: one line a message, exit code 2
    printf '%s\n' "$@" | sed "1s|^|tools/$name/run: |" >&2
    exit 2
}

arguments() { # arguments "$@"
    while (($#)); do
        case $1 in
            --root) root=${2:?--root needs a folder}; shift ;;
            --mirror) mirror=${2:?--mirror needs a URL}; shift ;;
            --suite) suite=${2:?--suite needs a release of Debian}; shift ;;
            --working-tree) working_tree=1 ;;
            -h | --help) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; exit 0 ;;
            -*) stop "no option $1; --help lists them" ;;
            *) [[ " ${checks[*]} " == *" $1 "* ]] || stop "no check $1; there are ${checks[*]}"; chosen+=("$1") ;;
        esac
        shift
    done
    ((${#chosen[@]})) || chosen=("${checks[@]}")
}

tools() { # tools PACKAGE=COMMAND…: what the host must have beside debootstrap; sets `tree`
    local needed missing=()
    for needed in debootstrap=debootstrap "$@"; do
        command -v "${needed#*=}" >/dev/null || missing+=("${needed%%=*}")
    done
    ((${#missing[@]} == 0)) || stop "${missing[*]} not installed: apt-get install ${missing[*]}"
    ((EUID == 0)) || stop "debootstrap makes a tree as root only: run this with sudo"
    mkdir -p "$root/logs" || stop "no folder can be made at $root: --root names another"
    root=$(cd "$root" && pwd)
    tree=$root/tree
    exec 9>"$root/lock" && flock -n 9 || stop "another run uses $root; --root names another folder"
}

runner() { # sets `runner`: how the kernel runs the other machine's programs, those that they start included
    local handler=/proc/sys/fs/binfmt_misc/qemu-$cpu rule=/usr/lib/binfmt.d/qemu-$cpu.conf
    if [[ ! -e $handler && -e $rule ]]; then # as Debian does at boot, where a service manager runs
        [[ -e /proc/sys/fs/binfmt_misc/register ]] || mount -t binfmt_misc none /proc/sys/fs/binfmt_misc 2>/dev/null
        tr -d '\n' <"$rule" 2>/dev/null >/proc/sys/fs/binfmt_misc/register
    fi
    if grep -q '^enabled' "$handler" 2>/dev/null && grep -q '^flags:.*F' "$handler"; then
        runner=binfmt
    elif command -v proot >/dev/null; then
        runner=proot
    else
        stop "the kernel does not run programs of $cpu (binfmt_misc), and there is no proot in its place:" \
            "apt-get install proot"
    fi
}

inside() { # inside TREE COMMAND…: the command in the tree, with a clean environment; folders mounted for it alone
    local where=$1
    shift
    local clean=(env -i PATH=/opt/venv/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
        DEBIAN_FRONTEND=noninteractive ${environment[@]+"${environment[@]}"})
    if [[ $runner == binfmt ]]; then
        unshare --mount bash -c 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec "$@"' "$where" \
            "${clean[@]}" "$(command -v chroot)" "$where" "$@"
    else
        "${clean[@]}" "$(command -v proot)" -q "qemu-$cpu-static" -r "$where" -b /dev -b /proc -0 -w / "$@"
    fi
}

in_checkout() { # in_checkout COMMAND…
    inside "$tree" /bin/sh -c 'cd /src/qref && exec "$@"' sh "$@"
}

host_mirror() { # the mirror that the host's apt has Debian from; nothing where it has none: then debootstrap's own
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Component: main' 2>/dev/null |
        head -1 | sed 's|/*$||'
}

make_tree() { # of `debs` and what they depend on; a tree made of the same is used again
    local made
    suite=${suite:-$(cut -d' ' -f1 "$tree/etc/made-of" 2>/dev/null)}
    suite=${suite:-trixie}
    made="$suite $debs"
    [[ $made != "$(cat "$tree/etc/made-of" 2>/dev/null)" ]] || return 0
    local index part=$root/tree.part script=/usr/share/debootstrap/scripts/$suite
    [[ -e $script ]] || script=/usr/share/debootstrap/scripts/sid # a release newer than debootstrap
    [[ -n $mirror ]] || mirror=$(host_mirror)
    rm -rf --one-file-system "$part"
    debootstrap --foreign --arch="$architecture" --variant=minbase --include="$debs" "$suite" "$part" \
        ${mirror:+"$mirror"} "$script" || return
    # The second stage reads the index of all packages again, under qemu: minutes, unless it is made short.
    for index in "$part"/var/lib/apt/lists/*_Packages; do
        awk 'NR == FNR { kept[$1]; next } /^Package: / { on = $2 in kept } on' "$part/debootstrap/debpaths" "$index" \
            >"$index.short" && mv "$index.short" "$index" || return
    done
    inside "$part" /debootstrap/debootstrap --second-stage || return
    rm -rf "$part"/var/cache/apt/archives/*.deb "$part"/var/lib/apt/lists/*
    echo "$made" >"$part/etc/made-of"
    rm -rf --one-file-system "$tree" && mv "$part" "$tree"
}

wheels() { # wheels PLATFORM… -- REQUIREMENT…: into /wheels of the tree, by the host's pip, for the tree's Python
    local python platforms=()
    python=$(basename "$(readlink "$tree/usr/bin/python3")")
    while [[ $1 != -- ]]; do
        platforms+=(--platform "$1")
        shift
    done
    shift
    python3 -m pip download --quiet --dest "$tree/wheels" --only-binary :all: --implementation cp \
        --python-version "${python#python}" "${platforms[@]}" "$@"
}

requirements() { # requirements EXTRA…: what pyproject.toml asks for, and for these extras
    python3 - "$repository/pyproject.toml" "$@" <<'PYTHON'
import sys, tomllib
from pathlib import Path

project = tomllib.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["project"]
lists = [project["dependencies"], *(project["optional-dependencies"][extra] for extra in sys.argv[2:])]
print(*(line for lines in lists for line in lines), sep="\n")
PYTHON
}

make_checkout() { # /src/qref: the last commit, or the work tree with what is not committed
    local new=$tree/src/new
    rm -rf --one-file-system "$new" && mkdir -p "$new" "$tree/var/cache/qref" || return
    if [[ -n $working_tree ]]; then
        git -C "$repository" ls-files -z --cached --others --exclude-standard |
            (cd "$repository" && while IFS= read -r -d '' file; do [[ ! -e $file ]] || printf '%s\0' "$file"; done) |
            tar -C "$repository" --null -T - -c | tar -C "$new" --no-same-owner -x || return
        git -C "$repository" describe --always --dirty --exclude '*' >"$new/.commit"
    else
        git -C "$repository" archive HEAD | tar -C "$new" --no-same-owner -x || return
        git -C "$repository" rev-parse --short HEAD >"$new/.commit"
    fi
    # One time for all, so that compiled code is found again where no source has changed.
    find "$new" -type f -exec touch -h -d 2020-01-01 {} +
    rm -rf --one-file-system "$tree/src/qref" && mv "$new" "$tree/src/qref"
}

python_versions() { # the rows of what is the tree's Python and of what is installed there
    inside "$tree" /opt/venv/bin/python - <<'PYTHON'
import platform, sys
from importlib import metadata

print(f"| Python | {platform.python_version()}, {sys.byteorder}-endian |")
for name in ("numpy", "scipy", "numba", "llvmlite", "hypothesis", "pytest"):
    try:
        print(f"| {name} | {metadata.version(name)} |")
    except metadata.PackageNotFoundError:
        pass
PYTHON
}

versions() { # prints what runs on what; the rows of a table
    printf '| qref | %s |\n' "$(cat "$tree/src/qref/.commit")"
    printf '| Debian | %s, %s |\n' "$(cat "$tree/etc/debian_version")" "$architecture"
    python_versions
    printf '| qemu | %s, %s%s |\n' "$("qemu-$cpu-static" --version | sed -n '1s/.*version \([^ ]*\).*/\1/p')" "$runner" \
        "$(printf '%s\n' ${environment[@]+"${environment[@]}"} | sed -n 's/^QEMU_CPU=/, processor /p')"
    printf '| uname | %s |\n' "$(inside "$tree" uname -srm)"
    printf '| host | %s |\n' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)"
}

stage() { # stage NAME COMMAND…: runs it, with its log and its seconds
    local title=$1 begin=$SECONDS result
    shift
    echo "=== $title"
    if "$@" 2>&1 | tee "$root/logs/$title.log"; [[ ${PIPESTATUS[0]} -eq 0 ]]; then result=holds; else
        result=FAILED
        failed+=("$title")
    fi
    echo "--- $title: $result, $((SECONDS - begin)) s"
    rows+=("| $title | $result | $((SECONDS - begin)) |")
}

needed() { # needed NAME COMMAND…: a stage that all others stand on; quick where nothing has changed
    stage "$@"
    ((${#failed[@]} == 0)) || stop "stopped at ${failed[*]}: $root/logs/${failed[*]}.log"
}

check() { # check NAME COMMAND…: a stage, where it was chosen
    [[ " ${chosen[*]} " != *" $1 "* ]] || stage "$@"
}

closing() { # the table of all stages, and the exit code
    printf '\n| stage | result | seconds |\n|---|---|---:|\n'
    printf '%s\n' "${rows[@]}"
    ((${#failed[@]} == 0)) || stop "failed: ${failed[*]}; logs in $root/logs"
}
