import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type DoctorReply, NodeName, ServiceName } from '../contracts/index.ts';
import { RetryableError } from '../kernel/index.ts';
import { createExamination } from './examination.ts';

function open(identity: 'watcher' | 'cli' = 'watcher') {
  const served = new Map<string, () => Promise<DoctorReply>>();
  let seconds = 0;
  const serve = (subject: string, answer: unknown) => void served.set(subject, answer as () => Promise<DoctorReply>);
  const examination = createExamination({
    bus: { node: NodeName.parse('local'), instance: 'one', identity, serve },
    parts: () => ({ start: true, registry: 'it is away' }),
    now: () => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds++)),
    withinMs: 50,
  });
  examination.serve();
  return { examination, served, ask: async () => await served.get('doctor.watcher')?.() };
}

describe('the examination of a component', () => {
  it('tells since when it runs, when it last looked at everything, and which part is not ready', async () => {
    const { examination, ask } = open();
    assert.equal((await ask())?.lastPassAt, null);
    examination.passed();
    const reply = await ask();
    assert.equal(reply?.startedAt, '2026-01-01T00:00:00.000Z');
    assert.equal(reply?.lastPassAt, '2026-01-01T00:00:02.000Z');
    assert.deepEqual(reply?.parts, { start: true, registry: 'it is away' });
  });

  it('looks at everything when it is asked, and a look that fails or never ends hides no other', async () => {
    const { examination, ask } = open();
    examination.examine(async () => {
      throw new RetryableError('ENGINE_UNREACHABLE', 'the engine does not answer');
    });
    examination.examine(async () => await new Promise<never>(() => undefined));
    examination.examine(async () => [{ what: 'disk', state: 'fine', message: '20 GB are free' }]);
    const { findings = [] } = (await ask()) ?? {};
    assert.deepEqual(
      findings.map(({ what, state }) => [what, state]),
      [
        ['examination', 'failed'],
        ['examination', 'failed'],
        ['disk', 'fine'],
      ],
    );
    assert.match(findings[0]?.message ?? '', /does not answer \(ENGINE_UNREACHABLE\)/);
    assert.match(findings[1]?.message ?? '', /not over within 0\.05 s/);
    for (const { state, advice } of findings) assert.equal(advice === undefined, state === 'fine');
  });

  it('looks once for all who ask meanwhile, and again for whoever asks afterwards', async () => {
    const { examination, ask } = open();
    let looks = 0;
    examination.examine(async () => {
      looks += 1;
      return [{ what: 'disk', state: 'fine', message: `look ${looks}` }];
    });
    const replies = await Promise.all([ask(), ask(), ask()]);
    assert.deepEqual(
      replies.map((reply) => reply?.findings[0]?.message),
      ['look 1', 'look 1', 'look 1'],
    );
    assert.equal((await ask())?.findings[0]?.message, 'look 2');
  });

  it('names the service whose look was over the longest ago, where each has its own', async () => {
    const { examination, ask } = open();
    const since = new Date('2026-01-01T00:00:00.000Z');
    examination.tellPasses(() => ({ lastPassAt: since, oldest: { key: ServiceName.parse('web'), since, running: true, underWay: 4 } }));
    const reply = await ask();
    assert.equal(reply?.lastPassAt, since.toISOString());
    assert.deepEqual(reply?.oldestPass, { service: 'web', since: since.toISOString(), running: true, underWay: 4 });
  });

  it('has no looks to tell of while it stands by', async () => {
    const { examination, ask } = open();
    examination.passed();
    examination.tellPasses(() => 'stands-by');
    const reply = await ask();
    assert.deepEqual([reply?.lastPassAt, reply?.standsBy], [null, true]);
  });

  it('is no business of people', () => assert.equal(open('cli').served.size, 0));
});
