#!/bin/bash
# Put in place of the harness' phases: every round measures each viewer once, so that what drifts drifts for all.
# Exports of the driver: NEGATOSCOPE_ROUNDS, NEGATOSCOPE_ADAPTERS (all of them, comma-separated), NEGATOSCOPE_LARGE (what
# `large.py` makes as well).
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
rm -f results/*.json
for _ in $(seq "$NEGATOSCOPE_ROUNDS"); do
  for adapter in ${NEGATOSCOPE_ADAPTERS//,/ }; do
    one() { node bench.mjs --runs 1 --append --adapters "$adapter" "$@"; }
    one --data raw --scrollcap 12 --out results/raw.json --shot shots
    one --data j2k,jpegls,htj2k --noscroll --out results/compressed.json --shot shots
    one --data raw,htj2k --throttle --out results/throttled.json
    sets="raw jpegls"
    if [ "$NEGATOSCOPE_LARGE" = true ]; then
      one --data large --noscroll --out results/large.json
      node wide.mjs "$adapter" results/wide.json
      sets="$sets large"
    fi
    [[ $adapter == bare-* ]] || for data in $sets; do node memory.mjs "$adapter" "$data" results/memory.json; done
  done
done
