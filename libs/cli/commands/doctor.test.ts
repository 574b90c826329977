import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { components, type DoctorReply } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { createFakeBus } from '../testing/fake-bus.ts';
import { runLine } from '../testing/run-line.ts';
import { doctorReply } from '../testing/samples.ts';

const answers = (ofReconciler: Partial<DoctorReply> = {}) => ({
  'doctor.watcher': () => doctorReply(),
  'doctor.reconciler': () => doctorReply(ofReconciler),
  'doctor.scheduler': () => doctorReply(),
  'doctor.proxy': () => doctorReply(),
  'doctor.secrets': () => doctorReply(),
});
const busWith = (ofReconciler: Partial<DoctorReply> = {}) => createFakeBus(answers(ofReconciler));
const role = { what: 'role', state: 'fine', message: 'this instance stands by: one acts on the engine' } as const;

describe('kedge doctor', () => {
  let keysFolder: string;

  before(async () => {
    keysFolder = await mkdtemp(join(tmpdir(), 'kedge-keys-'));
    await writeFile(join(keysFolder, 'cli.nk'), 'seed', { mode: 0o600 });
  });
  after(async () => await rm(keysFolder, { recursive: true }));

  const disk = { what: 'disk', state: 'warning', message: '3 % free', advice: 'make room: "docker image prune"' } as const;

  it('has a page on which all is well', async () => {
    const { exitCode, out } = await runLine(busWith(), 'doctor', { keysFolder });
    assert.equal(exitCode, 0);
    for (const where of ['bus', ...components]) assert.match(out, new RegExp(`^ok +${where} `, 'm'));
    assert.match(out, /\nAll is well\.\n$/);
  });

  it('puts what to do under what is wrong', async () => {
    const { exitCode, out } = await runLine(busWith({ findings: [disk] }), 'doctor', { keysFolder });
    assert.equal(exitCode, 0);
    assert.match(out, /^warning +reconciler +disk: 3 % free\n +→ make room: "docker image prune"$/m);
    assert.match(out, /\n1 warning; all else is well\. What to do stands below each\.\n$/);
  });

  it('fails when something does not work, and on request when something needs a look', async () => {
    assert.equal((await runLine(busWith({ findings: [{ ...disk, state: 'failed' }] }), 'doctor', { keysFolder })).exitCode, 1);
    assert.equal((await runLine(busWith({ findings: [disk] }), 'doctor --exit-code', { keysFolder })).exitCode, 3);
    assert.equal((await runLine(createFakeBus(), 'doctor', { keysFolder })).exitCode, 1);
  });

  it('hears every instance, and finds nothing wrong with one that stands by', async () => {
    const standsBy = { instance: 'two', lastPassAt: null, standsBy: true };
    let asked = 0;
    const bus = createFakeBus({
      ...answers(),
      'doctor.reconciler': () => {
        asked += 1;
        return doctorReply({ ...(asked % 3 === 0 ? {} : standsBy), findings: asked % 3 === 0 ? [] : [role] });
      },
    });
    const { exitCode, out } = await runLine(bus, 'doctor --exit-code', { keysFolder });
    assert.equal(exitCode, 0);
    assert.match(out, /^ok +reconciler +last look at everything of one: now$/m);
    assert.match(out, /^ok +reconciler +role of two: this instance stands by: one acts on the engine$/m);
    assert.match(out, /\nAll is well\.\n$/);
  });

  it('prints the findings for programs', async () => {
    const { out } = await runLine(busWith({ findings: [disk] }), 'doctor --json', { keysFolder });
    const { findings } = JSON.parse(out) as { readonly findings: readonly { readonly state: string }[] };
    assert.deepEqual(
      findings.filter(({ state }) => state !== 'fine'),
      [{ where: 'reconciler', ...disk }],
    );
  });

  it('has a page also when the bus is away', async () => {
    const refusal = new RetryableError('BUS_UNAVAILABLE', 'the bus does not answer');
    const { exitCode, out, err } = await runLine(createFakeBus(), 'doctor', { keysFolder, refusal });
    assert.deepEqual([exitCode, err], [2, '']);
    assert.match(out, /^failed +bus +connection: the bus does not answer\n +→ "docker compose/m);
    assert.match(out, /^ok +bus +keys: /m);
    assert.equal(out.match(/^failed/gm)?.length, 1);
    for (const component of components) assert.match(out, new RegExp(`^- +${component} +component: not asked, without the bus$`, 'm'));
    assert.match(out, /\n1 thing does not work, 5 were not asked; all else is well\. What to do stands below each\.\n$/);
    const { findings } = JSON.parse((await runLine(createFakeBus(), 'doctor --json', { keysFolder, refusal })).out);
    assert.deepEqual(
      findings.map(({ state }: { readonly state: string }) => state),
      ['failed', 'fine', ...components.map(() => 'not-asked')],
    );
  });

  it('minds keys that others can read', async (test) => {
    const key = join(keysFolder, 'cli.nk');
    await chmod(key, 0o644);
    test.after(async () => await chmod(key, 0o600));
    const { out } = await runLine(busWith(), 'doctor', { keysFolder });
    assert.ok(out.includes(`→ chmod 600 ${key}`), out);
  });
});
