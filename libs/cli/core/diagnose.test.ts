import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Component, components, type DoctorReply, type Finding, NodeName, ServiceName } from '@kedge/shared/contracts';
import fc from 'fast-check';
import { type Diagnosis, diagnose, type Examined } from './diagnose.ts';

const now = new Date('2026-03-01T12:00:00.000Z');
const before = (seconds: number) => new Date(now.getTime() - seconds * 1_000).toISOString();

function replyOf(extra: Partial<DoctorReply> = {}): DoctorReply {
  return {
    node: NodeName.parse('local'),
    instance: 'one',
    version: '1.2.0',
    now: now.toISOString(),
    startedAt: before(3_600),
    lastPassAt: before(20),
    parts: { bus: true },
    findings: [],
    ...extra,
  };
}

/** What came of asking a component of one instance. */
function reply(extra: Partial<DoctorReply> = {}): Examined {
  return { kind: 'answered', replies: [replyOf(extra)], unanswered: 0 };
}

/** What came of asking a reconciler of several instances. */
function reconcilers(...replies: readonly Partial<DoctorReply>[]): Record<Component, Examined> {
  const named = replies.map((extra, index) => replyOf({ instance: `r${index}`, ...extra }));
  return everybody({ reconciler: { kind: 'answered', replies: named, unanswered: 0 } });
}

function everybody(extra: Partial<Record<Component, Examined>> = {}): Record<Component, Examined> {
  return { watcher: reply(), reconciler: reply(), scheduler: reply(), proxy: reply(), secrets: reply({ lastPassAt: null }), ...extra };
}

function look(options: Partial<Parameters<typeof diagnose>[0]> = {}): readonly Diagnosis[] {
  return diagnose({ connection: null, keys: [], answers: everybody(), stream: null, now, ...options });
}

const isBad = ({ state }: Diagnosis) => state !== 'fine';
const hasAdvice = (found: Diagnosis | undefined) => found !== undefined && 'advice' in found && found.advice.length > 0;

