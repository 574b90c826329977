import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { type PlanReply, ServiceName } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { createFakeBus, type FakeBus } from '../testing/fake-bus.ts';
import { createRecordingTerminal } from '../testing/recording-terminal.ts';
import { type RunLineOptions, runLine as runAnyLine } from '../testing/run-line.ts';
import { digestB, releaseB, rollout, serviceStatus, statusReply, web } from '../testing/samples.ts';

const db = ServiceName.parse('db');
const newer = { rollout, release: releaseB, image: 'hello:1', digest: digestB };
const away = new RetryableError('BUS_UNAVAILABLE', 'nobody listens there');

function foreign(service: ServiceName): NonNullable<PlanReply['foreign']>[number] {
  return { service, container: service, image: 'nginx:1', running: true, because: 'name', networks: ['dispenser'] };
}

interface Reconciler {
  /** Why the newest configuration is not in force. */
  readonly problem?: string;
  /** The service whose new container does not start. */
  readonly fails?: ServiceName;
  readonly declared?: readonly ServiceName[];
  /** What the configuration declares that waits for a yes. */
  readonly held?: readonly ServiceName[];
}

/** A reconciler beside a Dispenser: its containers have all the names, until a service is let in. */
function reconciler({ fails, problem, held, declared = [web, db] }: Reconciler = {}): FakeBus {
  const adopted = new Set<string>();
  const bus: FakeBus = createFakeBus(
    {
      'status.services': () =>
        statusReply({
          config: { revision: 'r1', problem: problem ?? null, ...(held ? { state: 'held' as const } : {}) },
          services: declared.map((service) => serviceStatus({ service })),
        }),
      ...(held
        ? {
            'config.validate': () => ({
              ok: false,
              problems: [],
              services: [...held],
              revision: 'r1',
              held: { revision: 'r2', since: '2026-03-01T12:00:00.000Z', removes: [ServiceName.parse('old')] },
            }),
          }
        : {}),
      'deploy.plan': () => ({ changes: [], foreign: declared.filter((service) => !adopted.has(service)).map(foreign) }),
    },
    {
      onPublish({ options }) {
        const service = options?.service ?? '';
        if (service === fails)
          bus.say('deploy.failed', { ...newer, reason: 'crashed', message: 'exit code 1', lastLines: ['boom'], barred: true }, service);
        else {
          adopted.add(service);
          bus.say('deploy.succeeded', { ...newer, durationMs: 1, drained: true, openRequests: 0 }, service);
        }
      },
    },
  );
  return bus;
}

const askedFor = (bus: FakeBus) => bus.said.map(({ subject, data }) => [subject, data]);

