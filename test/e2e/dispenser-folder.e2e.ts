import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { StatusReply } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import { addToMain, declare, replace, undeclare, writeService } from './harness/configuration.ts';
import { type Recording, record } from './harness/follow.ts';
import { push, reference } from './harness/images.ts';
import { send } from './harness/load.ts';
import { run } from './harness/shell.ts';
import { joinBus, kedge, type StackFacts, theStack } from './harness/stack.ts';

const names = ['disp-db', 'disp-seed', 'disp-web'] as const;
const host = 'disp.example';

describe('a folder of Dispenser', () => {
  let facts: StackFacts;
  let bus: Bus;
  let events: Recording;
  let network: string;

  before(async () => {
    facts = theStack();
    bus = await joinBus(facts, 'hooks');
    events = record(bus);
    network = `${facts.project}-back`;
    await push(facts, { repository: 'disp-app', version: 'v1' });
    await push(facts, { repository: 'disp-seed', version: 'v1', entry: 'job.js' });
    await push(facts, { repository: 'disp-db', version: 'v1', checked: true });
    const variables = [
      'disp_stage = "prod"',
      'disp_port = "8080"',
      `disp_host = "${host}"`,
      'disp_peers = "one,two"',
      'disp_token = "T0ken"',
    ];
    await replace(join(facts.configFolder, 'disp.dispenser.vars'), [...variables, ''].join('\n'));
    await addToMain(facts, `[[network]]\nname = "${network}"\n[network.labels]\nteam = "shop"\n`);
    await declare(facts, { 'disp-db': database(), 'disp-seed': seed(), 'disp-web': web() });
    await events.heard('deploy.succeeded', 'disp-web');
  });
  after(async () => {
    await undeclare(facts, names);
    await addToMain(facts, '');
    await bus.close();
  });

  const database = () => `
[service]
name = "disp-db"
image = "${reference(facts, 'disp-db')}"
restart = "unlessstopped"
memory = "256mb"
user = "0"

[[volume]]
source = "./data"
target = "/data"

[[network]]
name = "${network}"

[dispenser]
watch = true
`;

  const seed = () => `
[service]
name = "disp-seed"
image = "${reference(facts, 'disp-seed')}"

[depends_on]
disp-db = "service-healthy"

[dispenser]
watch = false
`;

  /** A whole file in a condition, a loop, a filter, and a number that a variable fills. */
  const web = (more = '') => `{% if disp_stage == "prod" -%}
[service]
name = "disp-web"
image = "${reference(facts, 'disp-app')}"
restart = "always"
${more}
[env]
STAGE = "\${disp_stage|upper}"
TOKEN = "\${disp_token}"
{%- for peer in disp_peers|split(",") %}
PEER_\${loop.index} = "\${peer}"
{%- endfor %}

[depends_on]
disp-seed = "completed"
disp-db = "started"

[[network]]
name = "${network}"

[proxy]
host = "\${disp_host}"
service_port = \${disp_port}

[dispenser]
watch = true
{% endif %}
`;

  const environmentOf = async (name: string) =>
    (await send({ port: facts.httpPort, host, method: 'GET', agent: false, path: `/env?name=${name}` })).body;

  it('runs as it is: templates, dependencies in their order, a volume beside its file, a network of its own', async () => {
    assert.deepEqual(await Promise.all(['STAGE', 'TOKEN', 'PEER_1', 'PEER_2'].map(environmentOf)), ['PROD', 'T0ken', 'one', 'two']);
    const order = events.all.filter(({ type }) => type === 'deploy.succeeded.v1').map(({ subject }) => subject);
    assert.deepEqual(
      names.map((name) => order.indexOf(name)).toSorted((one, other) => one - other),
      names.map((name) => order.indexOf(name)),
    );
    assert.ok((await stat(join(facts.configFolder, 'disp-db/data'))).isDirectory());
    const { stdout } = await run('docker', ['exec', 'disp-web', 'getent', 'hosts', 'disp-db']);
    const { stdout: labels } = await run('docker', [
      'network',
      'inspect',
      '--format',
      '{{json .Labels}} {{range .Containers}}{{.Name}} {{end}}',
      network,
    ]);
    assert.match(stdout, /disp-db/);
    assert.match(labels, /"team":"shop".*disp-/);
    assert.match(await kedge(facts, ['validate']), /^Dispenser config is ok\.$/m);
  });

  it('has a spec in which no variable can be read that may be a secret', async () => {
    const { stdout } = await run('docker', ['inspect', '--format', '{{json .Config.Env}}', 'disp-web']);
    assert.match(stdout, /T0ken/, 'the container has it');
    assert.doesNotMatch(JSON.stringify(events.all), /T0ken/);
  });

  it('is told in full when it is wrong: every problem of every file, with its place', async () => {
    const good = { db: database(), web: web() };
    await writeService(facts, 'disp-db', good.db.replace('memory =', 'memroy ='));
    await writeService(facts, 'disp-web', web('user = 5').replace('disp_token}', 'disp_tokn}'));
    const said = await waitUntil(
      async () => {
        const text = await kedge(facts, ['validate'], [0, 1]);
        return /2 files/.test(text) ? text : null;
      },
      { timeoutMs: 20_000, what: 'problems of both files' },
    );
    assert.match(said, /^disp-db\/service\.toml:6:1: .*[\s\S]*did you mean "memory"/m);
    assert.match(said, /^disp-web\/service\.toml:9:12: .*disp_tokn[\s\S]*did you mean "disp_token"/m);
    await writeService(facts, 'disp-db', good.db);
    await writeService(facts, 'disp-web', good.web);
    await waitUntil(async () => /config is ok/.test(await kedge(facts, ['validate'], [0, 1])));
  });

  it('leaves a container of somebody else alone, and takes its place when a person says so', async () => {
    const name = 'disp-taken';
    const service = (extra = '') =>
      `[service]\nname = "${name}"\nimage = "${reference(facts, 'disp-app')}"\nrestart = "always"\n${extra}[dispenser]\nwatch = false\n`;
    await run('docker', ['run', '-d', '--name', name, '--label', `kedge-test=${facts.node}`, reference(facts, 'disp-app')]);
    try {
      await declare(facts, { [name]: service() });
      await waitUntil(async () => /NAME_TAKEN/.test(await kedge(facts, ['plan'], [0, 1, 2])), { timeoutMs: 60_000, what: 'it is told' });
      const { stdout: theirs } = await run('docker', ['inspect', '--format', '{{.State.Status}}', name]);
      assert.equal(theirs.trim(), 'running');
      await kedge(facts, ['apply', '--yes', '--adopt', name]);
      await events.heard('deploy.succeeded', name);
      const isOurs = async () => {
        const { stdout } = await run('docker', ['inspect', '--format', '{{index .Config.Labels "kedge.service"}}', name], {
          accept: [0, 1],
        });
        return stdout.trim() === name;
      };
      await waitUntil(isOurs, { timeoutMs: 60_000, what: 'the name is ours' });
    } finally {
      await undeclare(facts, [name]);
      await run('docker', ['ps', '-aq', '--filter', `label=kedge-test=${facts.node}`]).then(async ({ stdout }) => {
        const ids = stdout.split('\n').filter((id) => id !== '');
        if (ids.length > 0) await run('docker', ['rm', '-f', ...ids]);
      });
    }
  });

  it('leaves nothing of itself when it is declared no more, the network included', async () => {
    await undeclare(facts, names);
    await addToMain(facts, '');
    const left = async () => {
      const { services } = StatusReply.parse(JSON.parse(await kedge(facts, ['status', '--json'], [0, 1, 2])));
      return services.filter(({ service }) => names.some((name) => name === service)).length;
    };
    await waitUntil(async () => (await left()) === 0, { timeoutMs: 60_000, what: 'the services are gone' });
    const gone = async () => (await run('docker', ['network', 'inspect', network], { accept: [0, 1] })).stdout.trim() === '[]';
    await waitUntil(gone, { timeoutMs: 60_000, what: 'the network is gone' });
  });
});
