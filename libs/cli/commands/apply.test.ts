import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type PlanReply, ServiceName, type ValidateReply } from '@kedge/shared/contracts';
import { createFakeBus } from '../testing/fake-bus.ts';
import { createRecordingTerminal } from '../testing/recording-terminal.ts';
import { runLine } from '../testing/run-line.ts';
import { statusReply, web } from '../testing/samples.ts';

const api = ServiceName.parse('api');
const fine: ValidateReply = { ok: true, problems: [], services: [web], revision: 'r1' };
/** As the watcher answers: valid, but not in force. */
const held: ValidateReply = {
  ...fine,
  ok: false,
  problems: [{ file: 'kedge.toml', line: 1, column: 1, message: 'this configuration would remove 1 of 1 services (api)' }],
  held: { revision: 'r2', removes: [api], since: '2026-03-01T11:58:00.000Z' },
};

const nothing = () => ({ changes: [] });

function watcher() {
  return createFakeBus({
    'config.validate': ({ apply }) => (apply === true ? fine : held),
    'deploy.plan': nothing,
    'status.services': () => statusReply(),
  });
}

function wasApplied(bus: ReturnType<typeof watcher>): boolean {
  return bus.asked.some(({ data }) => JSON.stringify(data) === '{"apply":true,"revision":"r2"}');
}

const awaited = 'waiting for an answer, and asking again: reconciler did not answer deploy.plan: no responders';
const removal = 'Held since 2 min ago: the configuration in the folder no longer declares this service, and would remove it:\n  - api\n';
const shown = `${removal}It still declares web; whether anything changes there is known only once it is in force.\n`;

