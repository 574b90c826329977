# shellcheck shell=bash
# What check.sh and test.sh are made of. Everything runs, whatever failed before; the numbers are added up.

: "${root:?}" "${step_logs:?}"
bin=$root/node_modules/.bin
passed=0
failed=0

static_checks() {
  static_check types "$bin/tsc" --project .
  static_check 'format and lint' "$bin/biome" check .
  static_check 'floating promises' "$bin/oxlint" --type-aware libs services test examples scripts
  static_check 'unused code' "$bin/knip"
}

static_check() {
  if try_step "$@"; then ((passed += 1)); else ((failed += 1)); fi
}

# run_tests NAME SUFFIX OPTION...: all test files with this suffix, their report as it comes.
run_tests() {
  local name=$1 suffix=$2 count=$step_logs/$1.count run_passed run_failed
  shift 2
  mkdir -p "$step_logs"
  say "$name tests"
  rm -f "$count"
  "$bin/node" --test "$@" \
    --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter="$root/scripts/lib/count-reporter.ts" --test-reporter-destination="$count" \
    "{libs,services,test,examples,scripts}/**/*.$suffix.ts" || true
  # A run that ended without its count did not end well.
  read -r run_passed run_failed <"$count" || { run_passed=0 run_failed=1; }
  ((passed += run_passed, failed += run_failed)) || true
}

# The last line, and the exit code.
conclude() {
  echo "$passed passed, $failed failed"
  ((failed == 0))
}