describe('diagnose', () => {
  it('finds all well, and says of everything that it looked', () => {
    const found = look();
    assert.deepEqual(found.filter(isBad), []);
    assert.deepEqual(new Set(found.map(({ where }) => where)), new Set(['bus', ...components]));
  });

  const finding = { what: 'disk', state: 'warning', message: '3 % free', advice: 'make room' } as const;
  const web = ServiceName.parse('web');
  const oldest = (seconds: number, pass: { readonly running: boolean; readonly underWay: number }) =>
    reply({ lastPassAt: before(seconds), oldestPass: { service: web, since: before(seconds), ...pass } });
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
      'the look at a service lasts',
      { answers: everybody({ reconciler: oldest(300, { running: true, underWay: 1 }) }) },
      {
        where: 'reconciler',
        what: 'last look at everything',
        state: 'warning',
        message: '5 min ago, of web, and one runs now',
      },
    ],
    [
      'a service waits for its turn',
      { answers: everybody({ reconciler: oldest(300, { running: false, underWay: 4 }) }) },
      { where: 'reconciler', what: 'last look at everything', state: 'warning', message: '5 min ago, of web, while 4 others run' },
    ],
    [
      'a service waits for one other',
      { answers: everybody({ reconciler: oldest(300, { running: false, underWay: 1 }) }) },
      { where: 'reconciler', what: 'last look at everything', state: 'warning', message: '5 min ago, of web, while 1 other runs' },
    ],
    [
      'the look at a service is stuck',
      { answers: everybody({ reconciler: oldest(3_600, { running: true, underWay: 1 }) }) },
      { where: 'reconciler', what: 'last look at everything', state: 'failed' },
    ],
    [
      'no look at a service comes to its end',
      { answers: everybody({ scheduler: oldest(91, { running: false, underWay: 0 }) }) },
      { where: 'scheduler', what: 'last look at everything', state: 'failed', message: '1 min ago, of web' },
    ],
    [
      'the instance that acts did not answer',
      { answers: everybody({ reconciler: reply({ lastPassAt: null, standsBy: true }) }) },
      { where: 'reconciler', what: 'acting instance', state: 'failed' },
    ],
    [
      'some questions were not answered',
      { answers: everybody({ proxy: { kind: 'answered', replies: [replyOf()], unanswered: 7 } }) },
      { where: 'proxy', what: 'questions', state: 'warning' },
    ],
    [
      'one question was not answered',
      { answers: everybody({ proxy: { kind: 'answered', replies: [replyOf()], unanswered: 1 } }) },
      { where: 'proxy', what: 'questions', state: 'warning', message: '1 was not answered in time, and others were' },
    ],
    [
      'a component of an older version found something and knew no advice',
      { answers: everybody({ proxy: reply({ findings: [{ what: 'port', state: 'failed', message: 'taken' }] }) }) },
      { where: 'proxy', what: 'port', state: 'failed' },
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
      assert.ok(hasAdvice(bad[0]));
    });
  }

  it('finds nothing wrong with a reconciler that stands by, whoever answers first', () => {
    const standing = {
      lastPassAt: null,
      standsBy: true,
      findings: [{ what: 'role', state: 'fine', message: 'this instance stands by: r0 acts on the engine' } as const],
    };
    for (const answers of [reconcilers({}, standing), reconcilers(standing, {})]) {
      const found = look({ answers }).filter(({ where }) => where === 'reconciler');
      assert.deepEqual(found.filter(isBad), []);
      assert.equal(found.filter(({ what }) => what === 'last look at everything').length, 1);
    }
  });

  it('says once what all instances say, and else whose it is', () => {
    const found = look({ answers: reconcilers({}, { findings: [finding] }, { parts: { engine: 'away' } }) });
    const ofReconciler = found.filter(({ where }) => where === 'reconciler').map(({ what, instance }) => [what, instance]);
    assert.deepEqual(ofReconciler, [
      ['component', 'r0'],
      ['last look at everything', undefined],
      ['component', 'r1'],
      ['disk', 'r1'],
      ['engine', 'r2'],
    ]);
  });

  it('says nothing about the instance that acts when one says itself why nobody does', () => {
    const role = { what: 'role', state: 'warning', message: 'nobody has the right to act', advice: 'wait' } as const;
    const bad = look({ answers: reconcilers({ lastPassAt: null, standsBy: true, findings: [role] }) }).filter(isBad);
    assert.deepEqual(
      bad.map(({ what }) => what),
      ['role'],
    );
  });

  it('has advice for whatever is not fine', () => {
    const instant = fc.integer({ min: 0, max: 10_000 }).map(before);
    const found = fc.record({ what: fc.string(), state: fc.constantFrom('fine', 'warning', 'failed'), message: fc.string() });
    const answered = fc.record({
      lastPassAt: fc.option(instant),
      oldestPass: fc.option(fc.record({ service: fc.constant(web), since: instant, running: fc.boolean(), underWay: fc.nat(4) }), {
        nil: undefined,
      }),
      standsBy: fc.boolean(),
      now: instant,
      version: fc.constantFrom('1.2.0', '1.1.0'),
      parts: fc.constantFrom({ bus: true }, { bus: 'away' }, { bus: false }),
      findings: fc.array(found as fc.Arbitrary<Finding>),
    });
    const property = fc.property(
      fc.array(answered, { minLength: 1, maxLength: 3 }),
      fc.option(fc.string()),
      fc.nat(3),
      (replies, reason, unanswered) => {
        const named = replies.map(({ oldestPass, ...rest }, index) =>
          replyOf({ instance: `r${index}`, ...rest, ...(oldestPass ? { oldestPass } : {}) }),
        );
        const answers = everybody({
          reconciler: { kind: 'answered', replies: named, unanswered },
          proxy: { kind: 'silent', message: 'away' },
        });
        for (const each of look({ answers, connection: reason, stream: reason })) assert.equal(hasAdvice(each), each.state !== 'fine');
      },
    );
    fc.assert(property);
  });
});
