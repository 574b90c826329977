import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CloudEvent, PlanReply, ServiceStatus } from '@kedge/shared/contracts';
import { noon } from '../testing/recording-terminal.ts';
import { digestB, releaseB, rollout, serviceStatus, web } from '../testing/samples.ts';
import { judgeService } from './judge-service.ts';

const newer = { rollout, release: releaseB, image: 'hello:1', digest: digestB };
const rolling: PlanReply['changes'][number] = { service: web, action: 'roll', reason: 'a rollout is under way', steps: ['pull'] };
const removal: PlanReply['changes'][number] = { ...rolling, action: 'remove', reason: 'it is declared no more' };
const barred = [{ release: releaseB, digest: digestB, message: 'exit code 1' }];

function said(subject: string, data: unknown): CloudEvent {
  const frame = { specversion: '1.0' as const, id: subject, source: 'reconciler/1', time: '2026-03-01T12:00:00.000Z', kedgenode: 'local' };
  return { ...frame, type: `${subject}.v1`, subject: web, data };
}
const succeeded = said('deploy.succeeded', { ...newer, durationMs: 4_200, drained: true, openRequests: 0 });
const failure = { ...newer, reason: 'crashed', message: 'exit code 1', lastLines: ['boom'], barred: true };

/** A service whose first start failed so often. */
function failing(failures: number, retryAt = '2026-03-01T12:00:25.000Z') {
  const waiting = { code: 'START_FAILED', message: 'exit code 3', since: '2026-03-01T11:58:00.000Z', retryAt, failures };
  return { status: serviceStatus({ phase: 'failed', reason: 'exit code 3', digest: null, waiting }), planned: rolling } as const;
}

interface Known {
  readonly status?: ServiceStatus | null;
  readonly planned?: PlanReply['changes'][number] | null;
  readonly events?: readonly CloudEvent[];
  readonly elapsedMs?: number;
  readonly asBefore?: boolean;
  readonly metBefore?: ServiceStatus['waiting'];
  readonly moved?: boolean;
}

function judge({
  status = serviceStatus(),
  planned = null,
  events = [],
  elapsedMs = 5_000,
  asBefore = false,
  metBefore,
  moved = false,
}: Known) {
  const times = { elapsedMs, graceMs: 3_000, now: noon, waitedUntil: null, metBefore: metBefore ?? null, moved };
  return judgeService({ service: web, status, planned, events, ...times, asBefore });
}

describe('judgeService', () => {
  const table: readonly (readonly [name: string, known: Known, ends: string])[] = [
    ['waits while it is planned', { planned: rolling }, 'going: a rollout is under way'],
    ['waits a moment for a change that nobody has taken up yet', { elapsedMs: 100 }, 'going: nothing has begun yet'],
    ['tells how it is when it was seen to change in that moment', { elapsedMs: 100, moved: true }, 'going: all replicas are ready'],
    ['ends well where nothing is left to do', {}, 'true: web is serving aaaaaaaaaaaa'],
    [
      'says of what ran to its end that it completed',
      { status: serviceStatus({ phase: 'completed' }) },
      'true: web completed aaaaaaaaaaaa',
    ],
    [
      'says why it is stopped, of what ended before and is not started again',
      { status: serviceStatus({ phase: 'stopped', reason: 'its container is gone' }), asBefore: true },
      'true: web is stopped aaaaaaaaaaaa: its container is gone',
    ],
    ['ends well when a rollout said so', { events: [succeeded] }, 'true: web serves bbbbbbbbbbbb after 4.2 s'],
    [
      'ends badly when a rollout failed',
      { events: [said('deploy.failed', failure)] },
      'false: web failed: bbbbbbbbbbbb crashed: exit code 1 (barred)',
    ],
    [
      'waits for a removal',
      { planned: removal, status: serviceStatus({ phase: 'removing', reason: 'declared no more' }) },
      'going: removing: declared no more',
    ],
    ['waits for the last container of what is declared no more', { planned: removal, status: null }, 'going: it is declared no more'],
    ['ends well when it is gone', { status: null }, 'true: web is removed'],
    [
      'ends badly where a verdict stands, although nobody said so',
      { status: serviceStatus({ barred }) },
      'false: web failed: bbbbbbbbbbbb is barred: exit code 1',
    ],
    [
      'ends badly where its only release failed',
      { status: serviceStatus({ phase: 'failed', reason: 'exit code 3' }) },
      'false: web failed: exit code 3',
    ],
    [
      'ends badly where its first start failed once more, which nobody says again',
      { ...failing(3), metBefore: failing(2).status.waiting },
      'false: web failed: exit code 3',
    ],
    [
      'gives a start that failed before the try that comes soon',
      { ...failing(2), metBefore: failing(2).status.waiting },
      'going: waiting: exit code 3 (START_FAILED); next try in 25 s',
    ],
    [
      'waits for no try that comes much later',
      { ...failing(2, '2026-03-01T12:03:00.000Z'), metBefore: failing(2).status.waiting },
      'false: web failed: exit code 3',
    ],
    [
      'ends well where an older release is there again, and nobody asked for a new one',
      { status: serviceStatus({ barred }), asBefore: true },
      'true: web serves aaaaaaaaaaaa; the newest release stays barred',
    ],
    [
      'says so of one that ran to its end, too',
      { status: serviceStatus({ phase: 'completed', barred }), asBefore: true },
      'true: web completed aaaaaaaaaaaa; the newest release stays barred',
    ],
    [
      'ends badly where nothing of it is there again',
      { status: serviceStatus({ phase: 'stopped', barred }), asBefore: true },
      'false: web failed: bbbbbbbbbbbb is barred: exit code 1',
    ],
    [
      'does not mind a verdict on what nobody wants',
      { status: serviceStatus({ barred: barred.map((bar) => ({ ...bar, wanted: false })) }) },
      'true: web is serving aaaaaaaaaaaa',
    ],
  ];
  for (const [name, known, ends] of table) {
    it(name, () => {
      const judged = judge(known);
      assert.equal(`${judged.kind === 'going' ? 'going' : judged.ok}: ${judged.line}`, ends);
    });
  }

  it('hands on the last lines, and what can be done', () => {
    const judged = judge({ events: [said('deploy.failed', failure)] });
    assert.ok(judged.kind === 'ended');
    assert.deepEqual(judged.lastLines, ['boom']);
    assert.match(judged.advice ?? '', /kedge clear web/);
  });
});
