import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceName, type StatusReply } from '@kedge/shared/contracts';
import { createFakeBus, type FakeBus } from '../testing/fake-bus.ts';
import { createRecordingTerminal } from '../testing/recording-terminal.ts';
import { runLine } from '../testing/run-line.ts';
import { serviceStatus, statusReply } from '../testing/samples.ts';

const since = '2026-03-01T11:58:00.000Z';
const stopped = serviceStatus({ phase: 'stopped', replicas: { ready: 0, wanted: 1 } });
const removing = serviceStatus({ phase: 'removing', replicas: { ready: 0, wanted: 1 } });

/** A reconciler whose services leave one look after the other once somebody asked for it. */
function reconciler(afterwards: readonly StatusReply[]): FakeBus {
  const answers = [...afterwards];
  let isAsked = false;
  return createFakeBus(
    { 'status.services': () => (isAsked ? (answers.length > 1 ? answers.shift() : answers[0]) : undefined) ?? statusReply() },
    {
      onPublish: () => {
        isAsked = true;
      },
    },
  );
}

const leaves: readonly StatusReply[] = [
  statusReply(),
  statusReply({ down: { since }, services: [removing] }),
  statusReply({ down: { since }, services: [stopped] }),
];

describe('kedge down', () => {
  it('shows what goes, waits until it is gone, and says how Kedge itself ends', async () => {
    for (const line of ['down --yes', '-s stop --yes']) {
      const bus = reconciler(leaves);
      const { exitCode, out, err } = await runLine(bus, line);
      assert.deepEqual([exitCode, err], [0, '']);
      assert.match(
        out,
        /^Stops and removes on node local:\n {2}- web\ndown\n {2}asked\n {2}removing web\nEverything is down\. .*"docker compose down" .*\nVolumes, images and .*"npm stop".*\n +networks +docker network rm .*\n +volumes +docker volume ls .*\n$/,
      );
      assert.deepEqual(
        bus.said.map(({ subject, data, options }) => [subject, data, options?.actor]),
        [['node.requested', { action: 'down' }, 'ann']],
      );
    }
  });

  it('asks again while nobody answers', async () => {
    const bus = createFakeBus(
      { 'status.services': () => statusReply({ down: { since }, services: [stopped] }) },
      { lost: (_subject, asked) => asked < 3 },
    );
    const { exitCode, out, err } = await runLine(bus, 'down --yes');
    assert.deepEqual([exitCode, bus.asked.length, err.split('\n').length], [0, 3, 2]);
    assert.match(out, /^Nothing to do/);
  });

  it('answers programs with one object, and talks beside it', async () => {
    const done = await runLine(reconciler(leaves), 'down --yes --json');
    assert.deepEqual([done.exitCode, JSON.parse(done.out)], [0, { ok: true, outcome: 'done', node: 'local', removes: ['web'] }]);
    assert.match(done.err, /^Stops and removes on node local:\n.*Everything is down/s);
    const late = await runLine(reconciler([statusReply({ down: { since }, services: [removing] })]), 'down --yes --json --timeout 1ms');
    assert.deepEqual([late.exitCode, JSON.parse(late.out).outcome], [1, 'timeout']);
    const no = await runLine(reconciler(leaves), 'down --json', { terminal: createRecordingTerminal({ answer: false }) });
    assert.deepEqual([no.exitCode, JSON.parse(no.out).outcome], [1, 'refused']);
  });

  it('asks once, and takes no for an answer', async () => {
    const bus = reconciler(leaves);
    const { exitCode, out } = await runLine(bus, 'down', { terminal: createRecordingTerminal({ answer: false }) });
    assert.equal(exitCode, 1);
    assert.match(out, /\? Take 1 service down\?\nLeft as it is\.\n$/);
    assert.deepEqual(bus.said, []);
    assert.equal((await runLine(bus, 'down', { terminal: createRecordingTerminal({ answer: true }) })).exitCode, 0);
  });

  it('counts a job between two runs, and none that never ran', async () => {
    const idle = { phase: 'idle', replicas: { ready: 0, wanted: 1 } } as const;
    const nightly = serviceStatus({ ...idle, service: ServiceName.parse('nightly') });
    const never = serviceStatus({ ...idle, service: ServiceName.parse('never'), release: null });
    const bus = createFakeBus({ 'status.services': () => statusReply({ services: [serviceStatus(), nightly, never] }) });
    const { out } = await runLine(bus, 'down', { terminal: createRecordingTerminal({ answer: false }) });
    assert.match(out, /^Stops and removes on node local:\n {2}- web\n {2}- nightly\n\? Take 2 services down\?\n/);
  });

  it('tells a script which option answers for it', async () => {
    const bus = reconciler(leaves);
    const { exitCode, err } = await runLine(bus, '-s stop');
    assert.equal(exitCode, 1);
    assert.match(err, /"kedge down --yes" answers it \[ANSWER_NEEDED\]/);
    assert.deepEqual(bus.said, []);
  });

  it('has nothing to do when everything is down', async () => {
    const bus = createFakeBus({ 'status.services': () => statusReply({ down: { since }, services: [stopped] }) });
    const { exitCode, out } = await runLine(bus, 'down');
    assert.equal(exitCode, 0);
    assert.match(out, /^Nothing to do: everything is down since 2 min ago\..*\nVolumes, images and the default network stay;/);
    assert.deepEqual(bus.said, []);
  });

  it('goes on by itself where nobody waits, or not long enough', async () => {
    const bus = reconciler([statusReply()]);
    assert.match((await runLine(bus, 'down --yes --no-wait --reason maintenance')).out, /Asked to take everything down; .*kedge status/);
    assert.deepEqual(bus.said[0]?.data, { action: 'down', reason: 'maintenance' });
    const late = await runLine(reconciler([statusReply({ down: { since }, services: [removing] })]), 'down --yes --timeout 1ms');
    assert.equal(late.exitCode, 1);
    assert.match(late.out, /Not everything is down after 1 ms; it goes on by itself/);
  });

  it('goes on while the reconciler is away', async () => {
    let looks = 0;
    const bus = createFakeBus({
      'status.services': () => {
        looks += 1;
        if (looks === 2) throw new Error('restarting');
        return looks === 1 ? statusReply() : statusReply({ down: { since }, services: [stopped] });
      },
    });
    const { exitCode, out } = await runLine(bus, 'down --yes');
    assert.equal(exitCode, 0);
    assert.match(out, /\n {2}waiting for an answer, and asking again: restarting\nEverything is down/);
  });
});
