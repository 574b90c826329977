import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Component, components, type DoctorReply, NodeName } from '@kedge/shared/contracts';
import { type Diagnosis, diagnose, type Examined } from './diagnose.ts';

const now = new Date('2026-03-01T12:00:00.000Z');
const before = (seconds: number) => new Date(now.getTime() - seconds * 1_000).toISOString();

function reply(extra: Partial<DoctorReply> = {}): Examined {
  return {
    kind: 'answered',
    reply: {
      node: NodeName.parse('local'),
      instance: 'one',
      version: '1.2.0',
      now: now.toISOString(),
      startedAt: before(3_600),
      lastPassAt: before(20),
      parts: { bus: true },
      findings: [],
      ...extra,
    },
  };
}

function everybody(extra: Partial<Record<Component, Examined>> = {}): Record<Component, Examined> {
  return { watcher: reply(), reconciler: reply(), scheduler: reply(), proxy: reply(), secrets: reply({ lastPassAt: null }), ...extra };
}

function look(options: Partial<Parameters<typeof diagnose>[0]> = {}): readonly Diagnosis[] {
  return diagnose({ connection: null, keys: [], answers: everybody(), stream: null, now, ...options });
}

const isBad = ({ state }: Diagnosis) => state !== 'fine';

describe('diagnose', () => {
  it('finds all well, and says of everything that it looked', () => {
    const found = look();
    assert.deepEqual(found.filter(isBad), []);
    assert.deepEqual(new Set(found.map(({ where }) => where)), new Set(['bus', ...components]));
  });

  const finding = { what: 'disk', state: 'warning', message: '3 % free', advice: 'make room' } as const;
  const cases: readonly (readonly [string, Parameters<typeof look>[0], Partial<Diagnosis>])[] = [
    ['the bus cannot be joined', { connection: 'no answer' }, { where: 'bus', what: 'connection', state: 'failed', message: 'no answer' }],
    ['the stream cannot be read', { stream: 'no stream' }, { where: 'bus', what: 'stream', state: 'failed', message: 'no stream' }],
    ['a key is open', { keys: [{ ...finding, what: 'keys' }] }, { where: 'bus', what: 'keys', state: 'warning' }],
    [
      'a component is silent',
      { answers: everybody({ proxy: { kind: 'silent', message: 'no responders' } }) },
      { where: 'proxy', what: 'component', state: 'failed', message: 'no responders' },
    ],
    [
      'a part is not ready',
      { answers: everybody({ watcher: reply({ parts: { config: 'no such folder' } }) }) },
      { where: 'watcher', what: 'config', state: 'failed', message: 'no such folder' },
    ],
    [
      'the last look at everything is long ago',
      { answers: everybody({ reconciler: reply({ lastPassAt: before(91) }) }) },
      { where: 'reconciler', what: 'last look at everything', state: 'failed' },
    ],
    [
      'there was no look at everything',
      { answers: everybody({ reconciler: reply({ lastPassAt: null }) }) },
      { where: 'reconciler', what: 'last look at everything', state: 'warning' },
    ],
    [
      'a clock is wrong',
      { answers: everybody({ proxy: reply({ now: before(10), lastPassAt: before(20) }) }) },
      { where: 'proxy', what: 'clock', state: 'warning' },
    ],
    [
      'a component is older than the others',
      { answers: everybody({ scheduler: reply({ version: '1.1.9' }) }) },
      { where: 'scheduler', what: 'version', state: 'warning', message: '1.1.9, and others are 1.2.0' },
    ],
    [
      'a component found something itself',
      { answers: everybody({ reconciler: reply({ findings: [finding] }) }) },
      { where: 'reconciler', ...finding },
    ],
  ];
  for (const [name, options, expected] of cases) {
    it(`says that ${name}, and what to do`, () => {
      const bad = look(options).filter(isBad);
      assert.equal(bad.length, 1);
      assert.partialDeepStrictEqual(bad[0], expected);
      assert.ok((bad[0]?.advice ?? '').length > 0);
    });
  }
});
