import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CheckReply, ImageReference, type ServiceStatus } from '@kedge/shared/contracts';
import { digestA, digestB, serviceStatus } from '../testing/samples.ts';
import { answerOf, type RegistryAnswer, troubleOf } from './registry-answer.ts';

const reference = ImageReference.parse('hello:1');
const since = '2026-03-01T12:00:00.000Z';
const trouble = { code: 'REGISTRY_UNREACHABLE', message: 'no route', since };

describe('answerOf', () => {
  const cases: readonly (readonly [string, CheckReply['checked'], RegistryAnswer])[] = [
    ['a digest', [{ reference, state: 'present', digest: digestB }], { kind: 'named', digest: digestB }],
    [
      'why a registry is away, even when an older digest is known',
      [{ reference, state: 'unreachable', digest: digestA, trouble }],
      { kind: 'trouble', state: 'unreachable', message: 'no route (REGISTRY_UNREACHABLE)' },
    ],
    [
      'why a registry could not be asked now, although the image was there before',
      [{ reference, state: 'present', digest: digestA, trouble: { ...trouble, code: 'REGISTRY_RATE_LIMITED', message: 'too many' } }],
      { kind: 'trouble', state: 'unreachable', message: 'too many (REGISTRY_RATE_LIMITED)' },
    ],
    [
      'that a registry is away, where no reason is given',
      [{ reference, state: 'unreachable', digest: null }],
      { kind: 'trouble', state: 'unreachable', message: 'the registry of hello:1 does not answer' },
    ],
    [
      'that it has no such image',
      [{ reference, state: 'absent', digest: null }],
      { kind: 'trouble', state: 'absent', message: 'it has no hello:1' },
    ],
    ['nothing where there is nothing to ask for', [], { kind: 'silent' }],
  ];
  for (const [name, checked, expected] of cases) it(`reads ${name}`, () => assert.deepEqual(answerOf(checked), expected));
});

describe('troubleOf', () => {
  const unreachable: RegistryAnswer = { kind: 'trouble', state: 'unreachable', message: 'no route' };
  const absent: RegistryAnswer = { kind: 'trouble', state: 'absent', message: 'no hello:1' };
  const known = { state: 'unreachable', code: 'REGISTRY_UNREACHABLE', message: 'timed out' } as const;
  const cases: readonly (readonly [string, RegistryAnswer, Partial<ServiceStatus>, string | null])[] = [
    ['a registry that named a digest', { kind: 'named', digest: digestA }, { registry: known }, null],
    ['a registry that does not answer', unreachable, {}, 'no route'],
    ['what the status knows, when the watcher is silent', { kind: 'silent' }, { registry: known }, 'timed out (REGISTRY_UNREACHABLE)'],
    ['a silent watcher alone', { kind: 'silent' }, {}, null],
    ['an image that is gone from its registry', absent, {}, 'no hello:1'],
    ["the engine's own image, which no registry has", absent, { source: 'local' }, null],
    ["the engine's own image, for which the status minds no registry", unreachable, { source: 'local' }, null],
    ["the engine's own image, whose registry the status minds", unreachable, { source: 'local', registry: known }, 'no route'],
    ['a reference that names its digest', unreachable, { image: `hello@${digestA}`, digest: digestA }, null],
    ['a reference that names another digest', unreachable, { image: `hello@${digestB}`, digest: digestA }, 'no route'],
  ];
  for (const [name, answer, status, expected] of cases) {
    it(`${expected === null ? 'does not mind' : 'tells'} ${name}`, () => assert.equal(troubleOf(answer, serviceStatus(status)), expected));
  }

  it('has nothing to tell before the reconciler answered', () => assert.equal(troubleOf(unreachable, null), null));
});
