import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceSpec } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import fc from 'fast-check';
import { assertServes, crashing, neverReady, open, proxied, published, quickGate, specOf, twoProxies, type Watched } from './stories.ts';
import { isLong, seed } from './sweep.ts';

const effects = ['before', 'within', 'after'] as const;
const Crashes = fc.array(fc.record({ call: fc.integer({ min: 1, max: 60 }), effect: fc.constantFrom(...effects) }), { maxLength: 2 });
const disturbances = [
  'accept v1',
  'accept v2',
  'accept bad',
  'accept stuck',
  'lose',
  'kill',
  'no pull',
  'no attach',
  'no start',
  'mend',
] as const;
const Disturbance = fc.record({
  what: fc.oneof(fc.constantFrom(...disturbances), fc.constantFrom('remove' as const, 'change' as const, 'ask' as const)),
  crashes: Crashes,
  untilMs: fc.integer({ min: 200, max: 90_000 }),
});
type Kind = (typeof disturbances)[number] | 'remove' | 'change' | 'ask';

/** How the events that end one rollout may follow each other. */
const storiesOfAnEnd = [
  'succeeded',
  'superseded',
  'failed',
  // An old release that had to stop comes back.
  'failed, rolledback',
  // A first start is tried again, and its failure is said once.
  'failed (unbarred), succeeded',
  'failed (unbarred), superseded',
];

function endsOf(simulation: Watched): string[] {
  const about = (type: string) => simulation.events.filter((event) => event.type === `deploy.${type}.v1`);
  return about('started').map(({ correlationid }) => {
    const said = simulation.events
      .filter((event) => event.correlationid === correlationid)
      .flatMap(({ type, data }) => {
        const [, end] = /^deploy\.(succeeded|failed|rolledback|superseded)\.v1$/.exec(type) ?? [];
        if (end === undefined) return [];
        return [end === 'failed' && !(data as { barred: boolean }).barred ? 'failed (unbarred)' : end];
      });
    return said.join() === 'failed (unbarred)' ? 'failed' : said.join(', ');
  });
}

describe('a service that is disturbed in every way', () => {
  const specs = {
    'start-first': specOf({ ...proxied, ...quickGate }),
    'with two replicas': specOf({ service: { replicas: 2 }, ...proxied, ...quickGate }),
    'stop-first': specOf({ ...proxied, ...published, ...quickGate }),
    'that runs once': specOf({ service: { restart: 'no' }, ...proxied, ...quickGate }),
  };

  async function disturb(simulation: Watched, what: Kind, declared: { spec: ServiceSpec; isDeclared: boolean }): Promise<void> {
    const { engine } = simulation;
    const first = engine.all()[0]?.id;
    const version = what.startsWith('accept ') ? what.slice('accept '.length) : null;
    if (version !== null) return await simulation.accept(version);
    if (what === 'lose' && first !== undefined) engine.lose(first);
    if (what === 'kill' && first !== undefined) engine.kill(first);
    if (what === 'no pull') engine.troubles.pull = new RetryableError('REGISTRY_UNREACHABLE', 'the registry does not answer');
    if (what === 'no attach') engine.troubles.attach = new RetryableError('ENGINE_ERROR', 'the engine cannot attach');
    if (what === 'no start') engine.troubles.start = { image: '', error: new RetryableError('ENGINE_ERROR', 'the engine cannot start') };
    if (what === 'mend') Object.assign(engine.troubles, { pull: null, attach: null, start: null });
    if (what === 'remove') {
      declared.isDeclared = false;
      await simulation.declare(null);
    }
    if (what === 'ask' && declared.isDeclared) await simulation.request('deploy', `ask-${simulation.now()}`);
    if (what === 'change') {
      const memory = declared.spec.service.memory === '64m' ? '128m' : '64m';
      declared.spec = specOf({ ...declared.spec, service: { ...declared.spec.service, memory } });
      declared.isDeclared = true;
      await simulation.declare(declared.spec);
    }
  }

  for (const [name, spec] of Object.entries(specs)) {
    it(`says one end of each rollout, and holds requests only for somebody who comes (${name})`, async (t) => {
      t.diagnostic(`KEDGE_TEST_SEED=${seed}`);
      await fc.assert(
        fc.asyncProperty(fc.array(Disturbance, { minLength: 1, maxLength: 8 }), async (story) => {
          const simulation = await open({ bad: crashing, stuck: neverReady }, twoProxies);
          const declared = { spec, isDeclared: true };
          await simulation.declare(spec);
          await simulation.accept('v1');
          await simulation.settle();
          for (const { what, crashes, untilMs } of story) {
            await disturb(simulation, what, declared);
            await simulation.settle({ crashes, untilMs });
          }
          await disturb(simulation, 'mend', declared);
          await simulation.declare(declared.spec);
          await simulation.accept('v3');
          await simulation.settle();
          if (declared.spec.service.restart !== 'no') await assertServes(simulation, declared.spec, 'v3');
          for (const ends of endsOf(simulation)) assert.ok(storiesOfAnEnd.includes(ends), `a rollout ended with "${ends}"`);
          assert.deepEqual(simulation.violations, []);
        }),
        { seed, numRuns: isLong ? 300 : 12 },
      );
    });
  }
});
