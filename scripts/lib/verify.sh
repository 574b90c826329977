# shellcheck shell=bash
# What check.sh and test.sh are made of. Everything runs, whatever failed before; the numbers are added up.

: "${root:?}" "${step_logs:?}"
bin=$root/node_modules/.bin
# What the tools remember of files that they found right.
checked=$root/dist/checked
passed=0
failed=0
# One line each, for the end of the report.
failures=()

# What needs no engine and no network: types, format, lint and unused code, and beside them the unit tests, of which some wait, for a socket or
# for a clock. Unit tests share a process, because starting one for each file takes longer than running it.
run_quick_checks() {
  local part parts=4 timeout=60000 static
  # A sweep over everything takes minutes.
  [[ ${KEDGE_TEST_LONG:-} != 1 ]] || timeout=900000
  say 'static checks and unit tests, side by side'
  mkdir -p "$step_logs"
  "$bin/node" scripts/lib/deal-tests.ts "$(files_of test)" "$parts" "$step_logs/unit"
  (static_checks) >"$step_logs/static.report" 2>&1 &
  static=$!
  for part in $(seq "$parts"); do
    run_unit_tests "$part" "$timeout" >"$step_logs/unit-$part.report" &
  done
  # One that was killed has no report, and counts as failed below.
  wait "$static" || true
  cat "$step_logs/static.report"
  wait
  for part in $(seq "$parts"); do cat "$step_logs/unit-$part.report"; done
  add_count static
  for part in $(seq "$parts"); do add_count "unit-$part"; done
}

# In a process of its own; its count goes into a file. What did not change since the last time is not read again.
static_checks() {
  passed=0 failed=0 failures=()
  rm -f "$step_logs/static.count"
  # Two of them are in Go, and end before their garbage matters: to collect it is a quarter of their work.
  export GOGC=off GOMEMLIMIT=2GiB
  static_check types "$bin/tsc" --project . --incremental --tsBuildInfoFile "$checked/types.tsbuildinfo"
  static_check 'format and lint' "$bin/biome" check .
  static_check 'floating promises' "$bin/oxlint" --type-aware libs services test examples scripts
  static_check 'unused code' "$bin/knip" --cache --cache-location "$checked/unused-code"
  printf '%s\n' "$passed $failed" "${failures[@]}" >"$step_logs/static.count"
}

static_check() {
  if try_step "$@"; then
    ((passed += 1))
  else
    ((failed += 1))
    failures+=("failed $1")
  fi
}

# run_unit_tests PART TIMEOUT
run_unit_tests() {
  # What Node made of a source serves until the source is another one.
  local -x NODE_COMPILE_CACHE=$checked/compiled
  local name=unit-$1 files options=(--test-timeout="$2" --test-isolation=none --test-force-exit)
  readarray -t files <"$step_logs/$name.files"
  # A process without a file would run nothing, and not for nothing.
  if ((${#files[@]} == 0)); then
    echo '0 0' >"$step_logs/$name.count"
    return
  fi
  rm -f "$step_logs/$name.count"
  # A young generation that begins large is collected less often, and helpers of the collector find no idle core.
  "$bin/node" --min-semi-space-size=16 --single-threaded-gc \
    scripts/lib/run-tests.ts "$step_logs/$name.files" "$step_logs/$name.count" "$2" || true
  # The next time they are dealt otherwise, and two of them may fail only together.
  [[ $(cat "$step_logs/$name.count" 2>/dev/null) =~ ^[0-9]+\ 0($'\n'|$) ]] ||
    say "the same files in one process again: node_modules/.bin/node --test ${options[*]} ${files[*]}"
}

# run_tests NAME SUFFIX OPTION...: all test files with this suffix, their report as it comes.
run_tests() {
  local name=$1 suffix=$2
  shift 2
  say "$name tests"
  report_tests "$name" "$@" "$(files_of "$suffix")"
  add_count "$name"
}

files_of() { echo "{libs,services,test,examples,scripts}/**/*.$1.ts"; }

# report_tests NAME OPTION... FILE...
report_tests() {
  local count=$step_logs/$1.count
  shift
  mkdir -p "$step_logs"
  rm -f "$count"
  "$bin/node" --test \
    --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter="$root/scripts/lib/count-reporter.ts" --test-reporter-destination="$count" \
    "$@" || true
}

add_count() {
  local run_passed run_failed
  # A run that ended without its count did not end well.
  read -r run_passed run_failed 2>/dev/null <"$step_logs/$1.count" || {
    say "$1 ended without a count: it was killed, or could not begin"
    run_passed=0 run_failed=1
    failures+=("failed $1: ended without a count")
  }
  readarray -t -O "${#failures[@]}" failures < <(sed -n '/^failed /p' "$step_logs/$1.count" 2>/dev/null)
  ((passed += run_passed, failed += run_failed)) || true
}

# What failed, the last line, and the exit code.
conclude() {
  ((${#failures[@]} == 0)) || printf '%s\n' "${failures[@]}"
  echo "$passed passed, $failed failed"
  ((failed == 0))
}
