import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { ServiceName, type ServiceStatus, type StatusReply, type ValidateReply } from '@kedge/shared/contracts';
import type { DevErrand } from '../cli.ts';
import type { Connection } from '../run-cli.ts';
import { createFakeBus, type FakeBus } from '../testing/fake-bus.ts';
import { runLine } from '../testing/run-line.ts';
import { digestB, releaseB, rollout, serviceStatus, statusReply, web } from '../testing/samples.ts';

const noonish = '2026-03-01T11:58:00.000Z';
const api = ServiceName.parse('api');
const db = ServiceName.parse('db');

describe('kedge dev, before Compose', () => {
  let folder = '';
  let settingsFile = '';
  const write = async (path: string, text: string) => await writeFile(join(folder, path), text);
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kedge-dev-'));
    settingsFile = join(folder, 'settings');
    await mkdir(join(folder, 'web/api'), { recursive: true });
    await mkdir(join(folder, 'other'));
    await write('dispenser.toml', '[[service]]\npath = "web/api"\n[[service]]\npath = "other"\n');
    await write('other/service.toml', 'nothing that could be read');
  });
  beforeEach(async () => {
    await write('settings', '');
    await write(
      'web/api/service.toml',
      '[service]\nname = "api"\nimage = "a"\n[dispenser]\nwatch = true\n[depends_on]\nother = "started"\n',
    );
  });
  after(async () => await rm(folder, { recursive: true }));

  const prepare = async (line: string) =>
    await runLine(createFakeBus(), line, { dev: { step: 'prepare', settingsFile }, configFolder: folder });
  const settings = async () => await readFile(settingsFile, 'utf8');

  it('tells the script what is to run, however it was spelled, and where the files are', async () => {
    for (const line of ['dev -s api', 'dev api', `-c ${folder} dev --service=api`, `dev web/api -s api -c ${folder}/dispenser.toml`]) {
      await write('settings', '');
      const { exitCode, out, err } = await prepare(line);
      const [only, file, named] = line.includes('web/api') ? ['web/api,api', 'dispenser.toml', '/dispenser.toml'] : ['api', '', ''];
      assert.deepEqual([exitCode, out, err], [0, '', `Of ${folder}${named}: api\n`], line);
      assert.equal(
        await settings(),
        `KEDGE_DEV=up\nKEDGE_CONFIG=${folder}\nKEDGE_CONFIG_FILE=${file}\nKEDGE_ONLY=${only}\nKEDGE_DEV_SERVICES=api\nKEDGE_DEV_STRATEGY=https-only\n`,
      );
    }
  });

  it('says in its help what cannot run beside the usual stack, and what to do', async () => {
    const { exitCode, out } = await prepare('dev --help');
    assert.equal(exitCode, 0);
    assert.match(out, /a service that the usual stack runs cannot run\s+beside it\. .*another name in a copy of the folder.*"kedge down"/s);
  });

  it('takes the service of that path and the one of that name, as it says', async () => {
    await mkdir(join(folder, 'api'), { recursive: true });
    await write('api/service.toml', '[service]\nname = "front"\nimage = "a"\n[dispenser]\nwatch = true\n');
    const main = await readFile(join(folder, 'dispenser.toml'), 'utf8');
    // By path it is the one in api, by name the one in back.
    await write('dispenser.toml', '[[service]]\npath = "api"\n[[service]]\npath = "back"\n');
    await mkdir(join(folder, 'back'), { recursive: true });
    await write('back/service.toml', '[service]\nname = "api"\nimage = "a"\n[dispenser]\nwatch = true\n');
    const { exitCode, err } = await prepare('dev -s api');
    await write('dispenser.toml', main);
    assert.deepEqual([exitCode, err], [0, `Of ${folder}: front, api\n`]);
  });

  it('starts nothing of which something is wrong, and says what', async () => {
    for (const [line, problem] of [
      ['dev api other', /^other\/service\.toml:1:/],
      ['dev', /^other\/service\.toml:1:/],
      ['dev -s apx', /no service has the path or the name "apx".*did you mean "api"/s],
    ] as const) {
      const { exitCode, out } = await prepare(line);
      assert.equal(exitCode, 1, line);
      assert.match(out, problem);
      assert.equal(await settings(), '');
    }
    const { out } = await prepare('dev other --json');
    const { ok, outcome, problems } = JSON.parse(out);
    assert.deepEqual([ok, outcome, problems.length > 0], [false, 'refused', true]);
  });

  it('only looks with --test, wherever it stands', async () => {
    for (const line of ['-t dev -s api', `-c ${folder} --test dev api`, 'dev api -t']) {
      const { exitCode, out } = await runLine(createFakeBus(), line, { configFolder: folder });
      assert.deepEqual([exitCode, out], [0, 'Dispenser config is ok.\n'], line);
    }
    assert.equal((await prepare('-t dev other')).exitCode, 1);
    assert.equal((await prepare('-t dev')).exitCode, 1);
    assert.equal(await settings(), '');
  });

  it('asks for the end of the whole stack, and of nothing else', async () => {
    assert.deepEqual(await prepare('dev --down'), { exitCode: 0, out: '', err: '' });
    assert.equal(await settings(), 'KEDGE_DEV=down\n');
    const { exitCode, err } = await prepare('dev --down api');
    assert.equal(exitCode, 1);
    assert.match(err, /takes no services/);
  });

  it('says who can start a stack where nobody can', async () => {
    const { exitCode, err } = await runLine(createFakeBus(), 'dev api', { configFolder: folder });
    assert.equal(exitCode, 1);
    assert.match(err, /\.\/kedge.* \[DEV_NEEDS_COMPOSE\]\n$/);
  });

  it('refuses what could not be told to the stack', async () => {
    const { exitCode, err } = await prepare('dev a,b');
    assert.equal(exitCode, 1);
    assert.match(err, /path or the name of one service/);
  });
});

