import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { usageWords } from './usage-words.ts';

describe('usageWords', () => {
  const owners = new Map([
    ['--json', ['status', 'plan']],
    ['--tail', ['logs']],
  ]);
  const table: readonly (readonly [theirs: string, ours: string, command?: string])[] = [
    ["error: unknown option '--jsn'\n(Did you mean --json?)", 'unknown option "--jsn"; did you mean "--json"?'],
    ["error: unknown command 'u'\n(Did you mean one of up, events?)", 'unknown command "u"; did you mean "up" or "events"?'],
    ["error: unknown command 'nonsense'", 'unknown command "nonsense"'],
    ["error: unknown option '-x'", 'unknown option "-x"'],
    ["error: unknown option '--json'", 'unknown option "--json" here: it stands behind a command, as in "kedge status --json"'],
    ["error: unknown option '--json'", 'unknown option "--json" here: it stands behind a command, as in "kedge plan --json"', 'plan'],
    ["error: unknown option '--tail'", '"kedge plan" has no --tail, and "kedge logs" has one', 'plan'],
    ["error: unknown option '--tail'\n(Did you mean --test?)", '"kedge plan" has no --tail, and "kedge logs" has one', 'plan'],
    ["error: missing required argument 'service'", '<service> is missing'],
    ["error: option '-n, --lines <count>' argument missing", '--lines needs a value, <count>'],
    [
      "error: option '-n, --lines <count>' argument 'x' is invalid. it must be a number",
      '"x" is no value for --lines: it must be a number',
    ],
    [
      "error: option '--as <identity>' argument 'root' is invalid. Allowed choices are cli, hooks.",
      '"root" is no value for --as: it may be cli or hooks',
    ],
    [
      "error: command-argument value 'a b' is invalid for argument 'service'. a name has letters",
      '"a b" is no <service>: a name has letters',
    ],
    [
      "error: command-argument value 'foo' is invalid for argument 'from'. Allowed choices are dispenser.",
      '"foo" is no <from>: it may be dispenser',
    ],
    ["error: too many arguments for 'status'. Expected 1 argument but got 2.", 'too many words for "status": it takes 1, and got 2'],
    ["error: too many arguments for 'doctor'. Expected 0 arguments but got 1.", 'too many words for "doctor": it takes 0, and got 1'],
    [
      "error: too many arguments for 'up'. Expected 0 arguments but got 1.",
      'too many words for "up": it takes 0, and got 1; it is about every service; "kedge deploy <service>" rolls one',
    ],
    ["error: unknown command 'st'atus'", 'unknown command "st\'atus"'],
    ["error: unknown option '--js'n'\n(Did you mean --json?)", 'unknown option "--js\'n"; did you mean "--json"?'],
    ["error: option '-n, --lines <count>' argument 'a' argument 'b' is invalid. no", '"a\' argument \'b" is no value for --lines: no'],
    [
      "error: command-argument value 'a' is invalid for argument 'b'. c' is invalid for argument 'service'. a name has letters",
      "\"a' is invalid for argument 'b'. c\" is no <service>: a name has letters",
    ],
    [
      "error: option '--as <identity>' argument 'Allowed choices are x.' is invalid. Allowed choices are cli, hooks.",
      '"Allowed choices are x." is no value for --as: it may be cli or hooks',
    ],
    ['error: whatever a newer commander says', 'whatever a newer commander says'],
    ["error: option '--as <identity>' argument '$1' is invalid. no", '"$1" is no value for --as: no'],
  ];
  for (const [theirs, ours, command = null] of table) {
    it(`says ${ours}`, () => {
      const proposes = /did you mean|as in|has one|it is about/.test(ours);
      assert.deepEqual(usageWords(theirs, { owners, command }), { message: ours, proposes });
    });
  }

  const timesMany = (word: string) => word.repeat(20_000);
  const long: readonly (readonly [theirs: string, ours: string])[] = [
    [`error: option '-n, --lines <count>${timesMany("' argument '")}' is broken`, "option '-n, --lines <count>"],
    [`error: option '-n, --lines <count>' argument '${timesMany("' argument 'x' is invalid. ")}' is`, '"'],
    [`error: option '--lines${timesMany(" ' argument")}' argument missing!`, "option '--lines"],
    [`error: command-argument value '${timesMany("' is invalid for argument 'x")}`, 'command-argument value'],
    [`error: unknown option '--x${timesMany("'")}!`, "unknown option '--x"],
    [`error: ${timesMany('Allowed choices are ')}`, 'Allowed'],
  ];
  for (const [theirs, ours] of long) {
    it(`is done with a long line at once: ${theirs.slice(0, 60)}…`, { timeout: 2_000 }, () => {
      const startedAt = performance.now();
      assert.ok(usageWords(theirs, { owners, command: null }).message.startsWith(ours));
      assert.ok(performance.now() - startedAt < 1_000);
    });
  }
});