describe('kedge apply', () => {
  it('has nothing to do when nothing is held', async () => {
    const bus = createFakeBus({ 'config.validate': () => fine, 'deploy.plan': nothing });
    assert.deepEqual(await runLine(bus, 'apply'), { exitCode: 0, out: 'Nothing to do.\n', err: '' });
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
    assert.deepEqual(await runLine(bus, 'apply --yes'), {
      exitCode: 0,
      out: `${shown}In force: web.\napply\n  api is removed\n1 service done: api.\n`,
      err: '',
    });
    assert.ok(wasApplied(bus));
  });

  it('asks a person once, and takes no for an answer', async () => {
    const refused = watcher();
    const no = await runLine(refused, 'apply', { terminal: createRecordingTerminal({ answer: false }) });
    assert.deepEqual(
      [no.exitCode, no.out],
      [1, `${shown}? Remove service api, and put the configuration of the folder in force?\nLeft as it is.\n`],
    );
    assert.ok(!wasApplied(refused));

    const agreed = watcher();
    assert.equal((await runLine(agreed, 'apply', { terminal: createRecordingTerminal({ answer: true }) })).exitCode, 0);
    assert.ok(wasApplied(agreed));
  });

  describe('when the folder changes after it was shown', () => {
    const newer: ValidateReply = {
      ...held,
      services: [],
      held: { revision: 'r3', removes: [api, web], since: '2026-03-01T11:59:00.000Z' },
    };
    /** The newer one is held by the time somebody says yes to the first. */
    const changing = () =>
      createFakeBus({
        'config.validate': ({ apply, revision }) => (apply !== true ? held : revision === 'r3' ? { ...fine, services: [] } : newer),
        'deploy.plan': nothing,
        'status.services': () => statusReply({ services: [] }),
      });

    it('shows the newer one, and asks again', async () => {
      const bus = changing();
      const { exitCode, out } = await runLine(bus, 'apply', { terminal: createRecordingTerminal({ answer: true }) });
      assert.equal(exitCode, 0);
      assert.deepEqual(
        out.split('\n').filter((line) => line.startsWith('?')),
        [
          '? Remove service api, and put the configuration of the folder in force?',
          '? Remove services api, web, and put the configuration of the folder in force?',
        ],
      );
      assert.match(
        out,
        /The folder changed meanwhile.*\nHeld since 1 min ago.*\n {2}- api\n {2}- web\nIt declares no service any more\.\n/,
      );
      assert.deepEqual(
        bus.asked.filter(({ subject }) => subject === 'config.validate').map(({ data }) => data),
        [{}, { apply: true, revision: 'r2' }, { apply: true, revision: 'r3' }],
      );
    });

    it('takes --yes for an answer to that, too', async () => {
      assert.match((await runLine(changing(), 'apply --yes')).out, /In force: no service is declared any more\.\n/);
    });

    it('gives up when it changes each time', async () => {
      let revision = 0;
      const bus = createFakeBus({
        'deploy.plan': nothing,
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
      const bus = createFakeBus({ 'config.validate': () => held, 'deploy.plan': nothing });
      const { exitCode, out } = await runLine(bus, 'apply --yes');
      assert.equal(exitCode, 1);
      assert.match(out, /\n.* is fine, but held, because it would remove api: /);
    });
  });

  it('says what no answer can stop, before it asks', async () => {
    const rolling: PlanReply['changes'][number] = { service: web, action: 'roll', reason: 'image-updated', steps: [] };
    const bus = createFakeBus({ 'config.validate': () => held, 'deploy.plan': () => ({ changes: [rolling] }) });
    const { out } = await runLine(bus, 'apply', { terminal: createRecordingTerminal({ answer: false }) });
    assert.match(out, /\nGoes on by itself, whatever is answered: web\.\n\? Remove service api, /);
  });

  it('asks again when the question for the plan is lost, before the change and after it', async () => {
    const lost = (subject: string, asked: number) => subject === 'deploy.plan' && asked < 6 && asked !== 3;
    const bus = createFakeBus(
      { 'config.validate': ({ apply }) => (apply === true ? fine : held), 'deploy.plan': nothing, 'status.services': () => statusReply() },
      { lost },
    );
    const { exitCode, out, err } = await runLine(bus, 'apply --yes');
    assert.deepEqual([exitCode, err], [0, `${awaited}\n`]);
    assert.equal(out, `${shown}In force: web.\napply\n  ${awaited}\n  api is removed\n1 service done: api.\n`);
  });

  it('gives up on a plan that nobody tells in time, and changes nothing', async () => {
    const bus = createFakeBus({ 'config.validate': ({ apply }) => (apply === true ? fine : held) });
    const { exitCode, err } = await runLine(bus, 'apply --yes --timeout 1ms');
    assert.equal(exitCode, 2);
    assert.match(err, /\[REQUEST_UNANSWERED\]\n$/);
    assert.ok(!wasApplied(bus));
  });

  it('puts it in force although the reconciler is away, where nobody waits', async () => {
    const bus = createFakeBus({ 'config.validate': ({ apply }) => (apply === true ? fine : held) });
    const { exitCode, out, err } = await runLine(bus, 'apply --yes --no-wait');
    assert.deepEqual([exitCode, out], [0, `${removal}It declares web.\nIn force: web.\n`]);
    assert.match(err, /^there is no plan to show, and nothing is waited for: reconciler did not answer/);
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

  it('answers programs with one object, and asks and talks beside it', async () => {
    const { exitCode, out, err } = await runLine(watcher(), 'apply --json', { terminal: createRecordingTerminal({ answer: true }) });
    const { ok, outcome, held: wasHeld, plan, adopted, services } = JSON.parse(out);
    const lines = services.map(({ line }: { line: string }) => line);
    assert.deepEqual(
      [exitCode, ok, outcome, wasHeld.removes, plan, adopted, lines],
      [0, true, 'done', ['api'], { changes: [] }, [], ['api is removed']],
    );
    assert.equal(
      err,
      `${shown}? Remove service api, and put the configuration of the folder in force?\nIn force: web.\napply\n  api is removed\n1 service done: api.\n`,
    );
    const no = await runLine(watcher(), 'apply --json', { terminal: createRecordingTerminal({ answer: false }) });
    assert.deepEqual([no.exitCode, JSON.parse(no.out).ok, JSON.parse(no.out).outcome], [1, false, 'refused']);
    const problems = [{ file: 'kedge.toml', line: 1, column: 1, message: 'no' }];
    const wrong = await runLine(createFakeBus({ 'config.validate': () => ({ ...fine, ok: false, problems }) }), 'apply --json');
    assert.deepEqual([wrong.exitCode, JSON.parse(wrong.out).outcome, JSON.parse(wrong.out).problems], [1, 'refused', problems]);
  });
});
