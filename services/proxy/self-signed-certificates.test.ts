import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Sealed } from '@kedge/shared/kernel';
import { recordingLog } from '@kedge/shared/testing';
import type { CertificatePlan } from './core/self-signed.ts';
import type { FoundCertificate } from './ports.ts';
import { createSelfSignedCertificates } from './self-signed-certificates.ts';

const day = 24 * 3_600_000;

/** A disk of paper and a clock that a test sets. */
function arrange() {
  const disk = new Map<string, FoundCertificate>();
  const plans = new Map<string, CertificatePlan>();
  const state = { now: new Date('2026-03-01T12:00:00Z'), readable: true, writable: true, fails: false, made: 0 };
  const { log, lines } = recordingLog();
  const source = createSelfSignedCertificates({
    store: {
      async load(host) {
        if (!state.readable) throw new Error('EACCES');
        return disk.get(host) ?? null;
      },
      async save(host, saved) {
        const plan = plans.get(saved.certificate);
        if (!state.writable || !plan) throw new Error('ENOSPC');
        disk.set(host, { ...saved, terms: plan });
      },
    },
    async make(plan) {
      if (state.fails) throw new Error('no entropy');
      state.made += 1;
      const certificate = `${plan.names[0]} ${state.made}`;
      plans.set(certificate, plan);
      return { certificate, privateKey: new Sealed('hunter2') };
    },
    now: () => state.now,
    log,
  });
  return { state, disk, lines, ask: async (host: string) => (await source.certificateFor(host)).certificate };
}

describe('self-signed certificates', () => {
  it('are made when they are first asked for, one for each host, and kept', async () => {
    const { ask, disk } = arrange();
    assert.deepEqual([await ask('a.test'), await ask('b.test'), await ask('a.test')], ['a.test 1', 'b.test 2', 'a.test 1']);
    assert.deepEqual([...disk.keys()], ['a.test', 'b.test']);
  });

  it('are made once for all who ask at the same time', async () => {
    const { ask, state } = arrange();
    assert.deepEqual(new Set(await Promise.all(Array.from({ length: 20 }, async () => await ask('a.test')))), new Set(['a.test 1']));
    assert.equal(state.made, 1);
  });

  it('are made anew before they expire, while the process runs', async () => {
    const { ask, state, lines } = arrange();
    await ask('a.test');
    state.now = new Date(state.now.getTime() + 59 * day);
    assert.equal(await ask('a.test'), 'a.test 1');
    state.now = new Date(state.now.getTime() + 40 * day);
    assert.equal(await ask('a.test'), 'a.test 2');
    assert.ok(lines.at(-1)?.includes('most of its time is over'));
  });

  it('are those of the disk, whoever wrote them last', async () => {
    const { ask, disk } = arrange();
    await ask('a.test');
    const found = disk.get('a.test');
    assert.ok(found);
    disk.set('a.test', { ...found, certificate: 'of another proxy' });
    assert.equal(await ask('a.test'), 'of another proxy');
    disk.delete('a.test');
    assert.equal(await ask('a.test'), 'a.test 2');
  });

  it('stay the same within the process when they cannot be saved, or read again', async () => {
    const { ask, state, lines } = arrange();
    state.writable = false;
    assert.deepEqual([await ask('a.test'), await ask('a.test')], ['a.test 1', 'a.test 1']);
    state.readable = false;
    assert.equal(await ask('a.test'), 'a.test 1');
    assert.equal(lines.filter((line) => line.includes('could not be saved')).length, 1);
    assert.ok(!lines.some((line) => line.includes('hunter2')));
  });

  it('stay the same within the process when they were saved and cannot be read', async () => {
    const { ask, state } = arrange();
    state.readable = false;
    assert.deepEqual([await ask('a.test'), await ask('a.test')], ['a.test 1', 'a.test 1']);
  });

  it('can be asked for again after one could not be made', async () => {
    const { ask, state } = arrange();
    state.fails = true;
    await assert.rejects(ask('a.test'), /no entropy/);
    state.fails = false;
    assert.equal(await ask('a.test'), 'a.test 1');
  });
});
