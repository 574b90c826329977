import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CloudEvent, type DataOf, ImageReference, type Subject, subjects } from '@kedge/shared/contracts';
import { digestA, digestB, releaseA, releaseB, rollout, web } from '../testing/samples.ts';
import { gistOf, isStored, linesBeneath, subjectOf, toneOf } from './describe-event.ts';

const instant = '2026-03-01T12:00:00.000Z';
const reference = ImageReference.parse('hello:1');
const rolloutFacts = { rollout, release: releaseB, image: 'hello:1', digest: digestB };
const unreachable = { registry: 'r.example.com', reference, code: 'X', since: instant, retryAfterMs: 3_500 };

function event<Name extends Subject>(subject: Name, data: DataOf<Name>): CloudEvent {
  subjects[subject].data.parse(data); // a sample that does not fit its contract proves nothing
  return { specversion: '1.0', id: 'x', source: 'test/1', type: `${subject}.v1`, time: instant, kedgenode: 'local', data };
}

const samples: readonly (readonly [CloudEvent, string])[] = [
  [event('config.changed', { revision: 'r2', added: [], changed: [web], removed: [] }), 'changed web'],
  [
    event('config.changed', { revision: 'r2', commit: '0123456789ab', added: [web], changed: [], removed: [] }),
    'added web (commit 01234567)',
  ],
  [event('config.changed', { revision: 'r2', added: [], changed: [], removed: [] }), 'nothing that concerns a service'],
  [
    event('config.rejected', {
      reason: 'invalid',
      problems: [{ file: 'web/service.toml', line: 3, column: 1, message: 'unknown key "x"' }],
    }),
    'invalid: web/service.toml:3:1: unknown key "x"',
  ],
  [
    event('config.rejected', { reason: 'mass-removal', problems: [], removes: [web] }),
    'would remove web; "kedge apply" shows and confirms it',
  ],
  [
    event('config.rejected', { reason: 'mass-removal', problems: [], removes: Array.from({ length: 500 }, () => web) }),
    'would remove web, web, web, web, web, web, web, web and 492 more; "kedge apply" shows and confirms it',
  ],
  [
    event('image.updated', { reference, digest: digestB, platformDigest: digestB, previous: digestA, services: [web] }),
    'hello:1 is now bbbbbbbbbbbb (was aaaaaaaaaaaa)',
  ],
  [
    event('image.updated', { reference, digest: digestB, platformDigest: digestB, previous: null, services: [] }),
    'hello:1 is now bbbbbbbbbbbb',
  ],
  [event('registry.unreachable', { ...unreachable, message: 'no route' }), 'hello:1: no route; next try in 4 s'],
  [
    event('registry.unreachable', { ...unreachable, message: 'hello:1 could not be looked at: no route' }),
    'hello:1 could not be looked at: no route; next try in 4 s',
  ],
  [
    event('registry.recovered', { registry: 'r.example.com', reference, since: instant }),
    `r.example.com answers again (hello:1); it was away since ${instant}`,
  ],
  [
    event('deploy.superseded', { ...rolloutFacts, reason: 'another image is wanted', durationMs: 1 }),
    'bbbbbbbbbbbb makes way: another image is wanted',
  ],
  [event('deploy.progressed', { ...rolloutFacts, step: 'pull', message: 'pull' }), 'pull'],
  [event('deploy.progressed', { ...rolloutFacts, step: 'pull', message: '12 of 30 MB' }), 'pull: 12 of 30 MB'],
  [
    event('deploy.succeeded', { ...rolloutFacts, durationMs: 12_340, drained: true, openRequests: 0 }),
    'rolled out bbbbbbbbbbbb after 12.3 s',
  ],
  [
    event('deploy.succeeded', { ...rolloutFacts, durationMs: 12_340, drained: false, openRequests: 3 }),
    'rolled out bbbbbbbbbbbb after 12.3 s; the old one left without proof from every proxy (3 requests open)',
  ],
  [
    event('deploy.succeeded', { ...rolloutFacts, durationMs: 12_340, drained: false, openRequests: 1 }),
    'rolled out bbbbbbbbbbbb after 12.3 s; the old one left without proof from every proxy (1 request open)',
  ],
  [
    event('deploy.failed', { ...rolloutFacts, reason: 'crashed', message: 'exit code 1', lastLines: [], barred: true }),
    'bbbbbbbbbbbb crashed: exit code 1 (barred)',
  ],
  [event('release.cleared', { releases: [releaseA], reason: 'asked by ann' }), '11111111: asked by ann'],
  [event('container.died', { container: 'web', exitCode: 137, lastLines: [] }), 'web ended with exit code 137'],
  [
    event('service.removed', { release: releaseA, containers: 2, durationMs: 7_250, reason: 'it is declared no more' }),
    '2 containers gone after 7.3 s: it is declared no more',
  ],
  [event('job.due', { service: web, instant }), `the run of ${instant}`],
  [event('job.due', { service: web, instant, missed: 1 }), `the run of ${instant}, 1 missed`],
  [event('job.due', { service: web, instant, missed: 1_000 }), `the run of ${instant}, 1000 or more missed`],
  [event('job.skipped', { instant, reason: 'overlap', message: 'the last one runs' }), `the run of ${instant}: the last one runs`],
  [event('job.skipped', { instant, reason: 'down', message: 'all is down', missed: 5 }), `the run of ${instant}, 5 missed: all is down`],
  [
    event('job.skipped', { instant, reason: 'late', message: 'it was due 90 s ago, and is the last of 5 that were missed', missed: 5 }),
    `the run of ${instant}: it was due 90 s ago, and is the last of 5 that were missed`,
  ],
  [event('job.finished', { instant, exitCode: 0, durationMs: 1_500 }), `the run of ${instant} ended with exit code 0 after 1.5 s`],
];

