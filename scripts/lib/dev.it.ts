import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { type DevRig, openDevRig } from './testing/dev-rig.ts';

describe('the script of kedge dev', () => {
  let rig: DevRig;
  let [root, log] = ['', ''];
  before(async () => {
    rig = await openDevRig();
    ({ root, log } = rig);
  });
  beforeEach(async () => await writeFile(log, ''));
  afterEach(async () => await rm(`${log}.answers`, { force: true }));
  after(async () => await rig[Symbol.asyncDispose]());

  const kedge: DevRig['kedge'] = async (...line) => await rig.kedge(...line);
  const ran: DevRig['ran'] = async (...words) => await rig.ran(...words);
  const asked = async () => await rig.asked();
  const given = async () => await rig.given();

  it('starts a stack with a project, a node, a network, keys and ports of its own', async () => {
    const { exitCode, err } = await kedge('dev -s api', { KEDGE_HTTP_PORT: '80', KEDGE_NATS_PORT: '4222', KEDGE_HOOKS: 'mine' });
    // Nobody made keys: the command that follows cannot connect.
    assert.deepEqual([exitCode, /\[BUS_KEY_MISSING\]/.test(err)], [2, true], err);
    const up = (await asked()).find((line) => line.includes(' up '));
    assert.match(up ?? '', /--project-name kedge-dev up --detach --wait/);
    const settings = await given();
    assert.deepEqual(
      ['KEDGE_ONLY', 'KEDGE_NODE', 'KEDGE_NETWORK', 'KEDGE_HOOKS', 'KEDGE_CONFIG', 'KEDGE_PROJECT_DIR'].map((name) => settings[name]),
      ['api', 'dev', 'kedge-dev', '', join(root, 'deploy'), join(root, '.kedge/dev')],
    );
    assert.equal(settings.KEDGE_CERTIFICATES, 'self-signed');
    assert.ok(Number(settings.KEDGE_HTTPS_PORT) >= 8443, String(settings.KEDGE_HTTPS_PORT));
    const ports = ['HTTP', 'NATS', 'WATCHER_HEALTH', 'SECRETS_HEALTH'].map((name) => Number(settings[`KEDGE_${name}_PORT`]));
    assert.ok((ports[0] ?? 0) >= 8080 && (ports[1] ?? 0) >= 4223 && (ports[3] ?? 0) - (ports[2] ?? 0) === 4, String(ports));
    assert.deepEqual(
      (await readdir(join(root, '.kedge/dev'))).filter((name) => name.startsWith('settings')),
      [],
    );
  });

  it('keeps the ports that it has while it runs', async () => {
    const environment = 'KEDGE_BUS_URL=nats://127.0.0.1:4999\\nKEDGE_HTTP_PORT=8999\\nKEDGE_HTTPS_PORT=8998\\nKEDGE_HEALTH_PORT=9994\\n';
    await writeFile(`${log}.answers`, `ps --quiet|0123\\n\ninspect|${environment}\n`);
    await kedge('dev api');
    const { KEDGE_HTTP_PORT, KEDGE_HTTPS_PORT, KEDGE_NATS_PORT, KEDGE_WATCHER_HEALTH_PORT, KEDGE_PROXY_HEALTH_PORT } = await given();
    assert.deepEqual(
      [KEDGE_HTTP_PORT, KEDGE_HTTPS_PORT, KEDGE_NATS_PORT, KEDGE_WATCHER_HEALTH_PORT, KEDGE_PROXY_HEALTH_PORT],
      ['8999', '8998', '4999', '9991', '9994'],
    );
  });

  it('serves no HTTPS where the configuration wants plain HTTP alone', async () => {
    const main = join(root, 'deploy/kedge.toml');
    const before = await readFile(main, 'utf8');
    await writeFile(main, `[proxy]\nstrategy = "http-only"\n${before}`);
    try {
      await kedge('dev api');
    } finally {
      await writeFile(main, before);
    }
    const { KEDGE_HTTPS_PORT, KEDGE_CERTIFICATES } = await given();
    assert.deepEqual([KEDGE_HTTPS_PORT, KEDGE_CERTIFICATES], ['', 'none']);
  });

  it('takes the port that is set, unless another program has it', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const taken = String((server.address() as AddressInfo).port);
    const { exitCode, err } = await kedge('dev api', { KEDGE_DEV_HTTP_PORT: taken });
    server.close();
    await once(server, 'close');
    assert.equal(exitCode, 1);
    assert.match(err, new RegExp(`port ${taken} is taken by another program[^]*KEDGE_DEV_HTTP_PORT`));
    assert.ok(!(await asked()).some((line) => line.includes(' up ')));
    await kedge('dev api', { KEDGE_DEV_HTTP_PORT: taken });
    assert.equal((await given()).KEDGE_HTTP_PORT, taken);
  });

  it('starts nothing for other commands, mere checks, and folders that are wrong', async () => {
    assert.equal((await kedge('-t dev api')).exitCode, 0);
    assert.equal((await kedge('logs dev')).exitCode, 2);
    assert.equal((await kedge('dev nobody')).exitCode, 1);
    assert.equal((await kedge('dev --help')).exitCode, 0);
    assert.deepEqual(await asked(), []);
  });

  it('checks files also where it may write nothing', async () => {
    await rm(join(root, '.kedge'), { recursive: true });
    await writeFile(join(root, '.kedge'), '');
    try {
      const { exitCode, err } = await kedge('-t dev api');
      assert.equal(exitCode, 0);
      assert.match(err, /no stack can be started from here\nChecked here/);
      assert.match((await kedge('dev api')).err, /\[DEV_NEEDS_COMPOSE\]/);
    } finally {
      await rm(join(root, '.kedge'));
    }
    assert.deepEqual(await asked(), []);
  });

  it('makes the image that the command runs in, where there is neither that nor Node', async () => {
    await rename(join(root, 'node_modules'), join(root, 'gone'));
    try {
      await writeFile(`${log}.fails`, 'image inspect');
      assert.equal((await kedge('dev api')).exitCode, 0);
    } finally {
      await rm(`${log}.fails`);
      await rename(join(root, 'gone'), join(root, 'node_modules'));
    }
    const [inspect, build, prepare] = await asked();
    assert.match(inspect ?? '', /^image inspect kedge\/cli:local/);
    assert.match(build ?? '', / build$/);
    assert.match(prepare ?? '', / run --rm --no-deps .*--volume (\S+\/settings\.\w+):\1 --env KEDGE_DEV_STEP .* cli dev api$/);
  });

  it('asks the stack of dev in a container of its project', async () => {
    await rename(join(root, 'node_modules'), join(root, 'gone'));
    try {
      await kedge('--dev logs api');
      await kedge('logs api');
    } finally {
      await rename(join(root, 'gone'), join(root, 'node_modules'));
    }
    const [ofDev, usual] = await asked();
    assert.match(ofDev ?? '', /--project-name kedge-dev run .* cli logs api$/);
    assert.doesNotMatch(usual ?? '', /--project-name/);
  });

  it('refuses a usual stack of the same name: each would remove what the other runs', async () => {
    for (const line of ['dev api', 'dev --down']) {
      const { exitCode, err } = await kedge(line, { KEDGE_NODE: 'dev' });
      assert.equal(exitCode, 1);
      assert.match(err, /KEDGE_NODE=dev/);
    }
    assert.ok((await asked()).every((line) => /^(?:info|ps --all --filter label=com\.docker\.compose\.project=)/.test(line)));
  });

  it('refuses a node of that name which another folder started, or left behind', async () => {
    for (const [answers, named] of [
      ['ps --all --filter label=com.docker.compose.service|staging 0123\\nkedge-dev 4567\\n\ninspect|["KEDGE_NODE=dev"]\\n\n', 'staging'],
      ['volume ls|\nps --all --filter label=kedge.node=dev|api\\nweb\\n\n', 'api, web'],
    ] as const) {
      await writeFile(`${log}.answers`, answers);
      const { exitCode, err } = await kedge('dev --down');
      assert.deepEqual([exitCode, err.includes(`node of "kedge dev": ${named}\n`)], [1, true], err);
    }
    assert.ok(!(await asked()).some((line) => /\b(?:down|rm|stop)\b/.test(line)));
  });

  it('takes no answer of the engine for none, and neither starts nor removes', async () => {
    const orphaned = 'ps --all --filter label=com.docker.compose.service|other 0123\\n\n';
    for (const [part, silent, given, acts] of [
      ['refuse_other_folder', 'ps --all --filter label=com', '', null],
      ['refuse_taken_names', 'ps --all --format', '', null],
      ['has_dev_stack', 'ps --all --quiet --filter label=com', '', null],
      ['has_dev_stack', 'ps --all --quiet --filter label=kedge', '', null],
      ['has_dev_stack', 'network ls', '', null],
      ['refuse_same_node', 'ps --all --filter label=com', '', null],
      ['refuse_same_node', 'inspect', orphaned, null],
      ['refuse_same_node', 'volume ls', orphaned, null],
      ['refuse_same_node', 'ps --all --filter label=kedge.node', orphaned, null],
      ['choose_dev_ports', 'ps --quiet', '', null],
      ['choose_dev_ports', 'inspect', 'ps --quiet|0123\\n\n', null],
      ['bring_up_dev', 'ps --quiet', '', / up /],
      ['remove_dev_services', 'ps --all --quiet', '', /^network/],
      ['remove_dev_services', 'stop', 'ps --all --quiet|0123\\n\n', /^(?:rm|network)/],
      ['remove_dev_services', 'rm', 'ps --all --quiet|0123\\n\n', /^network/],
      ['remove_dev_services', 'network ls', 'network ls|89ab\\n\n', /^network rm/],
    ] as const) {
      await writeFile(log, '');
      await writeFile(`${log}.answers`, given);
      await writeFile(`${log}.fails`, silent);
      // As a step runs it, where bash itself would go on after what fails.
      const script = 'source "$root/scripts/lib/dev.sh"; if "$1"; then exit 0; else exit 1; fi';
      const env = { PATH: `${join(root, 'bin')}:${process.env.PATH}`, DOCKER_LOG: log, root };
      const { exitCode, err } = await ran(['bash', '-euo', 'pipefail', '-c', script, 'bash', part], env);
      await rm(`${log}.fails`);
      assert.equal(exitCode, 1, `${part}, ${silent}: ${err}`);
      if (acts === null) assert.match(err, /failed: the engine did not answer\n==> what to do: say it again/, `${part}, ${silent}`);
      else assert.ok(!(await asked()).some((line) => acts.test(line)), `${part}, ${silent}`);
    }
  });

  it('ends Kedge before what it runs, and removes nothing of another node', async () => {
    await writeFile(`${log}.answers`, 'volume ls|kedge-dev_nats-data\\n\nps --all --quiet|0123\\n4567\\n\nnetwork ls|89ab\\n\n');
    const { exitCode, out, err } = await kedge('dev --down --json');
    assert.deepEqual([exitCode, JSON.parse(out).outcome], [0, 'done']);
    const removed = (await asked()).slice((await asked()).findIndex((line) => / down /.test(line)));
    const [down, list, ...rest] = removed.filter((line) => !/^(?:volume|network ls)/.test(line));
    assert.match(down ?? '', /--project-name kedge-dev down/);
    assert.match(list ?? '', /--filter label=kedge\.node=dev$/);
    assert.deepEqual(rest.slice(0, 2), ['stop 0123 4567', 'rm --force --volumes 0123 4567']);
    assert.match(rest.at(-1) ?? '', /^network rm 89ab/);
    assert.match(err, /\nLeft as it is:\n {2}dev stack {3}volumes and keys .*\n +remove: docker volume rm .*; rm -rf \.kedge\/dev\n/);
  });

  it('takes nothing down where nothing ran, and does not say that it is gone', async () => {
    const { exitCode, out, err } = await kedge('dev --down');
    assert.deepEqual([exitCode, out, err], [0, 'Nothing ran: there is no stack of "kedge dev" on this machine.\n', '']);
    assert.ok(!(await asked()).some((line) => /\b(?:down|rm|stop)\b/.test(line)));
  });

  it('starts nothing when the name of a service is taken, and says by whom and what to do', async () => {
    await writeFile(`${log}.answers`, 'ps --all --format|api local\\nweb local\\n\n');
    const { exitCode, err } = await kedge('dev api');
    assert.equal(exitCode, 1);
    assert.match(err, /nothing was started, .*: api \(run by the stack of node local\)\n.*what to do: .*"kedge down"/);
    assert.ok(!(await asked()).some((line) => line.includes(' up ')));
    await writeFile(`${log}.answers`, 'ps --all --format|api\\n\n');
    assert.match((await kedge('dev api')).err, /api \(a container that Kedge did not make\)/);
    await writeFile(`${log}.answers`, 'ps --all --format|api dev\\napi.1 local\\nmy-api local\\n\n');
    await kedge('dev api');
    assert.ok(
      (await asked()).some((line) => line.includes(' up ')),
      "its own containers, and other names, are in nobody's way",
    );
  });

  it('refuses the stack of another folder, unless that folder is gone', async () => {
    const ofFolder = async (folder: string) =>
      await writeFile(`${log}.answers`, `ps --all --filter label=com.docker.compose.project=|${folder}\\n${folder}\\n\n`);
    await ofFolder('/usr');
    for (const line of ['dev api', 'dev --down']) {
      const { exitCode, err } = await kedge(line);
      assert.deepEqual(
        [exitCode, err.includes('belongs to /usr, '), err.includes('"/usr/kedge dev --down" ends it')],
        [1, true, true],
        err,
      );
    }
    assert.ok(!(await asked()).some((line) => /\b(?:up|down|rm|stop)\b/.test(line)));
    for (const folder of [root, '/nowhere/at/all']) {
      await ofFolder(folder);
      await kedge('dev api');
      assert.ok(
        (await asked()).some((line) => line.includes(' up ')),
        folder,
      );
      await writeFile(log, '');
    }
  });
});
