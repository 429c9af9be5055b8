#!/bin/bash
# Proves that the locator needs nothing of the system it runs on, and carries neither Foundation nor NIO.
# Usage: .ci/locator.sh BINARY
set -u
binary=$1
fail() { echo "$binary: $*" >&2; exit 1; }
[ -x "$binary" ] || fail "is missing"
file_type=$(readelf -h "$binary" | sed -n 's/ *Type: *//p')
readelf -d "$binary" 2>/dev/null | grep -q NEEDED && fail "needs shared libraries"
readelf -l "$binary" | grep -q INTERP && fail "asks for a dynamic loader"
symbols=$(nm -a "$binary" 2>/dev/null | grep -cE '\$s(10Foundation|20FoundationEssentials|7NIOCore|8NIOPosix)')
[ "$symbols" = 0 ] || fail "holds $symbols symbols of Foundation or NIO"
echo "the locator is static ($file_type), without Foundation and NIO: $(stat -c %s "$binary") bytes"
