#!/usr/bin/env bash
# npm run check: types, format, lint, unused code, unit tests. No engine, no network.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
# shellcheck source=lib/step.sh
source scripts/lib/step.sh
# shellcheck source=lib/prepare.sh
source scripts/lib/prepare.sh
# shellcheck source=lib/verify.sh
source scripts/lib/verify.sh

install_packages
run_quick_checks
conclude
