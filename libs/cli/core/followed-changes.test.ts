import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type PlanReply, ServiceName, type ServiceStatus } from '@kedge/shared/contracts';
import { noon } from '../testing/recording-terminal.ts';
import { serviceStatus, web } from '../testing/samples.ts';
import { createFollowedChanges, type PlanLook } from './followed-changes.ts';

const api = ServiceName.parse('api');
const rolling: PlanReply['changes'][number] = { service: web, action: 'roll', reason: 'under way', steps: [] };
const waiting = { code: 'PORT_TAKEN', message: 'taken', since: noon.toISOString(), retryAt: '2026-03-01T12:09:00.000Z', failures: 1 };

interface Seen {
  /** Since the change began. */
  readonly seconds: number;
  readonly services: readonly ServiceStatus[];
  readonly changes?: PlanReply['changes'];
}

function seen({ seconds, services, changes = [] }: Seen): PlanLook {
  const now = new Date(noon.getTime() + seconds * 1_000);
  return { status: { services: [...services] }, plan: { changes }, events: [], elapsedMs: seconds * 1_000, now };
}

function follow(...services: readonly ServiceName[]) {
  const told: string[] = [];
  const changes = createFollowedChanges({
    services,
    begun: noon,
    graceMs: 3_000,
    tell: (line, { isNews = true } = {}) => isNews && told.push(line),
  });
  return { ...changes, told, lines: () => changes.endings((line) => line).map(({ line }) => line) };
}

describe('followed changes', () => {
  it('says how long a change took that was seen', () => {
    const { judge, areOver, lines } = follow(web);
    judge(seen({ seconds: 1, services: [serviceStatus()], changes: [rolling] }));
    assert.equal(areOver(), false);
    judge(seen({ seconds: 5, services: [serviceStatus()] }));
    assert.deepEqual([areOver(), lines()], [true, ['web is serving aaaaaaaaaaaa after 5 s']]);
  });

  it('claims no time for a service that was at its end all the while', () => {
    const { judge, lines } = follow(web);
    for (const seconds of [1, 5]) judge(seen({ seconds, services: [serviceStatus()] }));
    assert.deepEqual(lines(), ['web is serving aaaaaaaaaaaa']);
  });

  it('does not count what a service waited before its change went on', () => {
    const { judge, lines } = follow(web);
    judge(seen({ seconds: 60, services: [serviceStatus({ phase: 'waiting', waiting })] }));
    judge(seen({ seconds: 62, services: [serviceStatus({ phase: 'rolling' })] }));
    judge(seen({ seconds: 64, services: [serviceStatus()] }));
    assert.deepEqual(lines(), ['web is serving aaaaaaaaaaaa after 4 s']);
  });

  it('tells each news once, and what is left behind what ended', () => {
    const { judge, told, endings } = follow(web, api);
    for (const seconds of [4, 5]) judge(seen({ seconds, services: [serviceStatus()], changes: [rolling] }));
    assert.deepEqual(told, ['web: under way', 'api is removed']);
    assert.deepEqual(
      endings((line, service) => `${service} late: ${line}`).map(({ service, ok, line }) => [service, ok, line]),
      [
        ['api', true, 'api is removed'],
        ['web', false, 'web late: under way'],
      ],
    );
  });

  it('waits for no removal that waits for a service that failed', () => {
    const problem = { code: 'HAND_OVER_PENDING', message: 'its route goes to api, which does not serve it yet' };
    const removal: PlanReply['changes'][number] = { service: web, action: 'remove', reason: 'declared no more', steps: [], problem };
    const rollingApi = { ...rolling, service: api };
    const { judge, areOver, endings } = follow(web, api);
    judge(
      seen({ seconds: 4, services: [serviceStatus(), serviceStatus({ service: api, phase: 'rolling' })], changes: [removal, rollingApi] }),
    );
    assert.equal(areOver(), false);
    const failed = serviceStatus({ service: api, phase: 'failed', reason: 'gate-failed' });
    judge(seen({ seconds: 9, services: [serviceStatus(), failed], changes: [removal] }));
    assert.equal(areOver(), true);
    assert.deepEqual(
      endings((line) => line).map(({ service, ok }) => [service, ok]),
      [
        ['api', false],
        ['web', false],
      ],
    );
    const [, kept] = endings((line) => line);
    assert.equal(kept?.line, 'web serves on: its route goes to api, which does not serve it yet');
    assert.match(kept?.advice ?? '', /^Push a better image .*, or declare web again\.$/);
  });

  it('tells an obstacle once, however often its time changes, and when it is another one', () => {
    const { judge, told, endings } = follow(web);
    const away = (retryAt: string, message = 'away') =>
      serviceStatus({ phase: 'waiting', waiting: { ...waiting, code: 'REGISTRY_ERROR', message, retryAt } });
    judge(seen({ seconds: 1, services: [away('2026-03-01T12:00:31.000Z')] }));
    judge(seen({ seconds: 2, services: [away('2026-03-01T12:00:31.000Z')] }));
    judge(seen({ seconds: 3, services: [away('2026-03-01T12:01:03.000Z')] }));
    judge(seen({ seconds: 4, services: [away('2026-03-01T12:00:14.000Z', 'denied')] }));
    assert.deepEqual(told, [
      'web: waiting: away (REGISTRY_ERROR); next try in 30 s',
      'web: waiting: denied (REGISTRY_ERROR); next try in 10 s',
    ]);
    assert.match(endings((line) => line)[0]?.line ?? '', /denied/);
  });

  it('gives an obstacle from before the next try, and no more', () => {
    const { judge, areOver, lines } = follow(web);
    const missing = (failures: number) =>
      serviceStatus({
        phase: 'waiting',
        waiting: { ...waiting, code: 'SOURCE_MISSING', since: '2026-03-01T11:50:00.000Z', retryAt: '2026-03-01T12:00:20.000Z', failures },
      });
    for (const seconds of [0, 5, 10]) judge(seen({ seconds, services: [missing(3)] }));
    assert.equal(areOver(), false);
    judge(seen({ seconds: 21, services: [missing(4)] }));
    assert.deepEqual([areOver(), lines()], [true, ['web waits: taken (SOURCE_MISSING)']]);
  });
});
