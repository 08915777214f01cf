#!/bin/sh
# unmeasured.sh ROOT COMPILER: a system without a metrics sink pays nothing for metrics where messages are sent. One
# translation unit is built with the shipped headers and with a copy from which every call that tells a number is taken
# out; the machine code of the functions that send and submit must be the same. Then such a call is put into a copy, and
# the difference must be seen.
set -eu
root=$1 compiler=$2
command -v objdump >/dev/null 2>&1 || { echo 'objdump is not here (Debian: binutils)'; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

cat >"$dir/unit.cpp" <<'END'
#include "troupe/troupe.hpp"
struct message { long n; };
struct target {
    using protocol = troupe::protocol<void(message), long(int)>;
    void on(message) {}
    long on(int) { return 0; }
};
namespace troupe::inline TROUPE_ABI::detail {
template submitted send<bounded_mailbox<1024>>(cell&, node&, worker&) noexcept;
template submitted send<unbounded_mailbox>(cell&, node&, worker&) noexcept;
template submitted send<bounded_mailbox<8, overflow::drop_oldest>>(cell&, node&, worker&) noexcept;
template submitted submit<bounded_mailbox<1024>>(cell&, node&, worker*, send_mode) noexcept;
template submitted submit<unbounded_mailbox>(cell&, node&, worker*, send_mode) noexcept;
template submitted submit<bounded_mailbox<8, overflow::drop_oldest>>(cell&, node&, worker*, send_mode) noexcept;
}
void by_a_user(troupe::ref<target> const& to) { to.send(message{1}); }
END

# The copy: a statement that tells a number is in one piece, and goes as a whole, with its condition.
strip() { # TREE
    for file in $(grep -rlE '^[^/]*metric::' "$1/troupe/actor" "$1/troupe/mailbox" "$1/troupe/memory" "$1/troupe/message" \
        "$1/troupe/schedule" "$1/troupe/system"); do
        awk '/\/\// && !/metric::.*;/ { print; next }
             inside { if (/;[ ]*(\/\/.*)?$/) { inside = 0; print ";" } next }
             /metric::/ { if (/;[ ]*(\/\/.*)?$/) print ";"; else inside = 1; ++taken; next }
             { print }
             END { exit taken == 0 }' "$file" >"$dir/stripped" || { echo "$file: nothing was taken out"; return 1; }
        cp "$dir/stripped" "$file"
    done
    if grep -rnE '^[^/]*metric::' "$1/troupe/actor" "$1/troupe/system"; then
        echo 'these calls are still in the copy'
        return 1
    fi
}

# The code of the functions that send: one section each, so that every address in them begins at zero.
code_of() { # INCLUDE_DIR
    # shellcheck disable=SC2086  # it may carry flags
    $compiler -std=c++20 -O2 -g0 -ffunction-sections -w -pthread -I "$1" -c "$dir/unit.cpp" -o "$dir/unit.o"
    objdump -d -r -C --no-show-raw-insn "$dir/unit.o" | awk '
        /^Disassembly of section/ { next }
        /^[0-9a-f]+ <.*>:$/ { wanted = /<(.*detail::)?(send|submit|send_to_busy|send_here|deliver)</ || /<by_a_user/ || /<.*::send_here\(/ }
        !wanted || !NF { next }
        /^[0-9a-f]+ <.*>:$/ { sub(/^[0-9a-f]+ </, "<"); print; next }
        # What an address is called that the linker fills in says nothing; the line behind it says what it will be.
        !/R_[A-Z0-9]*_/ { sub(/ <.*>$/, "") }
        { gsub(/\.L[A-Za-z.]*[0-9_.]*[+-]?/, ".L"); print }'
}

cp -r "$root/include" "$dir/without"
strip "$dir/without"
code_of "$root/include" >"$dir/shipped.txt"
code_of "$dir/without" >"$dir/without.txt"
functions=$(grep -c '^<.*>:$' "$dir/shipped.txt" || true)
if [ "$functions" -lt 7 ]; then
    echo "only $functions functions were found to compare:"
    grep '^<.*>:$' "$dir/shipped.txt" || true
    exit 1
fi
if ! cmp -s "$dir/shipped.txt" "$dir/without.txt"; then
    echo 'sending costs something although nobody measures:'
    diff "$dir/without.txt" "$dir/shipped.txt" | head -n 40
    exit 1
fi
echo "$functions functions that send are the same code with and without metrics ($(wc -l <"$dir/shipped.txt") lines)"

# A check that somebody adds there is seen.
cp -r "$root/include" "$dir/worse"
sed -i -e '/^submitted send(cell& c, node& n, worker& w) noexcept {$/a\    if (w.owner.measured()) w.owner.count(metric::messages_sent, {});' \
    "$dir/worse/troupe/actor/sending.hpp"
code_of "$dir/worse" >"$dir/worse.txt"
if cmp -s "$dir/shipped.txt" "$dir/worse.txt"; then
    echo 'a runtime check in send() was not seen: this test finds nothing'
    exit 1
fi
