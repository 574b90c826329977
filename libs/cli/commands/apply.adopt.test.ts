import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type PlanReply, ServiceName, type ValidateReply } from '@kedge/shared/contracts';
import { createFakeBus, type FakeBus } from '../testing/fake-bus.ts';
import { createRecordingTerminal } from '../testing/recording-terminal.ts';
import { runLine } from '../testing/run-line.ts';
import { digestB, releaseB, rollout, serviceStatus, statusReply, web } from '../testing/samples.ts';

const api = ServiceName.parse('api');
const fine: ValidateReply = { ok: true, problems: [], services: [web], revision: 'r1' };
const newer = { rollout, release: releaseB, image: 'hello:1', digest: digestB };

describe('kedge apply --adopt', () => {
  const foreign: NonNullable<PlanReply['foreign']> = [
    { service: web, container: 'web', image: 'nginx:1', running: true, because: 'name', networks: ['dispenser'] },
    { service: api, container: 'api', image: 'nginx:1', running: true, because: 'name', networks: ['dispenser'] },
  ];
  /** A reconciler that lets a service in when it is asked to. */
  function blocked(): FakeBus {
    const adopted: string[] = [];
    const bus: FakeBus = createFakeBus(
      {
        'config.validate': () => fine,
        'status.services': () => statusReply({ services: [serviceStatus(), serviceStatus({ service: api })] }),
        'deploy.plan': () => ({ changes: [], foreign: foreign.filter(({ service }) => !adopted.includes(service)) }),
      },
      {
        onPublish({ options }) {
          adopted.push(options?.service ?? '');
          bus.say('deploy.succeeded', { ...newer, durationMs: 4_200, drained: true, openRequests: 0 }, options?.service);
        },
      },
    );
    return bus;
  }
  const adoptedBy = (bus: FakeBus) => bus.said.map(({ subject, data, options }) => [subject, data, options?.actor]);

  it('asks once, names whose place is taken, and waits for them', async () => {
    const bus = blocked();
    const { exitCode, out } = await runLine(bus, 'apply --adopt web --timeout 20s', {
      terminal: createRecordingTerminal({ answer: true }),
    });
    assert.equal(exitCode, 0);
    assert.match(out, /^Left alone, because Kedge did not make them:\n {2}container web /);
    assert.deepEqual(
      out.split('\n').filter((line) => line.startsWith('?')),
      ['? Remove container web (nginx:1) as soon as web serves in its place?'],
    );
    assert.match(out, /web serves bbbbbbbbbbbb after 4\.2 s\n1 service done: web\.\n$/);
    assert.deepEqual(adoptedBy(bus), [['deploy.requested', { service: 'web', action: 'adopt' }, 'ann']]);
  });

  it('takes all where none is named, without a question when it was answered', async () => {
    const bus = blocked();
    assert.equal((await runLine(bus, 'apply --adopt --yes --no-wait')).exitCode, 0);
    assert.deepEqual(
      bus.said.map(({ options }) => options?.service),
      ['web', 'api'],
    );
  });

  it('does nothing without a yes', async () => {
    const bus = blocked();
    const { exitCode, err } = await runLine(bus, 'apply --adopt');
    assert.equal(exitCode, 1);
    assert.match(err, /Remove container web .*, container api .*\? "kedge apply --yes --adopt" answers it \[ANSWER_NEEDED\]/);
    const { ok, error } = JSON.parse((await runLine(bus, 'apply --adopt --json')).out);
    assert.deepEqual([ok, error.code, error.message.endsWith('answers it')], [false, 'ANSWER_NEEDED', true]);
    const no = await runLine(bus, 'apply --adopt', { terminal: createRecordingTerminal({ answer: false }) });
    assert.deepEqual([no.exitCode, bus.said], [1, []]);
    assert.match(no.out, /Left as it is\.\n$/);
  });

  it('does not wait for a service whose place nobody agreed to take', async () => {
    const waits = {
      service: web,
      action: 'create' as const,
      reason: 'first start',
      steps: [],
      problem: { code: 'NAME_TAKEN', message: 'taken' },
    };
    const bus = createFakeBus({
      'config.validate': () => fine,
      'deploy.plan': () => ({ changes: [waits], foreign: foreign.slice(0, 1) }),
      'status.services': () => statusReply(),
    });
    const { exitCode, out } = await runLine(bus, 'apply');
    assert.equal(exitCode, 1);
    assert.match(out, /1 of 1 service failed: web\.\n {2}- web waits for its place, .*\n.*"kedge apply --adopt web"/);
  });

  it('says when there is nothing of that name', async () => {
    const { exitCode, err } = await runLine(blocked(), 'apply --adopt wbe --yes');
    assert.equal(exitCode, 1);
    assert.match(err, /did you mean "web"\? \[NOTHING_TO_ADOPT\]/);
  });
});
