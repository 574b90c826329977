import assert from 'node:assert/strict';
import type { Bus } from '@kedge/shared/bus';
import { ServiceName, type ServiceStatus } from '@kedge/shared/contracts';
import { errorMessage } from '@kedge/shared/kernel';
import { waitUntil } from '@kedge/shared/testing';
import { declare } from '../../e2e/harness/configuration.ts';
import { reference } from '../../e2e/harness/images.ts';
import { send } from '../../e2e/harness/load.ts';
import { serviceText } from '../../e2e/harness/service-text.ts';
import { run } from '../../e2e/harness/shell.ts';
import type { StackFacts } from '../../e2e/harness/stack.ts';
import { containersOf } from './containers.ts';
import { lookNow, prepareVersion, release } from './releases.ts';

/** A service with replicas whose answers tell whose they are. */
export interface NamedService {
  readonly name: string;
  readonly host: string;
  /** Every answer that it may ever give. */
  readonly own: readonly string[];
  declare(): Promise<void>;
  /** Puts the next version into the registry, where nobody sees it yet. */
  prepare(): Promise<void>;
  /** What was prepared is what the registry says from now on; nobody is told. */
  releaseUnseen(): Promise<void>;
  /** The same, and the watcher looks at once. */
  release(): Promise<void>;
  /** Resolves when the wanted version serves with all replicas, and the status says no more than that. */
  arrived(): Promise<void>;
  status(): Promise<ServiceStatus>;
  /** Fixed address of each of its containers by id, as the engine has it now. */
  addresses(): Promise<Readonly<Record<string, string>>>;
}

interface NamedServiceOptions {
  readonly facts: StackFacts;
  /** Of a person. */
  readonly bus: Bus;
  readonly name: string;
  readonly env?: Readonly<Record<string, string>>;
}

const replicas = 2;
const patience = { timeoutMs: 120_000 };

export async function createNamedService({ facts, bus, name, env = {} }: NamedServiceOptions): Promise<NamedService> {
  const host = `${name}.example`;
  const own = Array.from({ length: 50 }, (_, index) => `${name}-r${index}`);
  let current = 0;
  let prepared = 0;
  const wanted = () => own[current] ?? '';
  const text = serviceText({
    name,
    image: reference(facts, name),
    host,
    env,
    service: [`replicas = ${replicas}`],
    more: ['[[gate]]', 'type = "http"', 'path = "/health"', '', '[drain]', 'timeout = "3s"', 'dns_settle = "1s"'],
  });

  await prepareVersion(facts, { repository: name }, wanted());
  await release(facts, name, wanted());

  async function releaseUnseen(): Promise<void> {
    current = prepared;
    await release(facts, name, wanted());
  }

  async function status(): Promise<ServiceStatus> {
    const { engine, services } = await bus.request('status.services', { service: ServiceName.parse(name) });
    assert.ok(engine.reachable, engine.message);
    const found = services.find(({ service }) => service === name);
    assert.ok(found, `${name} is in the status`);
    return found;
  }

  /** What is said of it while something else serves, for a time-out: whoever cannot say it is no reason of its own. */
  async function explanation(body: string): Promise<string> {
    const said = await status().then(JSON.stringify, errorMessage);
    return `${name} answers "${body}" and not "${wanted()}"; its status: ${said}`;
  }

  return {
    name,
    host,
    own,
    declare: async () => await declare(facts, { [name]: text }),
    async prepare() {
      prepared = current + 1;
      await prepareVersion(facts, { repository: name }, own[prepared] ?? '');
    },
    releaseUnseen,
    async release() {
      await releaseUnseen();
      await lookNow(facts, name);
    },
    async arrived() {
      await waitUntil(
        async () => {
          const { body } = await send({ port: facts.httpPort, host, method: 'GET', path: '/', agent: false });
          if (body !== wanted()) assert.equal(body, wanted(), await explanation(body));
          const states = (await containersOf(facts, name)).map(({ state }) => state);
          assert.deepEqual(
            states,
            Array.from({ length: replicas }, () => 'running'),
          );
          const { phase, replicas: counted, waiting = null, barred } = await status();
          assert.deepEqual(
            { phase, ...counted, waiting, barred: barred.filter(({ wanted: stands = true }) => stands) },
            { phase: 'serving', ready: replicas, wanted: replicas, waiting: null, barred: [] },
          );
          return true;
        },
        { ...patience, what: `${name} ${wanted()} serves, and nothing else is left` },
      );
    },
    status,
    async addresses() {
      const ids = (await containersOf(facts, name)).map(({ id }) => id);
      const format = `{{.Id}} {{(index .NetworkSettings.Networks "${facts.network}").IPAddress}}`;
      const { stdout } = await run('docker', ['inspect', '--format', format, ...ids]);
      return Object.fromEntries(stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split(' ')])));
    },
  };
}
