import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Configuration } from '@kedge/config';
import { type ConfigManifest, type ConfigProblem, ServiceName, ServiceSpec } from '@kedge/shared/contracts';
import fc from 'fast-check';
import { node, nothingStored, perform, readAfterCrash, specsByName } from '../../testing/stored-configuration.ts';
import { planRejection, planWrites, type StoredConfiguration } from './plan-writes.ts';
import type { Agreement } from './removal-guard.ts';
import { nameOf, noMemory } from './wished-entries.ts';

const now = new Date('2026-01-01T00:00:00.000Z');

function configuration(images: Readonly<Record<string, string>>, more: Partial<Configuration> = {}): Configuration {
  const services = Object.entries(images).map(([name, image]) => ({
    name: ServiceName.parse(name),
    folder: name,
    spec: ServiceSpec.parse({ service: { name, image }, dispenser: { watch: true } }),
  }));
  return { entry: 'kedge.toml', delay: 60, networks: undefined, proxy: undefined, services, unused: [], warnings: [], ...more };
}

const plan = (wish: Configuration, stored: StoredConfiguration, agreed: Agreement | null = null) =>
  planWrites({ node, configuration: wish, stored, agreed, memory: noMemory, now }).plan;

const inForce = (wish: Configuration) => perform(nothingStored, plan(wish, nothingStored));

