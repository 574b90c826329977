import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PlanReply, ServiceStatus } from '@kedge/shared/contracts';
import { noon } from '../testing/recording-terminal.ts';
import { serviceStatus, web } from '../testing/samples.ts';
import { hopelessObstacle, metBeforeOf } from './hopeless-obstacle.ts';

type Waiting = NonNullable<ServiceStatus['waiting']>;
type Planned = PlanReply['changes'][number];

const later = (seconds: number) => new Date(noon.getTime() + seconds * 1_000).toISOString();
function waitingFor(code: string, more: Partial<Waiting> = {}): Waiting {
  return { code, message: 'why', since: later(0), retryAt: later(2), failures: 1, ...more };
}
function plannedWith(code: string): Planned {
  return { service: web, action: 'roll', reason: 'why', steps: [], problem: { code, message: 'why' } };
}
const absent = { state: 'absent', code: 'IMAGE_ABSENT', message: 'no such image' } as const;
const unreachable = { state: 'unreachable', code: 'REGISTRY_UNREACHABLE', message: 'no route' } as const;

interface Known {
  readonly status?: Partial<ServiceStatus>;
  readonly planned?: Planned | null;
  readonly metBefore?: Waiting | null;
  readonly elapsedMs?: number;
}

function judge({ status = {}, planned = null, metBefore = null, elapsedMs = 5_000 }: Known) {
  return hopelessObstacle({ status: serviceStatus(status), planned, metBefore, elapsedMs, graceMs: 3_000, now: noon });
}

describe('a hopeless obstacle', () => {
  const old = waitingFor('SOURCE_MISSING', { since: later(-60), failures: 4 });
  const table: readonly (readonly [name: string, known: Known, advice: RegExp | null])[] = [
    ['is a missing source', { status: { waiting: waitingFor('SOURCE_MISSING') } }, /Make what is missing/],
    ['is a name that is taken, met twice', { status: { waiting: waitingFor('NAME_TAKEN', { failures: 2 }) } }, /"kedge apply --adopt web"/],
    ['is no name that somebody may just be asked to give up', { status: { waiting: waitingFor('NAME_TAKEN') } }, null],
    ['is a port that is taken, met twice', { status: { waiting: waitingFor('PORT_TAKEN', { failures: 2 }) } }, /Free the port/],
    ['is no port that may just be given up', { status: { waiting: waitingFor('PORT_TAKEN') } }, null],
    [
      'is a port that nobody gives up, met again and again',
      { status: { waiting: waitingFor('PORT_MOVING', { failures: 5 }) } },
      /Mend the service that has/,
    ],
    ['is no port that moves', { status: { waiting: waitingFor('PORT_MOVING', { failures: 3 }) } }, null],
    ['is a network that is in use, met twice', { status: { waiting: waitingFor('NETWORK_IN_USE', { failures: 2 }) } }, /off that network/],
    ['is an image that the registry has not', { status: { waiting: waitingFor('IMAGE_UNRESOLVED'), registry: absent } }, /Push that image/],
    ['is no image whose registry is away', { status: { waiting: waitingFor('IMAGE_UNRESOLVED'), registry: unreachable } }, null],
    ['is no image that nobody has looked up', { status: { waiting: waitingFor('IMAGE_UNRESOLVED') } }, null],
    [
      'is no image that nobody has looked up, also where the plan repeats it',
      { status: { waiting: waitingFor('IMAGE_UNRESOLVED') }, planned: plannedWith('IMAGE_UNRESOLVED') },
      null,
    ],
    ['is a slip in the image of what serves', { planned: plannedWith('IMAGE_UNRESOLVED') }, /correct image in its service.toml/],
    ['is nothing that the reconciler had no time to take up', { planned: plannedWith('IMAGE_UNRESOLVED'), elapsedMs: 100 }, null],
    ['is nothing that passes', { status: { waiting: waitingFor('REGISTRY_ERROR', { failures: 9 }) } }, null],
    ['is none from before that is tried again soon', { status: { waiting: old }, metBefore: old }, null],
    ['is one from before that was tried again', { status: { waiting: { ...old, failures: 5 } }, metBefore: old }, /Make what/],
    [
      'is one from before that nobody tries again for long',
      { status: { waiting: { ...old, retryAt: later(600) } }, metBefore: old },
      /Make what/,
    ],
    ['is none that a request has just let be tried again', { status: { waiting: { ...old, failures: 0 } } }, null],
  ];
  for (const [name, known, advice] of table) {
    it(name, () => {
      const judged = judge(known);
      if (advice === null) assert.equal(judged, null);
      else assert.match(judged?.advice ?? '', advice);
    });
  }

  it('is told with its code, and with whether something serves meanwhile', () => {
    assert.equal(judge({ status: { waiting: waitingFor('SOURCE_MISSING') } })?.line, 'web waits: why (SOURCE_MISSING)');
    assert.equal(judge({ planned: plannedWith('IMAGE_ABSENT') })?.line, 'web stays as it is: why (IMAGE_ABSENT)');
  });
});

describe('what was met before', () => {
  const old = waitingFor('SOURCE_MISSING', { since: later(-60), failures: 4 });
  it('is what stood in the way when the change was asked for', () => {
    assert.equal(metBeforeOf({ waiting: old, begun: noon, before: undefined }), old);
    assert.equal(metBeforeOf({ waiting: waitingFor('SOURCE_MISSING'), begun: noon, before: undefined }), null);
    assert.equal(metBeforeOf({ waiting: { ...old, failures: 5 }, begun: noon, before: old }), old);
  });
  it('is over with another obstacle, with none, and with a count that begins anew', () => {
    assert.equal(metBeforeOf({ waiting: undefined, begun: noon, before: old }), null);
    assert.equal(metBeforeOf({ waiting: { ...old, code: 'PORT_TAKEN' }, begun: noon, before: old }), null);
    assert.equal(metBeforeOf({ waiting: { ...old, failures: 0 }, begun: noon, before: old }), null);
    assert.equal(metBeforeOf({ waiting: old, begun: noon, before: null }), null);
  });
});
