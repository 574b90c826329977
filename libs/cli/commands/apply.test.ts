import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceName, type ValidateReply } from '@kedge/shared/contracts';
import { createFakeBus } from '../testing/fake-bus.ts';
import { createRecordingTerminal } from '../testing/recording-terminal.ts';
import { runLine } from '../testing/run-line.ts';
import { web } from '../testing/samples.ts';

const api = ServiceName.parse('api');
const fine: ValidateReply = { ok: true, problems: [], services: [web], revision: 'r1' };
/** As the watcher answers: valid, but not in force. */
const held: ValidateReply = {
  ...fine,
  ok: false,
  problems: [{ file: 'kedge.toml', line: 1, column: 1, message: 'this configuration would remove 1 of 1 services (api)' }],
  held: { revision: 'r2', removes: [api], since: '2026-03-01T11:58:00.000Z' },
};

function watcher() {
  return createFakeBus({ 'config.validate': ({ apply }) => (apply === true ? fine : held) });
}

function wasApplied(bus: ReturnType<typeof watcher>): boolean {
  return bus.asked.some(({ data }) => JSON.stringify(data) === '{"apply":true,"revision":"r2"}');
}

const shown = 'Held since 2 min ago: the configuration in the folder no longer declares these services, and would remove them:\n  - api\n';

describe('kedge apply', () => {
  it('has nothing to do when nothing is held', async () => {
    const bus = createFakeBus({ 'config.validate': () => fine });
    assert.deepEqual(await runLine(bus, 'apply'), { exitCode: 0, out: 'Nothing to do: no configuration is held.\n', err: '' });
  });

  it('tells a script which option answers for it, and changes nothing', async () => {
    const bus = watcher();
    const { exitCode, out, err } = await runLine(bus, 'apply');
    assert.equal(exitCode, 1);
    assert.equal(out, shown);
    assert.match(err, /"kedge apply --yes" answers it/);
    assert.ok(!wasApplied(bus));
  });

  it('applies with --yes, after showing what goes', async () => {
    const bus = watcher();
    assert.deepEqual(await runLine(bus, 'apply --yes'), { exitCode: 0, out: `${shown}In force: web.\n`, err: '' });
    assert.ok(wasApplied(bus));
  });

  it('asks a person once, and takes no for an answer', async () => {
    const refused = watcher();
    const no = await runLine(refused, 'apply', { terminal: createRecordingTerminal({ answer: false }) });
    assert.deepEqual([no.exitCode, no.out], [1, `${shown}? Remove 1 and put the configuration in force?\nLeft as it is.\n`]);
    assert.ok(!wasApplied(refused));

    const agreed = watcher();
    assert.equal((await runLine(agreed, 'apply', { terminal: createRecordingTerminal({ answer: true }) })).exitCode, 0);
    assert.ok(wasApplied(agreed));
  });

  describe('when the folder changes after it was shown', () => {
    const newer: ValidateReply = { ...held, held: { revision: 'r3', removes: [api, web], since: '2026-03-01T11:59:00.000Z' } };
    /** The newer one is held by the time somebody says yes to the first. */
    const changing = () =>
      createFakeBus({
        'config.validate': ({ apply, revision }) => (apply !== true ? held : revision === 'r3' ? { ...fine, services: [] } : newer),
      });

    it('shows the newer one, and asks again', async () => {
      const bus = changing();
      const { exitCode, out } = await runLine(bus, 'apply', { terminal: createRecordingTerminal({ answer: true }) });
      assert.equal(exitCode, 0);
      assert.deepEqual(
        out.split('\n').filter((line) => line.startsWith('?')),
        ['? Remove 1 and put the configuration in force?', '? Remove 2 and put the configuration in force?'],
      );
      assert.match(out, /The folder changed meanwhile.*\nHeld since 1 min ago.*\n {2}- api\n {2}- web\n/);
      assert.deepEqual(
        bus.asked.map(({ data }) => data),
        [{}, { apply: true, revision: 'r2' }, { apply: true, revision: 'r3' }],
      );
    });

    it('takes --yes for an answer to that, too', async () => {
      assert.match((await runLine(changing(), 'apply --yes')).out, /In force: no service is declared any more\.\n$/);
    });

    it('gives up when it changes each time', async () => {
      let revision = 0;
      const bus = createFakeBus({
        'config.validate': () => {
          revision += 1;
          return { ...held, held: { revision: `r${revision}`, removes: [api], since: '2026-03-01T11:59:00.000Z' } };
        },
      });
      const { exitCode, err } = await runLine(bus, 'apply --yes');
      assert.equal(exitCode, 1);
      assert.match(err, /CONFIG_CHANGES/);
    });

    it('does not ask again about what was agreed to and is held all the same', async () => {
      const bus = createFakeBus({ 'config.validate': () => held });
      const { exitCode, out } = await runLine(bus, 'apply --yes');
      assert.equal(exitCode, 1);
      assert.match(out, /kedge\.toml:1:1: this configuration would remove/);
    });
  });

  it('shows problems instead of applying a broken configuration', async () => {
    const bus = createFakeBus({
      'config.validate': () => ({ ...fine, ok: false, problems: [{ file: 'kedge.toml', line: 1, column: 1, message: 'no' }] }),
    });
    const { exitCode, out } = await runLine(bus, 'apply --yes');
    assert.equal(exitCode, 1);
    assert.match(out, /^kedge.toml:1:1: no\n/);
    assert.ok(!wasApplied(bus));
  });
});