describe('writing a configuration', () => {
  it('writes specs, then the manifest that names them, then says so', () => {
    const { outcome, puts, manifest, says, deletes } = plan(configuration({ web: 'nginx' }), nothingStored);
    assert.deepEqual([outcome, puts.map(({ name, revision }) => [name, revision]), deletes], ['applied', [['web', null]], []]);
    assert.equal(manifest?.services.web, puts[0]?.entry.hash);
    assert.deepEqual(says, { subject: 'config.changed', data: { revision: manifest?.revision, added: ['web'], changed: [], removed: [] } });
  });

  it('writes nothing when nothing changed', () => {
    const wish = configuration({ web: 'nginx', api: 'api' }, { networks: [{ name: 'back' }] });
    assert.deepEqual(plan(wish, inForce(wish)), {
      outcome: 'unchanged',
      puts: [],
      manifest: null,
      rejection: null,
      says: null,
      deletes: [],
    });
  });

  it('keeps warnings in the manifest, outside of the revision', () => {
    const warning: ConfigProblem = { file: 'web/service.toml', line: 4, column: 14, message: 'service.privileged: gives …' };
    const before = inForce(configuration({ web: 'nginx' }));
    const warned = configuration({ web: 'nginx' }, { warnings: [warning] });
    const { outcome, manifest, says } = plan(warned, before);
    assert.deepEqual([outcome, says, manifest?.warnings], ['unchanged', null, [warning]]);
    assert.equal(manifest?.revision, before.manifest?.value.revision);
    assert.deepEqual(plan(warned, perform(before, plan(warned, before))).manifest, null);
    assert.equal(plan(configuration({ web: 'nginx' }), inForce(warned)).manifest?.warnings, undefined);
  });

  const moves: readonly (readonly [string, string | undefined, string | undefined, string])[] = [
    ['renames what has the same path in the same folder', './one', './one', 'applied'],
    ['renames what has the same path in the same folder, written otherwise', './one', 'one/', 'applied'],
    ['holds what has the same path in another folder', './one', './two', 'held'],
    ['renames where nobody knows of which folder it was', undefined, './two', 'applied'],
  ];
  for (const [name, before, folder, outcome] of moves)
    it(`${name}`, () => {
      const other = configuration({ web: 'nginx' });
      const renamed = { ...other, services: other.services.map((each) => ({ ...each, folder: 'api' })) };
      const given = { node, agreed: null, memory: noMemory, now };
      const first = planWrites({ ...given, configuration: configuration({ api: 'nginx' }), folder: before, stored: nothingStored }).plan;
      const stored = perform(nothingStored, first);
      const next = planWrites({ ...given, configuration: renamed, folder, stored }).plan;
      assert.deepEqual([next.outcome, next.manifest?.folder], [outcome, outcome === 'held' ? before : folder]);
    });

  it('renames in a folder that was moved, once its files said there what is in force, also after something was held', () => {
    const elsewhere = (name: string): Configuration => ({
      ...configuration({}),
      services: configuration({ web: 'nginx' }).services.map((each) => ({
        ...each,
        name: ServiceName.parse(name),
        spec: { ...each.spec, service: { ...each.spec.service, name: ServiceName.parse(name) } },
      })),
    });
    let [stored, memory] = [nothingStored, noMemory];
    const pass = (wish: Configuration, folder: string): string => {
      const { plan: planned, memory: kept } = planWrites({ node, configuration: wish, folder, stored, agreed: null, memory, now });
      stored = perform(stored, planned);
      memory = kept;
      return planned.outcome;
    };
    assert.equal(pass(elsewhere('web'), './one'), 'applied');
    // Another process: what the one before remembered is gone.
    memory = noMemory;
    assert.equal(pass(elsewhere('web'), './two'), 'unchanged');
    assert.equal(pass(configuration({}), './two'), 'held');
    assert.equal(pass(elsewhere('shop'), './two'), 'applied');
    assert.deepEqual([Object.keys(stored.manifest?.value.services ?? {}), stored.manifest?.value.folder], [['shop'], './two']);
  });

  it('names its folder, once when that was not written down yet, and not over and over where it has two names', () => {
    const wish = { node, configuration: configuration({ web: 'nginx' }), agreed: null, memory: noMemory, now };
    const unnamed = inForce(wish.configuration);
    const { outcome, manifest, says } = planWrites({ ...wish, folder: './one', stored: unnamed }).plan;
    assert.deepEqual([outcome, manifest?.folder, says], ['unchanged', './one', null]);
    const stored = perform(nothingStored, planWrites({ ...wish, folder: './one', stored: nothingStored }).plan);
    for (const folder of ['./one', './two']) assert.equal(planWrites({ ...wish, folder, stored }).plan.manifest, null);
  });

  it('writes only what changed, and names it', () => {
    const { puts, says, deletes } = plan(
      configuration({ web: 'nginx:2', api: 'api', neu: 'x' }),
      inForce(configuration({ web: 'nginx', api: 'api', old: 'x' })),
    );
    assert.deepEqual(
      puts.map(({ name }) => name),
      ['web', 'neu'],
    );
    assert.deepEqual(
      deletes.map(({ key }) => key),
      ['local.old'],
    );
    assert.deepEqual(says?.subject === 'config.changed' && [says.data.added, says.data.changed, says.data.removed], [
      ['neu'],
      ['web'],
      ['old'],
    ]);
  });

  it('says that something changed when only delay, networks or a folder did', () => {
    const before = configuration({ web: 'nginx' });
    for (const after of [
      configuration({ web: 'nginx' }, { delay: 5 }),
      configuration({ web: 'nginx' }, { networks: [{ name: 'back' }] }),
      { ...before, services: before.services.map((service) => ({ ...service, folder: 'elsewhere' })) },
    ]) {
      assert.equal(plan(after, inForce(before)).says?.subject, 'config.changed');
    }
  });

  it('gives the same content the same revision', () => {
    const [left, right] = [configuration({ web: 'a', api: 'b' }), configuration({ api: 'b', web: 'a' })];
    assert.equal(plan(left, nothingStored).manifest?.revision, plan(right, nothingStored).manifest?.revision);
  });

  it('holds what removes too much: recorded and said once, and nothing else is written', () => {
    const stored = inForce(configuration({ web: 'nginx', api: 'x' }));
    const held = plan(configuration({}), stored);
    assert.deepEqual([held.outcome, held.puts, held.deletes], ['held', [], []]);
    assert.deepEqual(held.manifest?.held?.removes, ['web', 'api']);
    assert.deepEqual(held.manifest?.services, stored.manifest?.value.services);
    assert.equal(held.says?.subject === 'config.rejected' && held.says.data.reason, 'mass-removal');
    assert.match(held.manifest?.rejected?.problems[0]?.message ?? '', /would remove 2 of 2 services \(web, api\); "kedge apply" shows it/);

    const only = plan(configuration({}), inForce(configuration({ web: 'nginx' })));
    assert.match(only.manifest?.rejected?.problems[0]?.message ?? '', /would remove 1 of 1 service \(web\);/);

    const names = Array.from({ length: 500 }, (_, nth) => `s${nth}`);
    const all = plan(configuration({}), inForce(configuration(Object.fromEntries(names.map((name) => [name, 'x'])))));
    assert.match(all.manifest?.rejected?.problems[0]?.message ?? '', /would remove 500 of 500 services \(s0, .*, s7 and 492 more\);/);
    assert.equal(all.manifest?.held?.removes.length, 500);

    const after = perform(stored, held);
    assert.deepEqual(plan(configuration({}), after), {
      outcome: 'unchanged',
      puts: [],
      manifest: null,
      rejection: null,
      says: null,
      deletes: [],
    });
    const agreed = plan(configuration({}), after, {});
    assert.deepEqual(
      [agreed.outcome, agreed.manifest?.services, agreed.manifest?.held, agreed.deletes.length],
      ['applied', {}, undefined, 2],
    );
  });

  it('holds no service that only got another name: its folder stays, or its route', () => {
    const proxied = (name: string, folder: string): Configuration => ({
      ...configuration({}),
      services: [
        {
          name: ServiceName.parse(name),
          folder,
          spec: ServiceSpec.parse({
            service: { name, image: 'nginx' },
            dispenser: { watch: true },
            proxy: { host: 'App', service_port: 80 },
          }),
        },
      ],
    });
    const sameFolder = plan(
      { ...configuration({ site: 'other' }), services: proxied('site', 'web').services },
      inForce(configuration({ web: 'nginx' })),
    );
    const sameRoute = plan(proxied('site', 'site'), inForce(proxied('web', 'web')));
    for (const { outcome, says, deletes } of [sameFolder, sameRoute]) {
      assert.deepEqual([outcome, says?.subject === 'config.changed' && says.data.removed, deletes.length], ['applied', ['web'], 1]);
    }
    assert.equal(plan(configuration({ site: 'nginx' }), inForce(configuration({ web: 'nginx' }))).outcome, 'held');
  });

  it('forgets what was held or rejected once the configuration is whole again, without saying that anything changed', () => {
    const wish = configuration({ web: 'nginx' });
    const stored = inForce(wish);
    const held = perform(stored, plan(configuration({}), stored));
    const healed = plan(wish, held);
    assert.deepEqual([healed.outcome, healed.says, healed.manifest], ['unchanged', null, stored.manifest?.value]);
  });

  it('comes to the same end after a crash at any write, whatever the user wrote meanwhile', () => {
    const images = fc.dictionary(fc.constantFrom('web', 'api', 'db', 'job'), fc.constantFrom('one', 'two'));
    fc.assert(
      fc.property(images, images, images, fc.nat(14), (first, second, third, steps) => {
        const stored = inForce(configuration(first));
        const crashed = readAfterCrash(perform(stored, { ...plan(configuration(second), stored, {}), steps }));
        const end = perform(crashed, plan(configuration(third), crashed, {}));
        const services = (state: StoredConfiguration) => Object.fromEntries(state.services.map((each) => [nameOf(each), each.value]));
        assert.deepEqual(services(end), services(inForce(configuration(third))));
        assert.deepEqual(end.manifest?.value, inForce(configuration(third)).manifest?.value);
        assert.equal(plan(configuration(third), end).outcome, 'unchanged');
        assert.equal(end.staged.size, 0);
      }),
    );
  });

  it('never names a spec in the manifest that is lost, at whichever write it dies, and again at the next', () => {
    const images = fc.dictionary(fc.constantFrom('web', 'api', 'db'), fc.constantFrom('one', 'two', 'three'));
    fc.assert(
      fc.property(images, images, images, fc.nat(12), fc.nat(12), (first, second, third, steps, stepsAfter) => {
        const stored = inForce(configuration(first));
        const crashed = readAfterCrash(perform(stored, { ...plan(configuration(second), stored, {}), steps }));
        const again = readAfterCrash(perform(crashed, { ...plan(configuration(third), crashed, {}), steps: stepsAfter }));
        for (const state of [crashed, again]) {
          for (const [name, hash] of Object.entries(state.manifest?.value.services ?? {}))
            assert.equal(specsByName(state).get(name)?.value.hash, hash);
        }
      }),
    );
  });
});