describe('gistOf', () => {
  for (const [sample, expected] of samples) {
    it(`tells ${sample.type} as "${expected}"`, () => assert.equal(gistOf(sample), expected));
  }

  it('says nothing of a subject it does not know', () => {
    assert.equal(gistOf({ ...event('deploy.requested', { service: web }), type: 'weather.changed.v1' }), '');
  });
});

describe('linesBeneath', () => {
  const failed = (lastLines: string[]) =>
    event('deploy.failed', { ...rolloutFacts, reason: 'crashed', message: 'exit code 1', lastLines, barred: true });

  it('is the end of what a failed deploy said', () => {
    assert.deepEqual(linesBeneath(failed(['1', '2', '3', '4', '5', '6', '7'])), ['3', '4', '5', '6', '7']);
    assert.deepEqual(linesBeneath(failed(['1'])), ['1']);
    assert.deepEqual(linesBeneath(failed([])), []);
  });

  it('is nothing for other events', () => {
    assert.deepEqual(linesBeneath(event('container.died', { container: 'web', exitCode: 1, lastLines: ['x'] })), []);
  });
});

describe('subjectOf', () => {
  it('is the type without its version', () => assert.equal(subjectOf({ type: 'image.updated.v12' }), 'image.updated'));
});

describe('isStored', () => {
  for (const [subject, expected] of [
    ['deploy.failed', true],
    ['deploy.requested', true],
    ['traffic.sampled', false],
  ] as const) {
    it(`${expected ? 'is true' : 'is false'} of ${subject}`, () => assert.equal(isStored(subject), expected));
  }
});

describe('toneOf', () => {
  for (const [tone, told] of [
    ['bad', ['config.rejected', 'registry.unreachable', 'deploy.failed', 'deploy.rolledback', 'container.died', 'target.unhealthy']],
    ['good', ['deploy.succeeded', 'registry.recovered', 'job.finished', 'certificate.issued', 'certificate.renewed']],
    ['busy', ['config.changed', 'deploy.started', 'routes.changed']],
  ] as const) {
    it(`is ${tone} for ${told.join(', ')}`, () => assert.deepEqual(new Set(told.map(toneOf)), new Set([tone])));
  }
});
