import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dependencyWords, type PlanReply, ServiceName } from '@kedge/shared/contracts';
import { serviceStatus } from '../testing/samples.ts';
import { changesWithoutCopies, statusWithoutCopies } from './told-there.ts';

const [db, api, front] = ['db', 'api', 'front'].map((name) => ServiceName.parse(name)) as [ServiceName, ServiceName, ServiceName];
const taken = 'a container named db exists: remove it, or "$&" it';
const times = { since: '2026-03-01T12:00:00.000Z', retryAt: '2026-03-01T12:05:00.000Z', failures: 2 };
const onDb = `${dependencyWords({ service: db, condition: 'started' })}, which waits itself: `;
const onApi = `${dependencyWords({ service: api, condition: 'started' })}, which waits itself: `;

function waits(service: ServiceName, code: string, message: string) {
  return serviceStatus({ service, phase: 'waiting', reason: `${message} (tried 2 times)`, waiting: { code, message, ...times } });
}

const services = [
  waits(db, 'NAME_TAKEN', taken),
  waits(api, 'DEPENDENCY_PENDING', `${onDb}${taken}`),
  waits(front, 'DEPENDENCY_TIMEOUT', `${onApi}${onDb}${taken}; that for more than 10 min: mend it`),
];

function told(reply: { readonly services: readonly ReturnType<typeof waits>[] }): (string | undefined)[] {
  return reply.services.map(({ waiting }) => waiting?.message);
}

describe('statusWithoutCopies', () => {
  it('tells what stands in the way once, and of whom waits for that its code', () => {
    const shown = statusWithoutCopies({ services });
    assert.deepEqual(told(shown), [
      taken,
      `${onDb}NAME_TAKEN, told there`,
      `${onApi}DEPENDENCY_PENDING, told there; that for more than 10 min: mend it`,
    ]);
    assert.equal(shown.services[1]?.reason, `${onDb}NAME_TAKEN, told there (tried 2 times)`);
  });

  it('leaves the words where nobody tells them beside', () => {
    const [, ...others] = services;
    assert.equal(told(statusWithoutCopies({ services: others }))[0], `${onDb}${taken}`);
    assert.equal(told(statusWithoutCopies({ services }, [api, front]))[1], `${onDb}${taken}`);
  });

  it('leaves other words of a service as they are', () => {
    const [first, , last] = services as [ReturnType<typeof waits>, unknown, ReturnType<typeof waits>];
    const earlier = waits(api, 'DEPENDENCY_PENDING', `${onDb}another container`);
    const other = waits(front, 'PORT_TAKEN', `port 80 of the host is taken: ${taken}`);
    for (const each of [earlier, other, last]) {
      const shown = statusWithoutCopies({ services: [first, each] });
      assert.deepEqual(shown.services, [first, each]);
    }
  });
});

describe('changesWithoutCopies', () => {
  type Change = PlanReply['changes'][number];
  const change = (service: ServiceName, reason: string, problem: Change['problem']): Change => ({
    service,
    action: 'create',
    reason,
    steps: [],
    problem,
  });
  const own = change(db, taken, { code: 'NAME_TAKEN', message: `${taken}; tried again at ${times.retryAt}` });
  const copy = change(api, `${onDb}${taken}`, { code: 'DEPENDENCY_PENDING', message: `${onDb}${taken}` });

  it('tells what stands in the way once, with when that is tried again', () => {
    const [first, second] = changesWithoutCopies([own, copy]);
    assert.deepEqual(first, own);
    assert.deepEqual([second?.reason, second?.problem?.message], [`${onDb}NAME_TAKEN, told there`, `${onDb}NAME_TAKEN, told there`]);
  });

  it('leaves the words where the plan does not have them', () => {
    assert.deepEqual(changesWithoutCopies([copy]), [copy]);
    const another = change(db, 'first start', own.problem);
    assert.deepEqual(changesWithoutCopies([another, copy]), [another, copy]);
  });
});