describe('kedge dev, after Compose', () => {
  const dev: DevErrand = { step: 'finish', settingsFile: '/nowhere' };
  const fine: ValidateReply = { ok: true, problems: [], services: [api, db], entry: 'dispenser.toml', revision: 'r1' };
  const known = (...services: readonly ServiceStatus[]): StatusReply => statusReply({ services: [...services] });
  const succeeded = { rollout, release: releaseB, image: 'hello:1', digest: digestB, durationMs: 1, drained: true, openRequests: 0 };
  const both = known(serviceStatus({ service: api }), serviceStatus({ service: db }));

  interface Stack {
    /** What the reconciler answers, one after the other, then the last one for ever. */
    readonly statuses: readonly StatusReply[];
    readonly validate?: (apply: boolean) => ValidateReply;
    /** Those that it then tells of. */
    readonly started?: readonly ServiceName[];
  }

  function stack({ statuses, validate = () => fine, started = [api, db] }: Stack): FakeBus {
    const left = [...statuses];
    let plans = 0;
    const bus = createFakeBus({
      'config.validate': ({ apply = false }) => validate(apply),
      'deploy.plan': () => {
        plans += 1;
        for (const service of plans === 2 ? started : []) bus.say('deploy.succeeded', succeeded, service);
        return { changes: [] };
      },
      'status.services': () => (left.length > 1 ? left.shift() : left[0]) ?? both,
    });
    return bus;
  }

  it('connects to that stack, waits for every service, and shows them', async () => {
    const connections: Connection[] = [];
    const { exitCode, out, err } = await runLine(stack({ statuses: [both] }), 'dev api db', {
      dev,
      onConnect: (each) => connections.push(each),
    });
    assert.deepEqual([exitCode, err, connections], [0, '', [{ identity: undefined, stack: 'dev' }]]);
    assert.match(out, /^dev\n.*api serves .*\n.*2 services done: api, db\.\n\nSERVICE +PHASE/s);
    assert.match(out, /Its proxy listens on port 80\. .*"kedge dev --down" ends it\.\n$/);
  });

  it('says what runs on when Ctrl-C ends the waiting', async () => {
    const { exitCode, err } = await runLine(stack({ statuses: [both] }), 'dev api db', { dev, signal: AbortSignal.abort() });
    assert.equal(exitCode, 130);
    assert.match(err, /The stack runs on: "kedge --dev status" shows what it does, "kedge dev --down" ends it\.\n$/);
  });

  it('takes no service for removed that the reconciler has not taken up yet', async () => {
    const bus = stack({ statuses: [known(), known(), known(serviceStatus({ service: api })), both] });
    const { out } = await runLine(bus, 'dev api db', { dev });
    assert.doesNotMatch(out, /is removed/);
    assert.match(out, /2 services done/);
    const never = await runLine(stack({ statuses: [known()] }), 'dev api db --timeout 1ms', { dev });
    assert.deepEqual([never.exitCode, /\[NOT_TAKEN_UP\]/.test(never.err)], [1, true]);
  });

  it('asks again while the new stack does not answer yet', async () => {
    const bus = createFakeBus(
      { 'config.validate': () => ({ ...fine, services: [] }), 'deploy.plan': () => ({ changes: [] }), 'status.services': () => known() },
      { lost: (_subject, asked) => asked < 3 },
    );
    const { exitCode, err } = await runLine(bus, 'dev api', { dev });
    assert.equal(exitCode, 0);
    assert.match(err, /reconciler did not answer status\.services.*\n.*watcher did not answer.*\n.*did not answer deploy\.plan/);
  });

  it('lets go what is not named any more, without a question', async () => {
    const held = { revision: 'r2', removes: [web], since: noonish };
    const bus = stack({ statuses: [both], validate: (apply) => (apply ? fine : { ...fine, ok: false, held }) });
    const { exitCode, out } = await runLine(bus, 'dev api db', { dev });
    assert.equal(exitCode, 0);
    assert.match(out, /^No longer wanted: web\.\n/);
    assert.ok(bus.asked.some(({ data }) => JSON.stringify(data) === '{"apply":true,"revision":"r2"}'));
  });

  it('starts again what was taken down', async () => {
    const bus = stack({ statuses: [statusReply({ services: [], down: { since: noonish } }), both] });
    assert.equal((await runLine(bus, 'dev api db', { dev })).exitCode, 0);
    assert.deepEqual(
      bus.said.map(({ subject, data }) => [subject, data]),
      [['node.requested', { action: 'up' }]],
    );
  });

  it('does not wait for a place that another stack has', async () => {
    const waiting = {
      code: 'NAME_TAKEN',
      message: 'another has the name',
      since: noonish,
      retryAt: '2026-03-01T12:10:00.000Z',
    };
    const tried = (failures: number) =>
      known(serviceStatus({ service: api }), serviceStatus({ service: db, phase: 'waiting', waiting: { ...waiting, failures } }));
    // It was found there, and is met again while this goes on.
    const statuses = [...Array.from({ length: 5 }, () => tried(2)), tried(4)];
    const { exitCode, out } = await runLine(stack({ statuses, started: [api] }), 'dev api db', { dev });
    assert.equal(exitCode, 1);
    assert.match(
      out,
      /1 of 2 services failed: db\.\n {2}- db waits: another has the name \(NAME_TAKEN\)\n {4}"kedge apply --adopt db" lets it take that place/,
    );
  });

  it('shows what only the stack can find wrong', async () => {
    const problems = [{ file: 'api/service.toml', line: 3, column: 1, message: 'no such secret' }];
    const { exitCode, out } = await runLine(stack({ statuses: [both], validate: () => ({ ...fine, ok: false, problems }) }), 'dev api', {
      dev,
    });
    assert.deepEqual([exitCode, /^api\/service\.toml:3:1: no such secret\n/.test(out)], [1, true]);
  });

  it('answers programs with one document, and talks beside it', async () => {
    const { exitCode, out, err } = await runLine(stack({ statuses: [both] }), 'dev api db --json', { dev });
    const { ok, outcome, only, proxyPort, services, status } = JSON.parse(out);
    assert.deepEqual([exitCode, ok, outcome, only, proxyPort, services.length], [0, true, 'done', ['api', 'db'], 80, 2]);
    assert.equal(status.services.length, 2);
    assert.match(err, /2 services done: api, db\./);
    const gone = await runLine(createFakeBus(), 'dev --down --json', { dev });
    assert.deepEqual([gone.exitCode, JSON.parse(gone.out)], [0, { ok: true, outcome: 'done', services: [] }]);
    assert.equal(gone.err, 'The stack of "kedge dev" is gone, with what it ran.\n');
  });

  it('says where HTTPS is served, and that the certificates are self-signed', async () => {
    const { out } = await runLine(stack({ statuses: [both] }), 'dev api db', { dev, httpsPort: 8443 });
    assert.match(out, /for HTTPS on 8443 with self-signed certificates: https:\/\/hello\.example\.com:8443\/\. /);
    const { out: document } = await runLine(stack({ statuses: [both] }), 'dev api db --json', { dev, httpsPort: 8443 });
    assert.equal(JSON.parse(document).httpsPort, 8443);
  });

  it('does not say that something is gone where nothing ran', async () => {
    const { exitCode, out } = await runLine(createFakeBus(), 'dev --down', { dev: { ...dev, step: 'absent' } });
    assert.deepEqual([exitCode, out], [0, 'Nothing ran: there is no stack of "kedge dev" on this machine.\n']);
  });

  it('does not wait when it is told so', async () => {
    const { exitCode, out } = await runLine(stack({ statuses: [both] }), 'dev api db --no-wait', { dev });
    assert.deepEqual([exitCode, out], [0, '']);
  });
});

describe('kedge --dev', () => {
  it('asks the stack of "kedge dev", whatever the command', async () => {
    const connections: Connection[] = [];
    const bus = createFakeBus({ 'status.services': () => statusReply() });
    for (const line of ['--dev status', 'status', 'status --dev'])
      await runLine(bus, line, { onConnect: (each) => connections.push(each) });
    assert.deepEqual(
      connections.map(({ stack }) => stack),
      ['dev', 'own', 'dev'],
    );
  });
});
