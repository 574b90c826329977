import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NetworkSpec } from '@kedge/shared/contracts';
import fc from 'fast-check';
import type { ObservedNetwork } from '../../ports.ts';
import { networkPlan } from './network-plan.ts';
import { type NetworkStep, type PlanNetworks, planNetworks } from './plan-networks.ts';

const node = 'local';
const member = (name: string, owner: ObservedNetwork['members'][number]['owner'] = { node, service: name }) => ({
  container: name,
  name,
  owner,
});
const web = member('web');
const stranger = member('stranger', null);
const neighbour = member('neighbour', { node: 'other', service: 'web' });

const spec = (changes: Partial<NetworkSpec> = {}): NetworkSpec => ({ name: 'back', ...changes });
const present = (declared: NetworkSpec, members: ObservedNetwork['members'] = []): ObservedNetwork => ({
  ...networkPlan(declared, node),
  members,
});
const foreign = (name: string): ObservedNetwork => ({ ...present(spec({ name })), labels: {} });

function plan(changes: Partial<PlanNetworks>): NetworkStep[] {
  return planNetworks({ node, declared: [], existing: [], usedBy: new Map(), serving: new Set(), defaultNetwork: 'kedge', ...changes });
}
const told = (steps: readonly NetworkStep[]) => steps.map((step) => `${step.kind}: ${step.reason}`);
const used = new Map([['back', ['db', 'web']]]);

describe('what becomes of networks', () => {
  const table: readonly (readonly [string, Partial<PlanNetworks>, readonly string[]])[] = [
    ['one that nobody needs yet is made all the same', { declared: [spec()] }, ['create: it is declared']],
    ['one that is needed is made', { declared: [spec()], usedBy: used }, ['create: db, web need it']],
    ['one that is as declared stays', { declared: [spec()], existing: [present(spec(), [web])], usedBy: used }, []],
    ...[used, new Map()].map(
      (usedBy) =>
        [
          `an external one is never made, and missed${usedBy.size > 0 ? '' : ' although nobody needs it'}`,
          { declared: [spec({ external: true })], usedBy },
          ['missing: external network back does not exist; make it with "docker network create back"'],
        ] as const,
    ),
    ['an external one that is there is what it is', { declared: [spec({ external: true })], existing: [foreign('back')] }, []],
    [
      'an external one is never changed nor removed, even if it was ours once',
      { declared: [spec({ external: true, internal: true })], existing: [present(spec())] },
      [],
    ],
    [
      'one that is declared otherwise is made anew',
      { declared: [spec({ internal: true })], existing: [present(spec(), [web])], usedBy: used },
      ['recreate: internal false → true'],
    ],
    [
      'one with another label is made anew',
      { declared: [spec({ labels: { a: 'b' } })], existing: [present(spec())] },
      ['recreate: label a (none) → "b"'],
    ],
    [
      'one on which somebody else is stays as it is',
      { declared: [spec({ internal: true })], existing: [present(spec(), [web, stranger, neighbour])] },
      ['refuse: internal false → true; but stranger, neighbour are on it, which Kedge did not make'],
    ],
    [
      'one that somebody else made is used as it is',
      { declared: [spec({ internal: true })], existing: [foreign('back')], usedBy: used },
      ['use-as-is: it was not made by Kedge for this node: what is declared of it is not applied'],
    ],
    ['one that is declared no more goes', { existing: [present(spec())] }, ['remove: it is declared no more']],
    ['one that somebody else made stays', { existing: [foreign('back')] }, []],
    ['one of another node stays', { existing: [{ ...networkPlan(spec(), 'other'), members: [] }] }, []],
    ['one stays until our containers have left it', { existing: [present(spec(), [web])] }, []],
    ['one that an older release still serves on stays', { existing: [present(spec())], serving: new Set(['back']) }, []],
    [
      'one that somebody else uses is not removed',
      { existing: [present(spec(), [stranger])] },
      ['refuse: it is declared no more; but stranger is on it, which Kedge did not make'],
    ],
    [
      'the default network is looked after elsewhere',
      { declared: [spec({ name: 'kedge' })], existing: [present(spec({ name: 'kedge' }))] },
      [],
    ],
    [
      'those that every engine has are left alone',
      { declared: ['host', 'none', 'bridge'].flatMap((name) => [spec({ name }), spec({ name, external: true })]), usedBy: used },
      [],
    ],
  ];
  for (const [title, given, expected] of table) it(title, () => assert.deepEqual(told(plan(given)), expected));

  it('removals are told first', () => {
    const steps = plan({ declared: [spec()], existing: [present(spec({ name: 'old' }))], usedBy: used });
    assert.deepEqual(
      steps.map(({ kind }) => kind),
      ['remove', 'create'],
    );
  });

  const name = fc.constantFrom('a', 'b', 'kedge', 'host');
  const declaration = fc.record({ name, internal: fc.boolean(), external: fc.boolean() });
  const network = fc
    .record({ declared: declaration, ours: fc.boolean(), members: fc.subarray([web, stranger, neighbour]) })
    .map(({ declared, ours, members }) => ({ ...(ours ? present(declared) : foreign(declared.name)), members }));
  const world = fc.record({
    declared: fc.uniqueArray(declaration, { selector: (each) => each.name }),
    existing: fc.uniqueArray(network, { selector: (each) => each.name }),
    usedBy: fc.subarray(['a', 'b', 'host']).map((names) => new Map(names.map((each) => [each, ['web']] as const))),
  });

  it('what is not ours, external, or has somebody else on it, is never made anew nor removed', () => {
    fc.assert(
      fc.property(world, ({ declared, existing, usedBy }) => {
        for (const step of plan({ declared, existing, usedBy })) {
          if (step.kind !== 'recreate' && step.kind !== 'remove') continue;
          const touched = step.kind === 'remove' ? step.name : step.plan.name;
          const before = existing.find((each) => each.name === touched);
          assert.equal(before?.labels['kedge.node'], node);
          assert.deepEqual(
            before?.members.filter(({ owner }) => owner?.node !== node),
            [],
          );
          assert.equal(declared.find((each) => each.name === touched)?.external ?? false, false);
        }
      }),
    );
  });

  it('what is declared is there afterwards, or missed if it is external, whoever needs it', () => {
    fc.assert(
      fc.property(world, ({ declared, existing, usedBy }) => {
        const steps = plan({ declared, existing, usedBy });
        const made = steps.flatMap((step) => (step.kind === 'create' ? [step.plan.name] : []));
        const missed = steps.flatMap((step) => (step.kind === 'missing' ? [step.name] : []));
        const absent = declared.filter(({ name }) => name.length === 1 && !existing.some((each) => each.name === name));
        const names = (external: boolean) => absent.filter((each) => each.external === external).map((each) => each.name);
        assert.deepEqual([made, missed], [names(false), names(true)]);
      }),
    );
  });

  it('done once, nothing is left to do', () => {
    fc.assert(
      fc.property(world, ({ declared, existing, usedBy }) => {
        const after = new Map(existing.map((each) => [each.name, each]));
        for (const step of plan({ declared, existing, usedBy })) {
          if (step.kind === 'remove') after.delete(step.name);
          if (step.kind === 'create' || step.kind === 'recreate')
            after.set(step.plan.name, { ...step.plan, members: after.get(step.plan.name)?.members ?? [] });
        }
        const again = plan({ declared, existing: [...after.values()], usedBy });
        assert.deepEqual(
          again.filter(({ kind }) => !['refuse', 'use-as-is', 'missing'].includes(kind)),
          [],
        );
      }),
    );
  });
});
