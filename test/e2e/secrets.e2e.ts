import assert from 'node:assert/strict';
import { argon2Sync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Bus } from '@kedge/shared/bus';
import { DeployFailed, ServiceName } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import { declare, replace, undeclare } from './harness/configuration.ts';
import { type Search, searchIn } from './harness/find-secret.ts';
import { type Recording, record } from './harness/follow.ts';
import { type GuardedRegistry, guardRegistry } from './harness/guarded-registry.ts';
import { push, reference } from './harness/images.ts';
import { send } from './harness/load.ts';
import { serviceText } from './harness/service-text.ts';
import { run } from './harness/shell.ts';
import { compose, joinBus, kedge, removeImages, type StackFacts, theStack } from './harness/stack.ts';

const name = 'secret-web';
const host = 'secret.example';

describe('secrets', () => {
  let facts: StackFacts;
  let bus: Bus;
  let events: Recording;
  let registry: GuardedRegistry;
  const random = (prefix: string) => `${prefix}+${randomBytes(12).toString('base64url')}/x`;
  const values = { password: random('Pw'), argument: random('Arg'), entry: random('Entry'), registry: random('Reg'), door: random('Door') };
  /** Base64 in lines of 64 characters, as in a PEM file. */
  const keyLines = Array.from({ length: 5 }, () => randomBytes(48).toString('base64'));
  const key = ['-----BEGIN PRIVATE KEY-----', ...keyLines, '-----END PRIVATE KEY-----'].join('\n');
  const hash = hashOf(values.door);
  /** What must be nowhere. The lines that frame a key are the same for everybody. */
  const secrets = [...Object.values(values), hash, ...keyLines];

  before(async () => {
    facts = theStack();
    bus = await joinBus(facts, 'hooks');
    events = record(bus);
    const variables = [
      `db_password = "${values.password}"`,
      `argument = "${values.argument}"`,
      `entry = "${values.entry}"`,
      `door = "${hash}"`,
    ];
    await replace(join(facts.configFolder, 'dispenser.vars'), [...variables, `key = """\n${key}"""`, ''].join('\n'));
    registry = await guardRegistry({ registryPort: facts.registryPort, username: 'ann', password: values.registry });
    const auth = Buffer.from(`ann:${values.registry}`).toString('base64');
    await replace(join(facts.folder, 'docker', 'config.json'), JSON.stringify({ auths: { [`localhost:${registry.port}`]: { auth } } }));
    await push(facts, { repository: name, version: 'v1' });
    await declare(facts, {
      [name]: serviceText({
        name,
        image: reference({ registryPort: registry.port }, name),
        host,
        service: ['entrypoint = ["sh", "-c", "exec node server.js \\"$0\\" \\"$@\\"", "${entry}"]', 'command = ["--token", "${argument}"]'],
        more: ['[proxy.basic_auth]', 'ann = "${door}"', '[env]', 'DB = "postgres://u:${db_password}@db/x"', "KEY = '''${key}'''"],
      }),
    });
    await events.heard('deploy.succeeded', name);
  });
  after(async () => {
    await undeclare(facts, [name]);
    await bus.close();
    registry.close();
    await removeImages(`localhost:${registry.port}/*`);
  });

  async function answerOf(path: string): Promise<string> {
    return await waitUntil(async () => {
      const got = await send({
        port: facts.httpPort,
        host,
        method: 'GET',
        path,
        agent: false,
        headers: { authorization: loginOf(values.door) },
      });
      return got.status === 200 && got.body;
    });
  }

  function assertAbsent(search: Search, where: string): void {
    for (const secret of secrets) assert.deepEqual(search(secret), [], `a secret stands in ${where}`);
  }

  it('reach the container: in its environment, over several lines, in its entry point and its command', async () => {
    assert.equal(await answerOf('/env?name=DB'), `postgres://u:${values.password}@db/x`);
    assert.equal(await answerOf('/env?name=KEY'), key);
    assert.equal(await answerOf('/arguments'), `${values.entry} --token ${values.argument}`);
  });

  it('open the door of a route to who knows the password, and to nobody else', async () => {
    const statusFor = async (headers: Readonly<Record<string, string>>) =>
      (await send({ port: facts.httpPort, host, method: 'GET', path: '/', agent: false, headers })).status;
    assert.equal(await statusFor({}), 401);
    assert.equal(await statusFor({ authorization: loginOf('another') }), 401);
  });

  it('open a registry that wants to know who asks, to the watcher and to the engine', async () => {
    assert.ok(registry.count.refused > 0, 'it asked who they are');
    assert.ok(registry.count.admitted > 0);
    const { stdout } = await run('docker', ['inspect', '--format', '{{.Config.Image}}', name]);
    assert.match(stdout, new RegExp(`^localhost:${registry.port}/${name}`));
  });

  it('are masked in what a release printed before it crashed, one of several lines line by line', async () => {
    await push(facts, { repository: name, version: 'v2', mode: 'crash' });
    const { lastLines } = DeployFailed.parse((await events.heard('deploy.failed', name)).data);
    const said = lastLines.join('\n');
    assert.match(said, /was called with \[sealed\] --token \[sealed\]$/m);
    assert.match(said, /cannot find its database postgres:\/\/u:\[sealed\]@db\/x$/m);
    assertAbsent(searchIn(said), 'the last lines');
    // As many lines as the container wrote: they were masked, not left out.
    const sealed = lastLines.filter((line) => line.includes('[sealed]') && !/called|database/.test(line));
    assert.ok(sealed.length >= keyLines.length, said);
  });

  it('are nowhere on the bus, in no log and no answer; the canary is found everywhere', async () => {
    // Questions whose answers carry what containers print also go over the bus.
    const shown = await Promise.all([kedge(facts, ['status', name]), kedge(facts, ['logs', name]), kedge(facts, ['status', '--json'])]);
    assertAbsent(searchIn(shown.join('\n')), 'an answer of kedge');

    // The canary goes over the same bus on purpose, in every disguise the search knows.
    const canary = random('Canary');
    const disguises = {
      plain: canary,
      base64: Buffer.from(`x${canary}`).toString('base64'),
      url: encodeURIComponent(canary),
      gzip: gzipSync(canary).toString('base64'),
    };
    for (const reason of Object.values(disguises))
      await bus.publish('deploy.requested', { service: ServiceName.parse('nobody'), action: 'clear', reason });
    const traffic = await waitUntil(async () => {
      const { stdout, stderr } = await run('docker', ['logs', `${facts.project}-nats-1`]);
      const text = stdout + stderr;
      return text.includes(disguises.gzip) && text;
    });
    const search = searchIn(traffic);
    assert.deepEqual(search(canary).toSorted(), ['base64', 'gzip', 'plain', 'url']);
    const carried = new Set(Array.from(traffic.matchAll(/ <<- \[H?PUB (\S+) /g), ([, subject = '']) => subject));
    const carriers = [
      'deploy.failed',
      'logs.tail',
      'status.services',
      'config.render',
      'secrets.resolve',
      'secrets.passwords',
      'secrets.registry',
      'secrets.mask',
    ];
    for (const carrier of carriers) assert.ok(carried.has(carrier), `${carrier} is in the traffic`);
    assert.ok(
      Array.from(carried).some((subject) => subject.startsWith('$KV.services.')),
      'what is stored is in the traffic',
    );
    assertAbsent(search, 'the traffic of the bus');

    const components = ['watcher', 'reconciler', 'scheduler', 'proxy', 'secrets', 'init', 'provision'];
    const logs = await compose(facts, ['logs', '--no-color', ...components]);
    assert.ok(logs.includes(name), 'the logs were read');
    assertAbsent(searchIn(logs), 'the logs of components');

    const { stdout: facets } = await run('docker', ['inspect', name, '--format', '{{json .Config.Labels}} {{json .HostConfig}}']);
    assert.ok(facets.includes(name), 'the labels were read');
    assertAbsent(searchIn(facets), 'what the engine shows of the container besides its command and environment');
  });
});

/** Of a password, as tools print it (the PHC string format). */
function hashOf(password: string): string {
  const nonce = randomBytes(16);
  const tag = argon2Sync('argon2id', { message: password, nonce, memory: 1_024, passes: 1, parallelism: 1, tagLength: 32 });
  const [salt, sum] = [nonce, tag].map((bytes) => bytes.toString('base64').replaceAll('=', ''));
  return `$argon2id$v=19$m=1024,t=1,p=1$${salt}$${sum}`;
}

function loginOf(password: string): string {
  return `Basic ${Buffer.from(`ann:${password}`).toString('base64')}`;
}
