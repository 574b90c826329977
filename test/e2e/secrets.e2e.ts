import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Bus } from '@kedge/shared/bus';
import { DeployFailed, ServiceName } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import { declare, replace, undeclare } from './harness/configuration.ts';
import { findSecret } from './harness/find-secret.ts';
import { record } from './harness/follow.ts';
import { push, reference } from './harness/images.ts';
import { send } from './harness/load.ts';
import { serviceText } from './harness/service-text.ts';
import { run } from './harness/shell.ts';
import { compose, joinBus, kedge, type StackFacts, theStack } from './harness/stack.ts';

const name = 'secret-web';

describe('secrets', () => {
  let facts: StackFacts;
  let bus: Bus;
  const password = `Pw+${randomBytes(12).toString('base64url')}/x`;
  const registryPassword = `Reg+${randomBytes(12).toString('base64url')}`;

  before(async () => {
    facts = theStack();
    bus = await joinBus(facts, 'hooks');
  });
  after(async () => {
    await undeclare(facts, [name]);
    await bus.close();
  });

  it('reach the container and nothing else', async () => {
    const events = record(bus);
    await replace(join(facts.configFolder, 'dispenser.vars'), `db_password = "${password}"\n`);
    const auth = Buffer.from(`ann:${registryPassword}`).toString('base64');
    await replace(
      join(facts.folder, 'docker', 'config.json'),
      JSON.stringify({ auths: { [`localhost:${facts.registryPort}`]: { auth } } }),
    );
    await push(facts, { repository: name, version: 'v1' });
    await declare(facts, {
      [name]: serviceText({ name, image: reference(facts, name), host: 'secret.example', env: { DB: 'postgres://u:${db_password}@db/x' } }),
    });
    await events.heard('deploy.succeeded', name);
    const answer = await waitUntil(async () => {
      const got = await send({ port: facts.httpPort, host: 'secret.example', method: 'GET', path: '/env?name=DB', agent: false });
      return got.status === 200 && got.body;
    });
    assert.equal(answer, `postgres://u:${password}@db/x`);

    // A release that prints what it was given, and fails: its last lines travel, the value does not.
    await push(facts, { repository: name, version: 'v2', mode: 'crash' });
    const failed = DeployFailed.parse((await events.heard('deploy.failed', name)).data);
    assert.ok(
      failed.lastLines.some((line) => line.includes('cannot find its database postgres://u:[sealed]@db/x')),
      failed.lastLines.join('\n'),
    );

    // The canary goes over the same bus on purpose, in every disguise the search knows.
    const canary = `Canary+${randomBytes(12).toString('base64url')}/x`;
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
    assert.deepEqual(findSecret(traffic, canary).toSorted(), ['base64', 'gzip', 'plain', 'url']);
    assert.deepEqual(findSecret(traffic, password), []);
    assert.deepEqual(findSecret(traffic, registryPassword), []);

    const logs = await compose(facts, [
      'logs',
      '--no-color',
      'watcher',
      'reconciler',
      'scheduler',
      'proxy',
      'secrets',
      'init',
      'provision',
    ]);
    assert.ok(logs.includes(name), 'the logs were read');
    assert.deepEqual(findSecret(logs, password), []);
    assert.deepEqual(findSecret(logs, registryPassword), []);
    const status = await kedge(facts, ['status', '--json']);
    assert.deepEqual(findSecret(status, password), []);
    const { stdout: labels } = await run('docker', [
      'inspect',
      name,
      '--format',
      '{{json .Config.Labels}} {{json .Config.Cmd}} {{json .HostConfig}}',
    ]);
    assert.deepEqual(findSecret(labels, password), []);
  });
});
