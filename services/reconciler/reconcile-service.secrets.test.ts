import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigManifest, manifestKey, releaseName } from '@kedge/shared/contracts';
import { RetryableError, Sealed } from '@kedge/shared/kernel';
import type { SecretSource } from './ports.ts';
import { node, put } from './testing/simulated-proxies.ts';
import { digestOf, openSimulation, type Simulation } from './testing/simulation.ts';
import { published, specOf } from './testing/stories.ts';

const token = { ref: 'web/service.toml#/env/TOKEN', fingerprint: `v1:${'0'.repeat(64)}` };
const spec = specOf({ env: { TOKEN: token } });
const changed = new RetryableError('SECRET_CHANGED', 'the value of "web/service.toml#/env/TOKEN" changed since it was declared');
const away = new RetryableError('SECRETS_UNAVAILABLE', 'the secrets component did not answer; check that it runs and is ready');

interface Stage {
  readonly simulation: Simulation;
  /** What secrets answers with instead of values. */
  readonly trouble: { error: Error | null };
}

/** The service serves with a secret. */
async function stage(): Promise<Stage> {
  const trouble: Stage['trouble'] = { error: null };
  const secrets: SecretSource = {
    async resolve(refs) {
      if (trouble.error) throw trouble.error;
      return new Map(refs.map(({ ref }) => [ref, new Sealed('hunter2')]));
    },
    registryCredentials: async () => null,
  };
  const simulation = await openSimulation({ behaviours: { v1: {}, v2: {} }, secrets, onViolation: assert.fail });
  await simulation.declare(spec);
  await simulation.accept('v1');
  await simulation.settle();
  return { simulation, trouble };
}

/** The watcher holds what is on disk; what is in force stays as it is. */
async function hold({ stores }: Simulation): Promise<void> {
  const manifest = await stores.manifests.get(manifestKey(node));
  const held = { revision: 'r2', removes: ['api', 'db'], since: '2026-01-01T00:00:00.000Z' };
  await put(stores.manifests, manifestKey(node), ConfigManifest.parse({ ...manifest?.value, held }));
}

describe('a service with a secret that another configuration on disk has changed', () => {
  it('runs on in the container that it has, which is restarted when it only ended', async () => {
    const { simulation, trouble } = await stage();
    const [before] = simulation.engine.all();
    await hold(simulation);
    trouble.error = changed;
    simulation.engine.kill(before?.id ?? '');
    await simulation.settle();
    const seen = simulation.engine.all().map(({ id, state }) => [id, state]);
    assert.deepEqual(seen, [[before?.id, 'running']]);
    assert.equal((await simulation.record())?.waiting, undefined);
  });

  it('says what keeps the value from coming into force when a new container is needed, and heals soon after the file is put back', async () => {
    const { simulation, trouble } = await stage();
    await hold(simulation);
    trouble.error = changed;
    simulation.engine.lose(simulation.engine.all()[0]?.id ?? '');
    await simulation.settle({ untilMs: 600_000 });
    const { waiting } = (await simulation.record()) ?? {};
    assert.equal(waiting?.code, 'SECRET_CHANGED');
    assert.match(waiting.message, /changed since it was declared, in a configuration that is held: "kedge apply"/);

    trouble.error = null;
    await simulation.settle({ untilMs: 40_000 });
    assert.deepEqual(
      simulation.engine.all().map(({ state }) => state),
      ['running'],
    );
  });
});

describe('a release that stopped the one before it, whose secret has changed since', () => {
  it('is tried again when what it waits for is there, because the one before it cannot come back', async () => {
    const trouble: { of: string | null } = { of: null };
    const secrets: SecretSource = {
      async resolve(refs) {
        if (refs.some(({ fingerprint }) => fingerprint === trouble.of)) throw changed;
        return new Map(refs.map(({ ref }) => [ref, new Sealed('hunter2')]));
      },
      registryCredentials: async () => null,
    };
    const newer = { ...token, fingerprint: `v1:${'1'.repeat(64)}` };
    const about = { ...published, depends_on: { db: 'started' } };
    const db = specOf({ service: { name: 'db', image: 'db:1' } });
    const simulation = await openSimulation({ behaviours: { v1: {}, d1: {} }, secrets, onViolation: assert.fail });
    await simulation.declare(specOf({ ...about, env: { TOKEN: token } }), db);
    await simulation.accept('d1', 'db:1');
    await simulation.accept('v1');
    await simulation.settle();
    await simulation.declare(specOf({ ...about, env: { TOKEN: token } }));
    await simulation.settle();
    await simulation.declare(specOf({ ...about, env: { TOKEN: newer } }));
    trouble.of = token.fingerprint;
    await simulation.settle({ untilMs: 20_000 });
    for (const { id, name } of simulation.engine.all()) if (name === 'web') simulation.engine.lose(id);
    await simulation.settle({ untilMs: 60_000 });
    assert.deepEqual(
      simulation.engine.all().filter(({ name, state }) => name === 'web' && state === 'running'),
      [],
    );

    await simulation.declare(specOf({ ...about, env: { TOKEN: newer } }), db);
    await simulation.settle();
    const { serving, rollout } = (await simulation.record()) ?? {};
    assert.equal(serving?.release, releaseName(specOf({ ...about, env: { TOKEN: newer } }), digestOf('v1')));
    assert.equal(rollout, null);
  });
});

describe('a service that waits for the secrets component', () => {
  it('is tried again within seconds of its return, however long it was away, and nobody asks without a pause', async () => {
    const { simulation, trouble } = await stage();
    trouble.error = away;
    simulation.engine.lose(simulation.engine.all()[0]?.id ?? '');
    const before = simulation.calls();
    await simulation.settle({ untilMs: 3_600_000 });
    assert.ok(simulation.calls() - before < 100 * 720, `${simulation.calls() - before} calls in an hour`);
    assert.equal((await simulation.record())?.waiting?.code, 'SECRETS_UNAVAILABLE');
    trouble.error = null;
    await simulation.settle({ untilMs: 6_000 });
    assert.deepEqual(
      simulation.engine.all().map(({ state }) => state),
      ['running'],
    );
  });
});
