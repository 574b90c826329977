import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PlanReply } from '@kedge/shared/contracts';
import { ServiceName } from '@kedge/shared/contracts';
import { createFakeBus } from '../testing/fake-bus.ts';
import { createRecordingTerminal } from '../testing/recording-terminal.ts';
import { runLine } from '../testing/run-line.ts';
import { doctorReply, serviceStatus, statusReply, web } from '../testing/samples.ts';

const plan: PlanReply = {
  changes: [
    {
      service: web,
      action: 'roll',
      strategy: 'stop-first',
      reason: 'the image moved; port 5432 is published',
      steps: ['pull', 'stop web'],
    },
    { service: ServiceName.parse('old'), action: 'remove', reason: 'no longer declared', steps: [] },
  ],
};

describe('kedge plan', () => {
  it('shows removals first, steps, and the pause of a stop-first change', async () => {
    const { exitCode, out } = await runLine(createFakeBus({ 'deploy.plan': () => plan }), 'plan');
    assert.equal(exitCode, 0);
    assert.deepEqual(out.split('\n'), [
      'old: remove (no longer declared)',
      'web: roll, stop-first: it is away for a moment (the image moved; port 5432 is published)',
      '  1. pull',
      '  2. stop web',
      '1 to remove, 1 to roll.',
      '',
    ]);
  });

  it('paints what goes in red', async () => {
    const terminal = createRecordingTerminal({ isTerminal: true });
    const { out } = await runLine(createFakeBus({ 'deploy.plan': () => plan }), 'plan', { terminal });
    assert.ok(out.startsWith('\u001b[31mold\u001b[39m: \u001b[31mremove\u001b[39m'), JSON.stringify(out));
  });

  it('shows differences, networks, what is not ours, and what is dangerous', async () => {
    const full: PlanReply = {
      changes: [
        {
          service: web,
          action: 'roll',
          strategy: 'start-first',
          reason: 'config-changed',
          steps: ['pull'],
          differences: [
            { key: 'service.memory', from: '256m', to: '512m' },
            { key: 'env.TOKEN', from: null, to: null },
          ],
        },
      ],
      networks: [
        { name: 'front', action: 'create', reason: 'declared' },
        { name: 'back', action: 'remove', reason: 'declared no more' },
      ],
      foreign: [{ service: web, container: 'web', image: 'nginx:1', running: true, because: 'name', networks: ['dispenser'] }],
      warnings: [{ file: 'web/service.toml', line: 3, column: 1, message: 'privileged', excerpt: 'privileged = true' }],
    };
    const bus = createFakeBus({ 'deploy.plan': () => full });
    const { exitCode, out } = await runLine(bus, 'plan');
    assert.equal(exitCode, 0);
    assert.deepEqual(out.split('\n'), [
      'web: roll, start-first (config-changed)',
      '  service.memory: 256m → 512m',
      '  env.TOKEN: changed (secret)',
      '  1. pull',
      'Networks:',
      '  back: remove (declared no more)',
      '  front: create (declared)',
      'Left alone, because Kedge did not make them:',
      '  container web (nginx:1, running, on dispenser) has the name of service web',
      '  "kedge apply --adopt" lets the services take their place.',
      '',
      'web/service.toml:3:1: warning: privileged',
      '  privileged = true',
      '  ^',
      '',
      '1 to roll, 2 networks to change.',
      '',
    ]);
    const { foreign } = full;
    const onlyForeign = createFakeBus({ 'deploy.plan': () => ({ changes: [], foreign }) });
    assert.equal((await runLine(onlyForeign, 'plan --exit-code')).exitCode, 3);
  });

  it('says that it is not the plan of the newest configuration', async () => {
    const before = 'Nothing to do meanwhile: the configuration before it stays in force.';
    const since = '2026-03-01T11:58:00.000Z';
    for (const [state, revision, rest, down] of [
      ['held', 'r1', before],
      ['rejected', 'r1', before],
      ['rejected', null, 'Nothing to do: no configuration is in force.'],
      ['unread', null, 'Nothing to do before one has been read.'],
      ['in-force', 'r1', 'Nothing to do before that.', { since }],
      // It came into force between the two questions.
      ['in-force', 'r1', 'Nothing to do.'],
    ] as const) {
      const problem = 'why it is not in force; what to do';
      const bus = createFakeBus({
        'deploy.plan': () => ({ changes: [], problem }),
        'status.services': () => statusReply({ config: { revision, problem, state }, ...(down && { down }) }),
      });
      const { exitCode, out } = await runLine(bus, 'plan --exit-code');
      assert.deepEqual([exitCode, out], [3, `${problem}\n${rest}\n`]);
    }
  });

  for (const [what, config, told] of [
    [
      'with what stays in force',
      { revision: 'r1', problem: null },
      'the folder is away; until it can be read, the one before stays in force\nNothing to do meanwhile: the configuration before it stays in force.\n',
    ],
    [
      'before there is one',
      { revision: null, state: 'unread', problem: 'no configuration has been read yet' },
      'the folder is away\nNothing to do before one has been read.\n',
    ],
  ] as const)
    it(`says why the folder cannot be read, ${what}`, async () => {
      const bus = createFakeBus({
        'deploy.plan': () => ({ changes: [], ...(config.problem !== null && { problem: config.problem }) }),
        'status.services': () => statusReply({ config }),
        'doctor.watcher': () => doctorReply({ parts: { config: 'the folder is away', registry: true } }),
      });
      assert.deepEqual(await runLine(bus, 'plan --exit-code'), { exitCode: 3, out: told, err: '' });
    });

  describe('while a configuration is held', () => {
    const [api, db] = [ServiceName.parse('api'), ServiceName.parse('db')];
    const held = { revision: 'r2', removes: [api], since: '2026-03-01T11:58:00.000Z' };
    const problem = 'a configuration waits for "kedge apply": it would remove api';
    const status = () =>
      statusReply({ config: { revision: 'r1', problem, state: 'held' }, services: [serviceStatus({ service: api }), serviceStatus()] });
    const waits = { 'deploy.plan': () => ({ changes: [], problem }), 'status.services': status };
    const answers = { ...waits, 'config.validate': () => ({ ok: false, problems: [], services: [web, db], revision: 'r1', held }) };
    const lines = [
      'Held since 2 min ago: the configuration in the folder no longer declares this service, and would remove it:',
      '  - api',
      'It adds db.',
      'It still declares web; whether anything changes there is known only once it is in force.',
      '"kedge apply" asks, and puts it in force.',
    ];
    const heading = 'Of the configuration in force:';

    it('shows what a yes would remove and add, and what goes on in any case', async () => {
      const rest = 'Nothing to do meanwhile: the configuration before it stays in force.';
      const { exitCode, out } = await runLine(createFakeBus(answers), 'plan --exit-code');
      assert.deepEqual([exitCode, out.split('\n')], [3, [...lines, rest, '']]);
      const rolling = { service: web, action: 'roll' as const, reason: 'image-updated', steps: [] };
      const busy = createFakeBus({ ...answers, 'deploy.plan': () => ({ changes: [rolling], problem }) });
      assert.deepEqual((await runLine(busy, 'plan')).out.split('\n'), [...lines, heading, 'web: roll (image-updated)', '1 to roll.', '']);
    });

    describe('of one service', () => {
      const rest = 'Nothing to do meanwhile: the configuration before it stays in force.';
      const beyond = 'It would remove api, and waits for a yes to that.';
      const table: readonly (readonly [service: string, meaning: string, others: readonly string[], rest: string])[] = [
        ['api', 'no longer declares api, and would remove it', [], rest],
        ['web', 'still declares web; whether anything changes there is known only once it is in force', [beyond], rest],
        ['db', 'adds db', [beyond], 'Nothing to do meanwhile: the configuration in force does not declare db.'],
      ];
      for (const [service, meaning, others, then] of table) {
        it(`shows what a yes would mean for it: ${service}`, async () => {
          const bus = createFakeBus(answers);
          const { exitCode, out, err } = await runLine(bus, `plan ${service} --exit-code`);
          const first = `Held since 2 min ago: the configuration in the folder ${meaning}.`;
          assert.deepEqual([exitCode, err, out.split('\n')], [3, '', [first, ...others, ...lines.slice(-1), then, '']]);
          assert.deepEqual(bus.asked[0]?.data, { service });
        });
      }

      it('names what else it would remove', async () => {
        const both = {
          ...answers,
          'config.validate': () => ({ ok: false, problems: [], services: [db], revision: 'r1', held: { ...held, removes: [api, web] } }),
        };
        assert.match(
          (await runLine(createFakeBus(both), 'plan api')).out,
          /and would remove it\.\nIt would remove web, too\.\n"kedge apply"/,
        );
      });

      it('shows what goes on there in any case', async () => {
        const rolling = { service: web, action: 'roll' as const, reason: 'image-updated', steps: [] };
        const busy = createFakeBus({ ...answers, 'deploy.plan': () => ({ changes: [rolling], problem }) });
        assert.match(
          (await runLine(busy, 'plan web')).out,
          /still declares web.*\nOf the configuration in force:\nweb: roll \(image-updated\)\n1 to roll\.\n$/s,
        );
      });

      it('does not know one that neither has, and names the nearest of both', async () => {
        for (const [name, near] of [
          ['dbb', 'db'],
          ['wep', 'web'],
        ] as const) {
          const { exitCode, out, err } = await runLine(createFakeBus(answers), `plan ${name}`);
          assert.deepEqual(
            [exitCode, out, err],
            [1, '', `error: there is no service "${name}"; did you mean "${near}"? [SERVICE_UNKNOWN]\n`],
          );
        }
      });

      it('does not say that there is none where nobody tells what is held', async () => {
        assert.deepEqual(await runLine(createFakeBus(waits), 'plan db'), { exitCode: 0, out: `${problem}\n${rest}\n`, err: '' });
      });
    });

    it('tells programs the same', async () => {
      for (const line of ['plan --json', 'plan db --json']) {
        const { out } = await runLine(createFakeBus(answers), line);
        assert.deepEqual(JSON.parse(out), { changes: [], problem, held: { ...held, adds: ['db'], keeps: ['web'], renames: [] } }, line);
      }
    });

    it('says at least that it is held where the watcher does not answer, or holds nothing any more', async () => {
      const released = { ...answers, 'config.validate': () => ({ ok: true, problems: [], services: [web, api], revision: 'r3' }) };
      for (const bus of [createFakeBus(waits), createFakeBus(released)])
        assert.ok((await runLine(bus, 'plan')).out.startsWith(`${problem}\nNothing to do meanwhile`));
    });
  });

  it('shows what stands in the way of a service at that service, and is no failure for it', async () => {
    const blocked: PlanReply = {
      changes: [
        {
          service: ServiceName.parse('api'),
          action: 'create',
          reason: 'first start',
          steps: ['pull'],
          problem: { code: 'NETWORK_UNKNOWN', message: 'there is no network "back";\nmake it' },
        },
        { service: web, action: 'roll', reason: 'the image moved', steps: [] },
      ],
    };
    const bus = createFakeBus({ 'deploy.plan': () => blocked });
    const { exitCode, out } = await runLine(bus, 'plan');
    assert.equal(exitCode, 0);
    assert.deepEqual(out.split('\n'), [
      'web: roll (the image moved)',
      'api: create (first start)',
      '  1. pull',
      '  in the way: there is no network "back"; make it (NETWORK_UNKNOWN)',
      '1 to roll, 1 to create.',
      '',
    ]);
    assert.equal((await runLine(bus, 'plan --exit-code')).exitCode, 3);
    assert.deepEqual(JSON.parse((await runLine(bus, 'plan --json')).out), blocked);
  });

  it('says that there is nothing to do', async () => {
    const { exitCode, out } = await runLine(createFakeBus({ 'deploy.plan': () => ({ changes: [] }) }), 'plan --exit-code');
    assert.deepEqual([exitCode, out], [0, 'Nothing to do.\n']);
  });

  it('exits with 3 for something to do when asked to', async () => {
    assert.equal((await runLine(createFakeBus({ 'deploy.plan': () => plan }), 'plan --exit-code')).exitCode, 3);
  });

  it('exits with 3, and speaks of no change, where only networks that others hold back stand in the way', async () => {
    const missingNetworks = [{ name: 'outer', reason: 'NETWORK_MISSING: make it' }];
    const networks = [{ name: 'back', action: 'recreate' as const, reason: 'NETWORK_IN_USE: another subnet; but container x is on it' }];
    for (const [given, sum] of [
      [{ networks }, '1 network refused.'],
      [{ missingNetworks }, '1 network missing.'],
    ] as const) {
      const bus = createFakeBus({ 'deploy.plan': () => ({ changes: [], ...given }) as PlanReply });
      const { exitCode, out } = await runLine(bus, 'plan --exit-code');
      assert.deepEqual([exitCode, out.split('\n').at(-2)], [3, sum]);
    }
  });

  it('prints the answer itself for programs', async () => {
    const bus = createFakeBus({ 'deploy.plan': () => plan });
    assert.deepEqual(JSON.parse((await runLine(bus, 'plan web --json')).out), plan);
    assert.deepEqual(bus.asked[0]?.data, { service: 'web' });
  });

  it('tells beside a verdict that the folder cannot be read now', async () => {
    const problem = 'web/service.toml:3:1: unknown key';
    const bus = createFakeBus({
      'deploy.plan': () => ({ changes: [], problem }),
      'status.services': () => statusReply({ config: { revision: 'r1', problem, state: 'rejected' } }),
      'doctor.watcher': () => doctorReply({ parts: { config: 'permission denied', registry: true } }),
    });
    assert.match(
      (await runLine(bus, 'plan')).out,
      /^web\/service\.toml:3:1: unknown key; and now the folder cannot be read: permission denied\n/,
    );
  });

  it('is told with its problem where nobody tells the status', async () => {
    const told = { ...plan, problem: 'a configuration waits for "kedge apply"' };
    const bus = createFakeBus({ 'deploy.plan': () => told });
    const { exitCode, out, err } = await runLine(bus, 'plan --json');
    assert.deepEqual([exitCode, err, JSON.parse(out)], [0, '', told]);
    const plain = await runLine(bus, 'plan');
    assert.equal(plain.exitCode, 0);
    assert.match(plain.out, /^a configuration waits for "kedge apply"\nold: remove .*\n1 to remove, 1 to roll\.\n$/s);
  });

  it('does not call an unknown service done', async () => {
    const bus = createFakeBus({ 'deploy.plan': () => ({ changes: [] }), 'status.services': () => statusReply() });
    const { exitCode, err } = await runLine(bus, 'plan wep');
    assert.equal(exitCode, 1);
    assert.match(err, /did you mean "web"/);
  });
});
