import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dependencyWords, type PlanReply, ServiceName, type ServiceStatus } from '@kedge/shared/contracts';
import { plannedServices, showPlanProgress } from './show-plan-progress.ts';
import { createFakeBus } from './testing/fake-bus.ts';
import { createRecordingTerminal, type RecordingTerminal } from './testing/recording-terminal.ts';
import { noPause } from './testing/run-line.ts';
import { serviceStatus, statusReply, web } from './testing/samples.ts';

const [api, old] = [ServiceName.parse('api'), ServiceName.parse('old')];

interface Given {
  readonly terminal?: RecordingTerminal;
  readonly services: readonly ServiceName[];
  readonly changes?: PlanReply['changes'];
  readonly blocked?: readonly ServiceName[];
  readonly signal?: AbortSignal;
  readonly seen?: readonly ServiceStatus[];
}

/** A reconciler that by default has no service, so that each is removed that has no change. */
async function show({ terminal = createRecordingTerminal(), services, changes = [], ...given }: Given) {
  const { signal = new AbortController().signal, blocked = [], seen = [] } = given;
  const bus = createFakeBus({ 'status.services': () => statusReply({ services: [...seen] }), 'deploy.plan': () => ({ changes }) });
  const cli = { terminal, signal, pause: noPause, actor: 'ann', keysFolder: () => '', configPlace: { folder: '' }, processesFolder: '' };
  const shown = { title: 'apply', begin: async () => services, blocked, timeoutMs: 1 };
  const { outcome } = await showPlanProgress({ ...cli, bus, proxyPort: 80 }, shown);
  return { outcome, out: terminal.out() };
}

const rolling: PlanReply['changes'][number] = { service: web, action: 'roll', reason: 'under way', steps: [] };

describe('showPlanProgress', () => {
  it('names at the end which services changed', async () => {
    const out = 'apply\n  api is removed\n  old is removed\n2 services done: api, old.\n';
    assert.deepEqual(await show({ services: [api, old] }), { outcome: 'done', out });
    assert.deepEqual(await show({ services: [] }), { outcome: 'done', out: 'apply\nNothing had to be done.\n' });
  });

  it('names those that did not come to a good end, and says of each why', async () => {
    const late = await show({ services: [api, web], changes: [rolling] });
    assert.equal(late.outcome, 'timeout');
    assert.match(
      late.out,
      /\n1 of 2 services did not come to a good end in time: web\.\n {2}- web is not there after 1 ms, .*: under way\n$/,
    );
    const left = await show({ services: [web], changes: [rolling], signal: AbortSignal.abort() });
    assert.equal(left.outcome, 'interrupted');
    assert.match(left.out, /\nStopped watching; it goes on by itself: web\.\n/);
  });

  it('does not wait for what is blocked, and says who can change that', async () => {
    const { outcome, out } = await show({ services: [api, web], blocked: [web] });
    assert.equal(outcome, 'failed');
    assert.match(out, /\n1 of 2 services failed: web\.\n {2}- web waits for its place, .*\n.*"kedge apply --adopt web"/);
  });

  it('tells what stands in the way of one that is blocked no second time where another waits for it', async () => {
    const times = { since: '2026-03-01T12:00:00.000Z', retryAt: '2026-03-01T12:05:00.000Z', failures: 2 };
    const taken = { code: 'NAME_TAKEN', message: 'a container named web exists', ...times };
    const onWeb = `${dependencyWords({ service: web, condition: 'started' })}, which waits itself: `;
    const waiting = { code: 'DEPENDENCY_PENDING', message: `${onWeb}${taken.message}`, ...times };
    const seen = [serviceStatus({ waiting: taken }), serviceStatus({ service: api, waiting })];
    const { out } = await show({ services: [api, web], blocked: [web], seen });
    assert.match(out, /\n {2}- api is not there .* waits itself: NAME_TAKEN, told there \(DEPENDENCY_PENDING\)/);
    assert.match(out, /\n {2}- web waits for its place/);
    assert.doesNotMatch(out, /a container named web exists/);
    const alone = await show({ services: [api], seen });
    assert.match(alone.out, /waits itself: a container named web exists \(DEPENDENCY_PENDING\)/);
  });

  it('lists every service where the line before it changed', async () => {
    const { out } = await show({
      services: [api],
      terminal: createRecordingTerminal({ isTerminal: true, environment: { NO_COLOR: '1' } }),
    });
    assert.match(out, /1 service done: api\..* {2}\+ api is removed\n$/s);
  });
});

describe('plannedServices', () => {
  it('are those that a plan is about', () => assert.deepEqual(plannedServices({ changes: [rolling] }), [web]));
});
