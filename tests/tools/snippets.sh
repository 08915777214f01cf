#!/bin/sh
# snippets.sh ROOT: blocks are sorted rightly into run, compile and skip; an unmarked fragment and a dead link are named.
set -eu
root=$1
sh -c '. "${0%/*}/lib.sh" && tool snippets' "$root/tools/test"
snippets=$root/build/tools/snippets
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/docs"
cat >"$dir/README.md" <<'END'
```cpp
int main() {}
```
```cpp compile
#include <vector>
std::vector<int> v;
```
```cpp fragment
...
```
```cpp rejected
int n = "";
```
```cpp compile openssl
int n = 1;
```
```sh
int main
```
[docs](docs/page.md#there) [web](https://example.org/x)
END
printf 'nothing\n' >"$dir/docs/page.md"

fail() { echo "snippets: $1"; cat "$dir/out"; exit 1; }
"$snippets" "$dir" "$dir/x" >"$dir/out" || fail 'good pages fail'
[ "$(sed 's/ .*//' "$dir/out" | tr '\n' ' ')" = 'run compile skip reject compile+openssl ' ] || fail 'wrong kinds'
"$snippets" --links "$dir" >"$dir/out" || fail 'good links fail'
printf '```cpp\nfoo();\n```\n[gone](nowhere.md)\n' >"$dir/docs/page.md"
if "$snippets" "$dir" "$dir/x" >"$dir/out"; then fail 'an unmarked fragment passes'; fi
grep -q 'docs/page.md:1: no `int main`' "$dir/out" || fail 'the unmarked fragment is not named'
if "$snippets" --links "$dir" >"$dir/out"; then fail 'a dead link passes'; fi
grep -q 'docs/page.md:4: the link leads nowhere: nowhere.md' "$dir/out" || fail 'the dead link is not named'
