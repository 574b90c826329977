import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as timer } from 'node:timers/promises';
import type { Bus } from '@kedge/shared/bus';
import { waitUntil } from '@kedge/shared/testing';
import { declare, undeclare } from './harness/configuration.ts';
import { record } from './harness/follow.ts';
import { freePort } from './harness/free-port.ts';
import { push, reference } from './harness/images.ts';
import { send } from './harness/load.ts';
import { serviceText } from './harness/service-text.ts';
import { run } from './harness/shell.ts';
import { joinBus, type StackFacts, theStack } from './harness/stack.ts';

const name = 'ported';
const drain = ['[drain]', 'timeout = "6s"', 'dns_settle = "0s"'];
const pauseMs = 5;

/** Connections on a port, one after the other, by so many clients; each carries one request. */
function connectTo(port: number) {
  const versions: Record<string, number> = {};
  const failures: string[] = [];
  let isStopping = false;
  const ask = async (path: string) => (await send({ port, host: 'any.example', method: 'GET', path, agent: false })).body;
  async function repeat(path: string): Promise<void> {
    while (!isStopping) {
      try {
        const version = await ask(path);
        versions[version] = (versions[version] ?? 0) + 1;
      } catch (thrown) {
        failures.push(`${new Date().toISOString()} ${path} ${String(thrown)}`);
      }
      await timer(pauseMs);
    }
  }
  const clients = ['/', '/', '/', '/slow?ms=3000'].map(repeat);
  return {
    versions,
    failures,
    async stop() {
      isStopping = true;
      await Promise.all(clients);
    },
  };
}

describe('a service with a port of the host', () => {
  let facts: StackFacts;
  let bus: Bus;

  before(async () => {
    facts = theStack();
    bus = await joinBus(facts, 'hooks');
  });
  after(async () => {
    await undeclare(facts, [name]);
    await bus.close();
  });

  it('that the proxy takes rolls two containers without one dropped connection, and may be published instead', async (test) => {
    const events = record(bus);
    const host = await freePort();
    const portLines = (...more: readonly string[]) => ['[[port]]', `host = ${host}`, 'container = 8080', ...more, ''];
    const text = (more: readonly string[], service: readonly string[] = []) =>
      serviceText({ name, image: reference(facts, name), service, more: [...more, ...drain] });
    const answers = async () => {
      try {
        return (await send({ port: host, host: 'any.example', method: 'GET', path: '/', agent: false })).body;
      } catch {
        return null;
      }
    };
    await push(facts, { repository: name, version: 'v0' });
    await declare(facts, { [name]: text(portLines('via = "proxy"'), ['replicas = 2']) });
    await events.heard('deploy.succeeded', name);
    await waitUntil(async () => (await answers()) === 'v0', { timeoutMs: 20_000 });

    const load = connectTo(host);
    test.after(load.stop);
    for (const [index, version] of ['v1', 'v2'].entries()) {
      await push(facts, { repository: name, version });
      await events.heard('deploy.succeeded', name, { count: index + 2, timeoutMs: 90_000 });
    }
    await waitUntil(() => (load.versions['slow v2'] ?? 0) > 0, { timeoutMs: 20_000 });
    await load.stop();
    test.diagnostic(JSON.stringify(load.versions));
    assert.deepEqual(load.failures, []);
    const published = async () => (await run('docker', ['ps', '--filter', `label=kedge.service=${name}`, '--format', '{{.Ports}}'])).stdout;
    assert.doesNotMatch(await published(), new RegExp(`:${host}->`), 'nothing is published');

    await declare(facts, { [name]: text(portLines()) });
    await waitUntil(async () => (await published()).includes(`:${host}->8080`), { timeoutMs: 60_000, what: 'the container publishes it' });
    await waitUntil(async () => (await answers()) === 'v2', { timeoutMs: 20_000 });

    await declare(facts, { [name]: text(portLines('via = "proxy"')) });
    await waitUntil(async () => !(await published()).includes(`:${host}->`), { timeoutMs: 60_000, what: 'the proxy takes it again' });
    await waitUntil(async () => (await answers()) === 'v2', { timeoutMs: 20_000 });
  });
});
