#!/bin/bash
# Prints the hand-written Swift files, one a line.
cd "$(dirname "$0")/.." || exit 1
find Package.swift Sources Tests Benchmarks -name '*.swift' ! -name '*.pb.swift' ! -path '*/.build*' | sort
