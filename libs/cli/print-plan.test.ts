import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceName } from '@kedge/shared/contracts';
import { printPlan } from './print-plan.ts';
import { createRecordingTerminal } from './testing/recording-terminal.ts';
import { web } from './testing/samples.ts';

const old = ServiceName.parse('old');

describe('printPlan', () => {
  it('begins with what is removed, and ends with the sum', () => {
    const terminal = createRecordingTerminal();
    printPlan(terminal, {
      changes: [
        { service: web, action: 'roll', strategy: 'stop-first', reason: 'config-changed', steps: ['pull', 'stop'] },
        { service: old, action: 'remove', reason: 'declared no more', steps: [] },
      ],
      networks: [
        { name: 'back', action: 'recreate', reason: 'another subnet' },
        { name: 'inner', action: 'remove', reason: 'NETWORK_IN_USE: container x is on it' },
      ],
      missingNetworks: [{ name: 'outer', reason: 'NETWORK_MISSING: make it' }],
    });
    assert.deepEqual(terminal.out().split('\n'), [
      'old: remove (declared no more)',
      'web: roll, stop-first: it is away for a moment (config-changed)',
      '  1. pull',
      '  2. stop',
      'Networks:',
      '  outer: missing (NETWORK_MISSING: make it)',
      '  inner: remove, refused (NETWORK_IN_USE: container x is on it)',
      '  back: recreate (another subnet)',
      '1 to remove, 1 to roll, 1 network to change, 1 network refused, 1 network missing.',
      '',
    ]);
  });

  it('says while everything is down what would start', () => {
    const plan = { changes: [], problem: 'everything was taken down at T; "kedge up" starts it again' };
    const onUp = [
      { service: web, image: 'nginx:1', reason: 'it comes up as it was' },
      { service: old, image: 'app:typo', reason: 'it cannot start', problem: { code: 'IMAGE_UNRESOLVED', message: 'nobody has app:typo' } },
    ];
    const printed = (given: Parameters<typeof printPlan>[1]) => {
      const terminal = createRecordingTerminal();
      printPlan(terminal, given, 'Nothing to do before that.');
      return terminal.out().split('\n').slice(1, -1);
    };
    assert.deepEqual(printed({ ...plan, onUp }), [
      'Nothing to do before that.',
      '"kedge up" would start:',
      '  web (nginx:1): it comes up as it was',
      '  old (app:typo): it cannot start',
      '    in the way: nobody has app:typo (IMAGE_UNRESOLVED)',
    ]);
    assert.deepEqual(printed({ ...plan, onUp: [] }), ['Nothing to do before that.', '"kedge up" would start nothing.']);
    assert.deepEqual(printed(plan), ['Nothing to do before that.']);
  });

  it('numbers what is done, and not what is waited for', () => {
    const terminal = createRecordingTerminal();
    const waits = ['an obstacle is in the way, looking again in 288 s'];
    printPlan(terminal, { changes: [{ service: web, action: 'create', reason: 'first start', steps: ['pull the image'], waits }] });
    assert.equal(
      terminal.out(),
      'web: create (first start)\n  1. pull the image\n  an obstacle is in the way, looking again in 288 s\n1 to create.\n',
    );
  });

  it('says what stands in the way, on one line whatever it holds', () => {
    const terminal = createRecordingTerminal();
    const problem = { code: 'PORT_TAKEN', message: 'port 80\u001b[2J\nis taken' };
    printPlan(terminal, { changes: [{ service: web, action: 'create', reason: 'first start', steps: [], problem }] });
    assert.match(terminal.out(), /^ {2}in the way: port 80 is taken \(PORT_TAKEN\)$/m);
  });

  it('tells once what stands in the way where that is the reason, too', () => {
    const terminal = createRecordingTerminal();
    const reason = 'the name web is taken';
    const problem = { code: 'NAME_TAKEN', message: `${reason}; tried again at 2026-03-01T12:05:00.000Z` };
    printPlan(terminal, { changes: [{ service: web, action: 'create', reason, steps: [], problem }] });
    assert.equal(
      terminal.out(),
      'web: create\n  in the way: the name web is taken; tried again at 2026-03-01T12:05:00.000Z (NAME_TAKEN)\n1 to create.\n',
    );
  });

  it('tells what stands in the way of one service no second time with what waits for that', () => {
    const terminal = createRecordingTerminal();
    const reason = 'the name old is taken';
    const problem = { code: 'NAME_TAKEN', message: `${reason}; tried again at 2026-03-01T12:05:00.000Z` };
    const onOld = `it waits for old (started), which waits itself: ${reason}`;
    printPlan(terminal, {
      changes: [
        { service: old, action: 'create', reason, steps: [], problem },
        { service: web, action: 'create', reason: onOld, steps: [], problem: { code: 'DEPENDENCY_PENDING', message: onOld } },
      ],
    });
    assert.match(
      terminal.out(),
      /\nweb: create\n {2}in the way: it waits for old \(started\), which waits itself: NAME_TAKEN, told there \(DEPENDENCY_PENDING\)\n/,
    );
    assert.equal(terminal.out().split(reason).length, 2);
  });

  it('does not say in the words of a component that its own connection is away', () => {
    const terminal = createRecordingTerminal();
    const message = 'reading images/x did not work: the bus does not answer; is the stack running?';
    const problem = { code: 'BUS_UNAVAILABLE', message };
    printPlan(terminal, { changes: [{ service: web, action: 'create', reason: message, steps: [], problem }] });
    assert.doesNotMatch(terminal.out(), /is the stack running/);
    assert.match(terminal.out(), /^web: create\n {2}in the way: the reconciler has no connection .* \(BUS_UNAVAILABLE\)$/m);
  });

  it('has a word also for an empty plan', () => {
    const terminal = createRecordingTerminal();
    printPlan(terminal, { changes: [] });
    assert.equal(terminal.out(), 'Nothing to do.\n');
  });
});
