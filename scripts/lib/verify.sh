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
  local name=$1 suffix=$2
  shift 2
  say "$name tests"
  report_tests "$name" "$suffix" "$@"
  add_count "$name"
}

# Unit tests share a process, because starting one for each file takes longer than running it. Two for each of two processors: some of them
# wait, for a socket or for a clock.
run_unit_tests() {
  local part parts=4
  say 'unit tests'
  for part in $(seq "$parts"); do
    report_tests "unit-$part" test --test-timeout=60000 --test-isolation=none --test-shard="$part/$parts" >"$step_logs/unit-$part.report" &
  done
  wait
  for part in $(seq "$parts"); do
    cat "$step_logs/unit-$part.report"
    add_count "unit-$part"
  done
}

# report_tests NAME SUFFIX OPTION...
report_tests() {
  local count=$step_logs/$1.count suffix=$2
  shift 2
  mkdir -p "$step_logs"
  rm -f "$count"
  "$bin/node" --test "$@" \
    --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter="$root/scripts/lib/count-reporter.ts" --test-reporter-destination="$count" \
    "{libs,services,test,examples,scripts}/**/*.$suffix.ts" || true
}

add_count() {
  local run_passed run_failed
  # A run that ended without its count did not end well.
  read -r run_passed run_failed <"$step_logs/$1.count" || { run_passed=0 run_failed=1; }
  ((passed += run_passed, failed += run_failed)) || true
}

# The last line, and the exit code.
conclude() {
  echo "$passed passed, $failed failed"
  ((failed == 0))
}
