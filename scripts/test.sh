#!/usr/bin/env bash
# npm test: everything, with all its own set-up. Unit tests, then those against real NATS, engine and registry, then whole stories,
# then those that destroy things, on a stack of their own.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
# shellcheck source=lib/step.sh
source scripts/lib/step.sh
# shellcheck source=lib/prepare.sh
source scripts/lib/prepare.sh
# shellcheck source=lib/verify.sh
source scripts/lib/verify.sh

# Its reaper is an image that may be out of reach; tests remove what they make, by label.
export TESTCONTAINERS_RYUK_DISABLED=true

# Every kill takes a quarter of a minute.
chaos_timeout=600000
[[ ${KEDGE_TEST_LONG:-} != 1 ]] || chaos_timeout=7200000

prepare
# One that hangs must not hang everything: each test has its time.
run_quick_checks
# A connection that a failed test leaves open must not keep its process for ever.
run_tests integration it --test-timeout=300000 --test-concurrency=3 --test-force-exit
run_tests story e2e --test-timeout=600000 --test-concurrency=2 --test-global-setup=test/e2e/global-setup.ts
# One after another: what one kills, all others miss. One seed chooses what is told of all that there is.
export KEDGE_TEST_SEED=${KEDGE_TEST_SEED:-$((RANDOM * 32768 + RANDOM))}
run_tests chaos chaos --test-timeout="$chaos_timeout" --test-concurrency=1 --test-global-setup=test/chaos/global-setup.ts
conclude