describe('what the last pass hands on', () => {
  const declared = fc.record(
    {
      image: fc.constantFrom('one', 'two'),
      folder: fc.constantFrom('here', 'there'),
      host: fc.constantFrom('a.example', 'b.example'),
      secret: fc.constantFrom('old:1', 'old:2', 'new:1'),
    },
    { requiredKeys: ['image'] },
  );
  const wish = fc.uniqueArray(fc.tuple(fc.constantFrom('web', 'api', 'db', 'job', '12', '10'), declared), { selector: ([name]) => name });
  const toService = ([name, { image, folder = name, host, secret }]: readonly [string, Partial<Record<string, string>>]) => ({
    name: ServiceName.parse(name),
    folder,
    spec: ServiceSpec.parse({
      service: { name, image },
      ...(secret !== undefined && { env: { TOKEN: { ref: `${name}#TOKEN`, fingerprint: secret } } }),
      ...(host !== undefined && { proxy: { host, service_port: 80 } }),
      dispenser: { watch: true },
    }),
  });

  it('changes nothing in the plan, the revision or the manifest: it only spares work', () => {
    const pass = fc.record({
      wish: fc.option(wish, { nil: null }),
      agreed: fc.constantFrom(null, {}),
      steps: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat(12)),
      isReadAfresh: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(pass, { maxLength: 6 }), (passes) => {
        const known = new Map<string, Configuration['services'][number]>();
        let [stored, memory, services] = [nothingStored, noMemory, configuration({}).services];
        for (const { wish: next, agreed, steps, isReadAfresh } of passes) {
          // A service whose file did not change is the very same value again.
          if (next) {
            services = next.map((each) => known.get(JSON.stringify(each)) ?? toService(each));
            for (const [place, each] of services.entries()) known.set(JSON.stringify(next[place]), each);
          }
          const given = { node, configuration: { ...configuration({}), services }, stored, agreed, now };
          const quick = planWrites({ ...given, memory });
          const slow = planWrites({ ...given, memory: { ...noMemory, baseline: memory.baseline, inForce: memory.inForce } });
          assert.deepEqual([quick.plan, quick.revision], [slow.plan, slow.revision]);
          assert.equal(JSON.stringify(quick.plan.manifest), JSON.stringify(slow.plan.manifest));
          const after = perform(stored, { ...quick.plan, steps });
          stored = isReadAfresh ? structuredClone(after) : after;
          if (steps === Number.POSITIVE_INFINITY) ({ memory } = quick);
        }
      }),
    );
  });
});