describe('kedge import dispenser', () => {
  let folder = '';
  const write = async (path: string, text: string) => await writeFile(join(folder, path), text);
  /** On a machine where only the kernel and what a test writes there runs. */
  const runLine = async (bus: FakeBus, line: string, options: RunLineOptions = {}) =>
    await runAnyLine(bus, line, { processesFolder: join(folder, 'processes'), ...options });
  async function runs(pid: number, { name = 'dispenser', line = 'dispenser\0' } = {}): Promise<void> {
    await mkdir(join(folder, 'processes', String(pid)), { recursive: true });
    await write(`processes/${pid}/comm`, `${name}\n`);
    await write(`processes/${pid}/cmdline`, line);
  }
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kedge-import-'));
    await mkdir(join(folder, 'web'));
    await mkdir(join(folder, 'db'));
  });
  beforeEach(async () => {
    await write('dispenser.toml', '[[service]]\npath = "web"\n[[service]]\npath = "db"\n[proxy]\nstrategy = "http-only"\n');
    await write(
      'web/service.toml',
      '[service]\nname = "web"\nimage = "hello:1"\nmemory = "256mb"\n[dispenser]\nwatch = true\n[depends_on]\ndb = "started"\n[[volume]]\nsource = "./data"\ntarget = "/data"\n',
    );
    await write(
      'db/service.toml',
      '[service]\nname = "db"\nimage = "db:1"\n[dispenser]\nwatch = false\n[[port]]\nhost = 5432\ncontainer = 5432\n',
    );
    await rm(join(folder, 'dispenser.pid'), { force: true });
    await rm(join(folder, 'processes'), { recursive: true, force: true });
    await runs(2, { name: 'kthreadd', line: '' });
  });
  after(async () => await rm(folder, { recursive: true }));

  it('shows what the folder means, what was otherwise, and every step, where no stack answers', async () => {
    const { exitCode, out } = await runLine(createFakeBus(), `import dispenser ${folder}`, { refusal: away });
    assert.equal(exitCode, 0);
    for (const part of [
      /^SERVICE +IMAGE +PORTS +VOLUMES *$/m,
      /^web +hello:1 +\.\/web\/data:\/data$/m,
      /^db +db:1 +5432:5432$/m,
      /^Networks: dispenser \(the default one, as it is\)$/m,
      /^- web: memory = "256mb" limits it now/m,
      /Nothing can be handed over yet: no stack answers.*nobody listens there/,
      /sudo systemctl kill --signal=KILL dispenser/,
    ])
      assert.match(out, part);
  });

  it('says where relative paths count from, as the page about Dispenser does, and reads them so', async () => {
    const sources = ['data', '../data']
      .map((to) => `[[volume]]\nsource = "./${to}"\ntarget = "/${to.replace('../', 'beside/')}"\n`)
      .join('');
    await write('web/app.env', 'A=b\n');
    await write(
      'web/service.toml',
      '[service]\nname = "web"\nimage = "hello:1"\nenv_file = "app.env"\n[dispenser]\nwatch = true\n[proxy]\nhost = "a.example"\n' +
        `service_port = 80\ncert_file = "nowhere.crt"\nkey_file = "nowhere.key"\n${sources}`,
    );
    const { exitCode, out } = await runLine(createFakeBus(), `import dispenser ${folder}`, { refusal: away });
    assert.equal(exitCode, 0, 'env_file is found beside its service.toml, and nobody looks for the certificate');
    assert.match(out, /^web +hello:1 .* \.\/web\/data:\/data \.\/data:\/beside\/data$/m);
    const page = (await readFile(join(import.meta.dirname, '../../../docs/from-dispenser.md'), 'utf8')).replaceAll('`', '').toLowerCase();
    for (const words of [
      'a relative path of a [[service]] counts from the folder of the main file; Dispenser counted it from where it was started: the same, as its package starts it',
      'a relative source of a [[volume]] counts from the folder of the service.toml that names it, as it did there; so does env_file, which is a key of Kedge alone',
      'nobody opens the files; Dispenser took relative ones from where it was started',
    ])
      for (const told of [out, page]) assert.ok(told.toLowerCase().includes(words.toLowerCase()), words);
  });

  it('names the default network that is set', async () => {
    const { out } = await runLine(createFakeBus(), `import dispenser ${folder}`, { refusal: away, network: 'shared' });
    assert.match(out, /^Networks: shared \(the default one, KEDGE_NETWORK\)$/m);
  });

  it('says that the folder is held, and what puts it in force', async () => {
    const problem = 'a configuration waits for "kedge apply": it would remove old';
    const { out } = await runLine(reconciler({ declared: [web], problem }), `import dispenser ${folder}`);
    assert.match(out, /^Of the stack: a configuration waits for "kedge apply": it would remove old\.$/m);
  });

  it('names the yes that alone is missing while its configuration is held, in the error as in the steps', async () => {
    const problem = 'a configuration waits for "kedge apply": it would remove old';
    const bus = reconciler({ declared: [web], problem, held: [web, db] });
    const { exitCode, out, err } = await runLine(bus, `import dispenser ${folder} --yes`);
    assert.equal(exitCode, 1);
    assert.match(err, /nothing was handed over: the configuration that declares db is held: "kedge apply" .* \[IMPORT_NOT_READY\]/);
    assert.match(out, /^1\. Agree to .*:\n {5}kedge apply\n {5}kedge import dispenser .* --yes\n$/m);
    assert.doesNotMatch(out, /8080|^2\. /m);
    assert.deepEqual(bus.said, []);
    const another = await runLine(reconciler({ declared: [web], problem, held: [web] }), `import dispenser ${folder} --yes`);
    assert.match(another.err, /the stack reads another folder.*it has no db/);
  });

  it('finds the folder that --config names, and a stack that is half there', async () => {
    for (const line of [`-c ${folder}/dispenser.toml import dispenser`, `import dispenser ${folder}`]) {
      const { exitCode, out } = await runLine(createFakeBus(), line);
      assert.equal(exitCode, 0);
      assert.match(
        out,
        /Nothing can be handed over yet: the bus answers, the reconciler does not,.*status\.services.*\[REQUEST_UNANSWERED\]/,
      );
      assert.match(out, /^1\. See what of Kedge does not answer.*\n {5}kedge doctor$/m);
      assert.doesNotMatch(out, /no stack answers|8080/);
    }
  });

  it('says who is silent also behind a yes, and to programs with the code', async () => {
    const agreed = await runLine(createFakeBus(), `import dispenser ${folder} --yes`);
    assert.equal(agreed.exitCode, 1);
    assert.match(agreed.err, /nothing was handed over: the bus answers, the reconciler does not,.*status\.services.*\[IMPORT_NOT_READY\]/);
    const told = JSON.parse((await runLine(createFakeBus(), `import dispenser ${folder} --json`)).out);
    assert.deepEqual([told.outcome, told.state, told.problem.code], ['done', 'not-yet', 'REQUEST_UNANSWERED']);
    const leaving = createFakeBus({
      'status.services': () => {
        throw away;
      },
    });
    const gone = await runLine(leaving, `import dispenser ${folder}`);
    assert.match(gone.out, /yet: a part of the stack does not answer,.*the reconciler has no connection to the bus.*\[BUS_UNAVAILABLE\]/);
    const nobody = JSON.parse((await runLine(createFakeBus(), `import dispenser ${folder} --json`, { refusal: away })).out);
    assert.deepEqual([nobody.problem.code, nobody.reason.startsWith('no stack answers')], ['BUS_UNAVAILABLE', true]);
    assert.equal('problem' in JSON.parse((await runLine(reconciler({ declared: [web] }), `import dispenser ${folder} --json`)).out), false);
  });

  it('shows whose names and networks are shared, and changes nothing without a yes', async () => {
    const bus = reconciler();
    const { exitCode, out } = await runLine(bus, `import dispenser ${folder}`);
    assert.equal(exitCode, 0);
    assert.match(out, /Containers of Dispenser:\n {2}container web \(nginx:1, running, on dispenser\) has the name of service web\n/);
    assert.match(out, /They stay on dispenser beside those of Kedge/);
    assert.match(out, /Nothing was changed\. "kedge import dispenser .* --yes" hands over db, web, one after the other\.\n$/);
    const no = await runLine(bus, `import dispenser ${folder}`, { terminal: createRecordingTerminal({ answer: false }) });
    assert.equal(no.exitCode, 1);
    assert.match(no.out, /\? Hand over 2 services, one after the other\?\nLeft as it is\.\n$/);
    assert.deepEqual(bus.said, []);
  });

  it('hands over one after the other, what others depend on first', async () => {
    const bus = reconciler();
    const { exitCode, out } = await runLine(bus, `import dispenser ${folder}`, { terminal: createRecordingTerminal({ answer: true }) });
    assert.equal(exitCode, 0);
    assert.match(out, /hand over db\n.*db serves .*hand over web\n.*web serves .*\nHanded over: db, web\. .*\n$/s);
    assert.deepEqual(askedFor(bus), [
      ['deploy.requested', { service: 'db', action: 'adopt' }],
      ['deploy.requested', { service: 'web', action: 'adopt' }],
    ]);
    const again = await runLine(bus, `import dispenser ${folder} --yes`);
    assert.deepEqual([again.exitCode, bus.said.length], [0, 2]);
    assert.match(again.out, /Nothing to hand over/);
  });

  it('stops at the first that fails', async () => {
    const bus = reconciler({ fails: db });
    const { exitCode, out } = await runLine(bus, `import dispenser ${folder} --yes`);
    assert.equal(exitCode, 1);
    assert.match(out, /- db failed: .*\n {6}boom\n.*Stopped there: web stays as it is;/s);
    assert.deepEqual(askedFor(bus), [['deploy.requested', { service: 'db', action: 'adopt' }]]);
  });

  it('hands over nothing while the stack has another folder', async () => {
    const bus = reconciler({ declared: [web] });
    const { exitCode, out, err } = await runLine(bus, `import dispenser ${folder} --yes`);
    assert.equal(exitCode, 1);
    assert.match(out, /another folder.*it has no db/);
    assert.match(err, /\[IMPORT_NOT_READY\]/);
    assert.deepEqual(bus.said, []);
    const told = JSON.parse((await runLine(bus, `import dispenser ${folder} --yes --json`)).out);
    assert.deepEqual([told.ok, told.outcome, told.error.code, told.state], [false, 'refused', 'IMPORT_NOT_READY', 'not-yet']);
  });

  it('hands over nothing while a Dispenser of this folder runs, with its file or without', async () => {
    await runs(12, { line: `/usr/local/bin/dispenser\0--config\0${folder}/dispenser.toml\0` });
    for (const pidFile of ['12', '99', null]) {
      if (pidFile === null) await rm(join(folder, 'dispenser.pid'));
      else await write('dispenser.pid', pidFile);
      const bus = reconciler();
      const { exitCode, out, err } = await runLine(bus, `import dispenser ${folder} --yes`);
      assert.equal(exitCode, 1);
      assert.match(
        out,
        /Dispenser runs on this folder \(process 12.*\)\.\nNothing can be handed over yet: Dispenser must end first \(process 12\)/,
      );
      assert.match(out, /^ +sudo kill -KILL 12$/m);
      assert.match(err, /\[IMPORT_NOT_READY\]/);
      assert.deepEqual(bus.said, []);
    }
    const { daemon } = JSON.parse((await runLine(reconciler(), `import dispenser ${folder} --json`)).out);
    assert.deepEqual(daemon, { kind: 'runs', pid: 12, by: 'process' });
  });

  it('says that none is left only where it sees the processes of the machine, and else how to look', async () => {
    await write('dispenser.pid', '12');
    assert.match((await runLine(reconciler(), `import dispenser ${folder}`)).out, /^No process of Dispenser works on this folder\.$/m);
    const { exitCode, out } = await runLine(reconciler(), `import dispenser ${folder} --yes`, { processesFolder: join(folder, 'nowhere') });
    assert.match(out, /^Whether Dispenser still runs cannot be seen from here: check with "ps -p 12" on the machine itself/m);
    assert.doesNotMatch(out, /No process of Dispenser/);
    assert.equal(exitCode, 0, 'a yes says that it is gone');
  });

  it('leaves it to a person whether a Dispenser works on this folder where nobody can see it', async () => {
    await runs(77);
    const bus = reconciler();
    const { exitCode, out } = await runLine(bus, `import dispenser ${folder}`);
    assert.match(out, /^Whether the Dispenser that runs \(process 77\) works on this folder is not known: look with "sudo readlink/m);
    assert.match(out, /^Dispenser must be gone by now.*\nNothing was changed\. "kedge import dispenser .* --yes" hands over db, web/m);
    assert.deepEqual([exitCode, bus.said], [0, []]);
    assert.equal((await runLine(bus, `import dispenser ${folder} --yes`)).exitCode, 0);
    assert.deepEqual(bus.said.length, 2);
  });

  it('names the folder of a Dispenser that is not seen under that name, and leaves it to a person whether it is this one', async () => {
    await runs(77, { line: 'dispenser\0--config\0/srv/b/dispenser.toml\0' });
    const { exitCode, out } = await runLine(reconciler(), `import dispenser ${folder} --yes`);
    assert.match(
      out,
      /\(process 77\) works on this folder is not known: it calls its folder \/srv\/b, .*"sudo ls \/proc\/77\/root\/srv\/b\/"/,
    );
    assert.doesNotMatch(out, /No process of Dispenser/);
    assert.equal(exitCode, 0, 'a yes says that it is another one');
  });

  it('shows the problems of a folder that is not valid, and nothing else', async () => {
    await write('db/service.toml', '[service]\nname = "db"\n');
    const bus = reconciler();
    const { exitCode, out } = await runLine(bus, `import dispenser ${folder} --yes`);
    assert.equal(exitCode, 1);
    assert.match(out, /db\/service\.toml:\d+:\d+: .*\n/);
    assert.doesNotMatch(out, /Kedge reads it/);
    assert.deepEqual(bus.said, []);
  });

  it('answers programs with one document, and hands over only after --yes', async () => {
    const bus = reconciler();
    const dry = await runLine(bus, `import dispenser ${folder} --json`, { terminal: createRecordingTerminal({ answer: true }) });
    const { ok, outcome, state, handOver, services, notes, dispensers } = JSON.parse(dry.out);
    assert.deepEqual([dry.exitCode, ok, outcome, state, handOver, services], [0, true, 'done', 'ready', ['db', 'web'], ['web', 'db']]);
    assert.match(dry.err, /as Kedge reads it:.*Containers of Dispenser:/s);
    assert.ok(notes.length > 0 && dispensers.length === 2);
    assert.deepEqual(bus.said, []);
    const handing = await runLine(bus, `import dispenser ${folder} --json --yes`);
    assert.match(handing.err, /hand over db\n.*web serves .*\nHanded over: db, web\./s);
    const done = JSON.parse(handing.out);
    assert.deepEqual([done.state, done.handedOver.map((each: { ok: boolean }) => each.ok), done.left], ['done', [true, true], []]);
    const silent = JSON.parse((await runLine(createFakeBus(), `import dispenser ${folder} --json`, { refusal: away })).out);
    assert.deepEqual([silent.state, silent.steps.length > 3], ['not-yet', true]);
  });

  it('knows nothing else to move from', async () => {
    const { exitCode, err } = await runLine(reconciler(), `import compose ${folder}`);
    assert.equal(exitCode, 1);
    assert.match(err, /"compose" is no <from>: it may be dispenser/);
  });
});
