import assert from 'node:assert/strict';
import { waitUntil } from '@kedge/shared/testing';
import { declare, undeclare } from '../../e2e/harness/configuration.ts';
import { reference } from '../../e2e/harness/images.ts';
import { send } from '../../e2e/harness/load.ts';
import { serviceText } from '../../e2e/harness/service-text.ts';
import { joinBus, type StackFacts } from '../../e2e/harness/stack.ts';
import { containersOf } from './containers.ts';
import { lookNow, prepareVersion, release } from './releases.ts';
import type { Spy } from './spy.ts';

/** A web service of which there is always one more version. */
export interface RollingService {
  readonly name: string;
  readonly host: string;
  /** Every version that it may ever have. */
  readonly versions: readonly string[];
  /** The version that is wanted now. */
  wanted(): string;
  declare(): Promise<void>;
  undeclare(): Promise<void>;
  /** Puts the next version into the registry, where nobody sees it yet. */
  prepare(): Promise<void>;
  /** What was prepared is what the registry says from now on, and the watcher looks at once. */
  release(): Promise<void>;
  /** The same, and nobody is told. */
  releaseUnseen(): Promise<void>;
  /** Waits until the wanted version serves and nothing else of the service is left. */
  arrived(): Promise<void>;
  /** Puts a version into the registry that ends as soon as it is started, where nobody sees it yet. */
  prepareBad(): Promise<void>;
  /** That is what the registry says from now on, and the watcher looks at once. */
  releaseBad(): Promise<void>;
  /** Waits until the newest bad version was judged, what served before serves again, and nothing else of the service is left. */
  takenBack(): Promise<void>;
  /** Waits until nothing of the service is left. */
  gone(): Promise<void>;
}

interface RollingOptions {
  readonly facts: StackFacts;
  readonly spy: Spy;
  readonly name: string;
  readonly strategy?: 'recreate';
  readonly env?: Readonly<Record<string, string>>;
  /** The port under which the registry is declared. Default: its own. */
  readonly registryPort?: number;
  /** The bound of its drain. Default: short, because of streams that end with their container only. */
  readonly drainTimeout?: string;
}

const patience = { timeoutMs: 90_000 };

export async function createRollingService({
  facts,
  spy,
  name,
  strategy,
  env = {},
  registryPort = facts.registryPort,
  drainTimeout = '3s',
}: RollingOptions): Promise<RollingService> {
  const since = new Date();
  const host = `${name}.example`;
  const versions = Array.from({ length: 200 }, (_, index) => `r${index}`);
  let current = 0;
  let prepared = 0;
  let bad = 0;
  const wanted = () => versions[current] ?? '';

  const plain = serviceText({
    name,
    image: reference({ ...facts, registryPort }, name),
    host,
    env,
    more: ['[[gate]]', 'type = "http"', 'path = "/health"', '', '[drain]', `timeout = "${drainTimeout}"`, 'dns_settle = "1s"'],
  });
  const text = strategy === undefined ? plain : plain.replace('restart =', `strategy = "${strategy}"\nrestart =`);

  await prepareVersion(facts, { repository: name }, wanted());
  await release(facts, name, wanted());

  async function releaseUnseen(): Promise<void> {
    current = prepared;
    await release(facts, name, wanted());
  }

  async function assertArrived(): Promise<void> {
    const { body } = await send({ port: facts.httpPort, host, method: 'GET', path: '/', agent: false });
    assert.equal(body, wanted());
    const containers = await containersOf(facts, name);
    assert.deepEqual(
      containers.map((container) => `${container.name} ${container.state}`),
      [`${name} running`],
    );
    const record = await spy.record(name);
    assert.equal(record?.rollout, null);
    assert.equal(record.owes, undefined);
    const endpoints = await spy.endpoints(name);
    assert.deepEqual(
      endpoints?.targets.map(({ id, state }) => `${id} ${state}`),
      containers.map(({ id }) => `${id} ready`),
    );
  }

  return {
    name,
    host,
    versions,
    wanted,
    declare: async () => await declare(facts, { [name]: text }),
    undeclare: async () => await undeclare(facts, [name]),
    async prepare() {
      prepared = current + 1;
      await prepareVersion(facts, { repository: name }, versions[prepared] ?? '');
    },
    async release() {
      await releaseUnseen();
      await lookNow(facts, name);
    },
    releaseUnseen,
    async arrived() {
      await waitUntil(
        async () => {
          await assertArrived();
          return true;
        },
        { ...patience, what: `${name} ${wanted()} serves, and nothing else is left` },
      );
    },
    async prepareBad() {
      bad += 1;
      await prepareVersion(facts, { repository: name, mode: 'crash' }, `bad${bad}`);
    },
    async releaseBad() {
      await release(facts, name, `bad${bad}`);
      await lookNow(facts, name);
    },
    async takenBack() {
      const bus = await joinBus(facts, 'cli');
      const isTakenBack = async () => {
        const failed = await bus.recent({ since, subjects: ['deploy.failed'] });
        assert.equal(failed.filter(({ subject }) => subject === name).length, bad);
        await assertArrived();
        return true;
      };
      try {
        await waitUntil(isTakenBack, { ...patience, what: `bad${bad} is taken back, and ${name} ${wanted()} serves alone` });
      } finally {
        await bus.close();
      }
    },
    async gone() {
      await waitUntil(
        async () => {
          assert.deepEqual(await containersOf(facts, name), []);
          assert.equal(await spy.endpoints(name), null);
          assert.equal(await spy.record(name), null);
          return true;
        },
        { ...patience, what: `nothing is left of ${name}` },
      );
    },
  };
}
