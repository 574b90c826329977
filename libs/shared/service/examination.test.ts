import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type DoctorReply, NodeName } from '../contracts/index.ts';
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

  it('looks at everything when it is asked, and a look that fails hides no other', async () => {
    const { examination, ask } = open();
    examination.examine(async () => {
      throw new RetryableError('ENGINE_UNREACHABLE', 'the engine does not answer');
    });
    examination.examine(async () => [{ what: 'disk', state: 'fine', message: '20 GB are free' }]);
    const { findings = [] } = (await ask()) ?? {};
    assert.deepEqual(
      findings.map(({ what, state }) => [what, state]),
      [
        ['examination', 'failed'],
        ['disk', 'fine'],
      ],
    );
    assert.match(findings[0]?.message ?? '', /does not answer \(ENGINE_UNREACHABLE\)/);
  });

  it('is no business of people', () => assert.equal(open('cli').served.size, 0));
});
