#!/bin/bash
# Installs and builds what is missing, and measures the relay beside other proxies. Usage: Benchmarks/relay.sh [option of relay/bench.py ...]
set -eu
cd "$(dirname "$0")/.."
Benchmarks/relay/setup.sh
envoy=$(echo .build-bench/relay/venv/lib/python3*/site-packages/envoy/_bin/envoy)
exec python3 -B Benchmarks/relay/bench.py --bin .build/release --real-peers .build-peers/bin --upstream .build-bench/relay/upstream --envoy "$envoy" "$@"
