# shellcheck shell=sh
# What the tools share; sourced as `. "$(dirname "$0")/lib.sh"` by a script in tools/ (another one sets tools_dir before)

root=$(CDPATH='' cd -- "${tools_dir:-$(dirname -- "$0")}/.." && pwd)
cd "$root" || exit 1
mkdir -p build
started=$(date +%s)

say() { printf '%s\n' "troupe: $*"; }
die() { printf '%s\n' "troupe: $*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
seconds() { echo $(($(date +%s) - started)); }
jobs() { echo "${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc 2>/dev/null || echo 2)}"; }

# need WHAT:PACKAGE...: WHAT is a program or an absolute path (shell patterns allowed). Installs the packages of what is
# missing, in one call; asks nothing. Without apt it names them and goes on: the build will say what it really lacks.
need() {
    need_packages=''
    for need_pair in "$@"; do
        need_what=${need_pair%:*}
        case $need_what in
        /*) for need_file in $need_what; do [ -e "$need_file" ] && continue 2; done ;;
        *) have "$need_what" && continue ;;
        esac
        need_packages="$need_packages ${need_pair##*:}"
    done
    [ -n "$need_packages" ] || return 0
    if ! have apt-get; then
        say "missing, and there is no apt here to install it:$need_packages (Debian's names); going on without"
        return 0
    fi
    need_sudo=''
    if [ "$(id -u)" -ne 0 ]; then
        have sudo || { say "missing:$need_packages; run as root, or install sudo"; return 1; }
        need_sudo='sudo'
    fi
    say "installing:$need_packages"
    # shellcheck disable=SC2086  # lists of words
    if ! { $need_sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $need_packages ||
        { $need_sudo env DEBIAN_FRONTEND=noninteractive apt-get update &&
            $need_sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $need_packages; }; } \
        >build/install.log 2>&1 </dev/null; then
        tail -n 15 build/install.log
        say "installing failed; the whole log is build/install.log"
        return 1
    fi
}

compiler_major() { "$1" -dumpversion 2>/dev/null | cut -d. -f1; }

# Sets `gxx` to a g++ of at least 12: the default one, or a numbered one, installed if need be.
find_gxx() {
    need g++:g++ || return 1
    gxx=g++
    if [ "$(compiler_major g++ || echo 0)" -ge 12 ] 2>/dev/null; then return 0; fi
    for gxx in g++-14 g++-13 g++-12; do have $gxx && break; done
    need $gxx:$gxx || return 1
    have $gxx || { say "g++ 12 or newer is needed; this machine has $(g++ -dumpversion 2>/dev/null || echo none)"; return 1; }
    say "the default g++ is too old ($(g++ -dumpversion)); taking $gxx"
}

# Sets `cxx`: $CXX if the caller has one, else g++ 12 or newer.
find_cxx() {
    if [ -n "${CXX:-}" ]; then
        cxx=$CXX
        have "${cxx%% *}" || { say "CXX is '$CXX', which is not here"; return 1; }
    else
        find_gxx || return 1
        cxx=$gxx
    fi
}

# tool NAME: builds tools/src/NAME.cpp into build/tools/NAME when it is newer; sets `tool_path`.
tool() {
    tool_path=$root/build/tools/$1
    if [ -x "$tool_path" ] && [ -z "$(find tools/src -newer "$tool_path" -name '*pp')" ]; then return 0; fi
    find_cxx || return 1
    mkdir -p build/tools
    say "building $1 (tools/src/$1.cpp)"
    # shellcheck disable=SC2086  # CXX may carry flags
    $cxx -std=c++20 -O1 -Wall -Wextra -o "$tool_path.$$" "tools/src/$1.cpp" && mv -f "$tool_path.$$" "$tool_path"
}

# configure NAME CXX BUILD_TYPE FLAGS CMAKE_ARGS...: CMake for build/NAME.
configure() {
    configure_name=$1 configure_cxx=$2 configure_type=$3 configure_flags=$4
    shift 4
    # Another compiler means a new tree: CMake itself would go on without the build type.
    configure_mark=build/$configure_name/compiler.txt
    if [ -e "build/$configure_name" ] && [ "$(cat "$configure_mark" 2>/dev/null)" != "$configure_cxx" ]; then
        rm -rf "build/$configure_name"
    fi
    mkdir -p "build/$configure_name"
    echo "$configure_cxx" >"$configure_mark"
    configure_generator=''
    if [ ! -f "build/$configure_name/CMakeCache.txt" ] && have ninja; then configure_generator=-GNinja; fi
    # shellcheck disable=SC2086  # empty or one word
    cmake -S . -B "build/$configure_name" $configure_generator -DCMAKE_BUILD_TYPE="$configure_type" \
        -DCMAKE_CXX_COMPILER="$configure_cxx" -DCMAKE_CXX_FLAGS="$configure_flags" "$@"
}

groups_all() { echo "unit;conformance;adapter;headers;compile_fail;thread_safety;stress;budget;single_header;install;docs;examples;tools"; }

# suite DIR CTEST_ARGS...: builds what is configured in DIR and runs its tests. Sets `passed`, `failed`, `skipped`
# from ctest's own report; a build that fails counts as one failure. Returns non-zero if anything failed.
suite() {
    suite_dir=$1
    shift
    passed=0 failed=0 skipped=0
    if ! cmake --build "$suite_dir" --parallel "$(jobs)"; then
        say "the build in $suite_dir failed; no test was run"
        failed=1
        return 1
    fi
    rm -f "$suite_dir/ctest.xml"
    suite_status=0
    ctest --test-dir "$suite_dir" --parallel "$(jobs)" --output-on-failure --output-junit ctest.xml "$@" || suite_status=$?
    count_junit "$suite_dir/ctest.xml"
    if [ "$suite_status" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
    [ "$failed" -eq 0 ]
}

# Reads the counts of a ctest JUnit file into passed, failed, skipped. What did not run although it should, failed.
count_junit() {
    if [ ! -f "$1" ]; then return 0; fi
    # shellcheck disable=SC2046  # three numbers
    set -- $(awk '
        /^[ \t]*<testcase / { all++; if (/status="run"/) ran++; else if (/status="disabled"/) off++ }
        /^[ \t]*<skipped message="SKIP_/ { off++ }
        END { print ran + 0, all - ran - off, off + 0 }' "$1")
    passed=$1 failed=$2 skipped=$3
}
