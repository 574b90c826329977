import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { impatient } from './impatient-engine.ts';
import type { ContainerEngine } from './ports.ts';
import { createSimulatedEngine } from './testing/simulated-engine.ts';
import { node } from './testing/simulated-proxies.ts';

const clock = { now: () => new Date(), monotonicMs: () => performance.now() };
const simulated = createSimulatedEngine({ clock, behaviourOf: () => ({ readyAfterMs: 0, endsAfterMs: null, exitCode: 0 }) });
const never = async () => await new Promise<never>(() => undefined);

describe('an engine for those who answer questions', () => {
  it('answers as the engine does', async () => {
    assert.deepEqual(await impatient(simulated).list(node), []);
  });

  const hung: ContainerEngine = {
    ...simulated,
    info: never,
    apiVersion: never,
    list: never,
    inspect: never,
    published: never,
    writable: never,
    image: never,
    networks: never,
    logs: never,
  };
  const engine = impatient(hung, 10);
  const reads: Readonly<Record<string, () => Promise<unknown>>> = {
    info: async () => await engine.info(),
    apiVersion: async () => await engine.apiVersion(),
    list: async () => await engine.list(node),
    inspect: async () => await engine.inspect('x'),
    published: async () => await engine.published(),
    writable: async () => await engine.writable(),
    image: async () => await engine.image('x'),
    networks: async () => await engine.networks(),
    logs: async () => await engine.logs('x', { lines: 1 }),
  };
  for (const [name, read] of Object.entries(reads)) {
    it(`says in time that the engine does not answer: ${name}`, async () => {
      await assert.rejects(read(), { code: 'ENGINE_UNREACHABLE', message: /^the container engine was asked to .* did not answer within/ });
    });
  }
});