describe('recording a rejection', () => {
  const problem = (message: string): ConfigProblem => ({ file: 'kedge.toml', line: 1, column: 1, message });
  const reject = (stored: StoredConfiguration, ...messages: readonly string[]) =>
    planRejection(stored, { node, reason: 'invalid', problems: messages.map(problem), now });

  it('leaves in force what was, and says what is wrong once', () => {
    const stored = inForce(configuration({ web: 'nginx' }));
    const rejected = reject(stored, 'bad');
    assert.deepEqual([rejected.outcome, rejected.puts, rejected.deletes, rejected.says?.subject], ['rejected', [], [], 'config.rejected']);
    assert.deepEqual(rejected.manifest, {
      ...stored.manifest?.value,
      rejected: { problems: [problem('bad')], since: now.toISOString() },
    } satisfies Partial<ConfigManifest>);

    const after = perform(stored, rejected);
    assert.deepEqual(reject(after, 'bad'), { outcome: 'unchanged', puts: [], manifest: null, rejection: null, says: null, deletes: [] });
    assert.equal(reject(after, 'worse').outcome, 'rejected');
  });

  it('says no more than KV and events hold', () => {
    const many = Array.from({ length: 150 }, (_, index) => `bad ${index}`);
    const { manifest, says } = reject(inForce(configuration({ web: 'nginx' })), ...many);
    assert.equal(manifest?.rejected?.problems.length, 101);
    assert.match(manifest?.rejected?.problems.at(-1)?.message ?? '', /^and 50 more/);
    assert.deepEqual(says?.subject === 'config.rejected' && says.data.problems, manifest?.rejected?.problems);
  });

  it('writes no manifest where there never was one, says each problem once, and forgets it with the first manifest', () => {
    const rejected = reject(nothingStored, 'bad');
    assert.deepEqual([rejected.outcome, rejected.manifest, rejected.says?.subject], ['rejected', null, 'config.rejected']);
    assert.deepEqual(rejected.rejection?.rejected?.problems, [problem('bad')]);

    const after = perform(nothingStored, rejected);
    assert.deepEqual([reject(after, 'bad').outcome, reject(after, 'bad').says], ['unchanged', null]);
    assert.deepEqual(
      [reject(after, 'worse').outcome, reject(after, 'worse').rejection?.rejected?.problems],
      ['rejected', [problem('worse')]],
    );

    const first = plan(configuration({ web: 'nginx' }), after);
    assert.deepEqual([first.outcome, first.deletes.map(({ key }) => key)], ['applied', ['local._rejected']]);
    assert.equal(perform(after, first).rejection, null);
    // Killed after the manifest: the next pass takes away what is left.
    const killed = perform(after, { ...first, steps: 2 });
    assert.ok(killed.manifest && killed.rejection);
    assert.equal(perform(killed, plan(configuration({ web: 'nginx' }), killed)).rejection, null);
  });

  it('takes the place of what was held', () => {
    const stored = inForce(configuration({ web: 'nginx' }));
    const held = perform(stored, plan(configuration({}), stored));
    const rejected = reject(held, 'bad');
    assert.deepEqual([rejected.outcome, rejected.manifest?.held], ['rejected', undefined]);
  });
});
