import assert from 'node:assert/strict';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as timer } from 'node:timers/promises';
import type { Bus } from '@kedge/shared/bus';
import { ConfigRejected } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import { watchWorkloads } from '../chaos/harness/containers.ts';
import { addedText, declare, locked, mainText, replace, serviceFolders, undeclare, writeService } from './harness/configuration.ts';
import { type Recording, record } from './harness/follow.ts';
import { push, reference } from './harness/images.ts';
import { serviceText } from './harness/service-text.ts';
import { run } from './harness/shell.ts';
import { joinBus, kedge, readConfig, type StackFacts, theStack } from './harness/stack.ts';

const names = ['config-one', 'config-two', 'config-three'] as const;
const isOurs = (service: string) => names.some((name) => name === service);

describe('the configuration', () => {
  let facts: StackFacts;
  let bus: Bus;
  let events: Recording;
  const text = (name: string, more: readonly string[] = []) =>
    serviceText({ name, image: reference(facts, 'config-app'), more: ['[drain]', 'dns_settle = "1s"', ...more] });

  before(async () => {
    facts = theStack();
    bus = await joinBus(facts, 'hooks');
    events = record(bus);
    await push(facts, { repository: 'config-app', version: 'v1' });
    await declare(facts, Object.fromEntries(names.map((name) => [name, text(name)])));
    for (const name of names) await events.heard('deploy.succeeded', name);
  });
  after(async () => {
    await undeclare(facts, names);
    await bus.close();
  });

  async function containersOf(service: string): Promise<string> {
    const { stdout } = await run('docker', ['ps', '--no-trunc', '-q', '--filter', `label=kedge.service=${service}`]);
    return stdout.trim();
  }

  async function allContainers(): Promise<readonly string[]> {
    return await Promise.all(names.map(containersOf));
  }

  const broken: readonly (readonly [what: string, name: string, change: (good: string) => string, at: RegExp])[] = [
    ['broken TOML', 'config-two', (good) => good.replace('[service]', '[service'), /^config-two\/service\.toml:1:9 /m],
    ['an unknown key', 'config-two', (good) => good.replace('restart =', 'restrat ='), /^config-two\/service\.toml:4:1 .*restart/m],
    [
      'a duplicate name',
      'config-two',
      (good) => good.replace('name = "config-two"', 'name = "config-one"'),
      /^config-two\/service\.toml:2:8 .*config-one\/service\.toml and config-two\/service\.toml/m,
    ],
  ];
  for (const [what, name, change, at] of broken) {
    it(`is refused with its place for ${what}, and everything keeps running`, async () => {
      const before = await allContainers();
      const rejectedBefore = events.of('config.rejected').length;
      await locked(facts, async () => {
        const good = await readConfig(facts, `${name}/service.toml`);
        await writeService(facts, name, change(good));
        const rejected = await waitUntil(() => events.of('config.rejected').at(rejectedBefore), {
          timeoutMs: 20_000,
          what: 'config.rejected',
        });
        const { problems } = ConfigRejected.parse(rejected.data);
        const shown = problems
          .map(({ file, line, column, message, nearest }) => `${file}:${line}:${column} ${message} ${nearest ?? ''}`)
          .join('\n');
        assert.match(shown, at);
        await writeService(facts, name, good);
      });
      await waitUntil(async () => !JSON.stringify(await bus.request('status.services', {})).includes(`${name}/service.toml`));
      assert.deepEqual(await allContainers(), before);
    });
  }

  it('rolls only what changed', async () => {
    const [one, two, three] = await allContainers();
    const rolled = events.of('deploy.succeeded', 'config-two').length;
    await writeService(facts, 'config-two', text('config-two', ['', '[env]', 'COLOUR = "blue"']));
    await events.heard('deploy.succeeded', 'config-two', { count: rolled + 1 });
    const after = await allContainers();
    assert.equal(after[0], one);
    assert.notEqual(after[1], two);
    assert.equal(after[2], three);
  });

  it('removes a service that is no longer declared', async () => {
    await undeclare(facts, ['config-three']);
    await waitUntil(async () => (await containersOf('config-three')) === '', { timeoutMs: 60_000, what: 'the removed service is gone' });
    assert.notEqual(await containersOf('config-one'), '');
  });

  it('removes nothing while the main file is truncated and written again', async (test) => {
    const before = await allContainers();
    const workloads = watchWorkloads(facts);
    test.after(() => workloads.stop());
    const deeds = () => workloads.seen.flatMap(({ service, action }) => (isOurs(service) ? [`${service}: ${action}`] : []));
    // A signal that nobody minds, which whoever watches has seen, and all that happened before it.
    const signal = async () => {
      const signals = deeds().filter((deed) => deed === 'config-one: kill').length;
      await run('docker', ['kill', '--signal', 'URG', 'config-one']);
      await waitUntil(() => deeds().filter((deed) => deed === 'config-one: kill').length > signals, { what: 'the signal is seen' });
    };
    await signal();
    const first = deeds().length;
    await locked(facts, async () => {
      const main = join(facts.configFolder, facts.mainFile);
      const whole = mainText(await serviceFolders(facts), await addedText(facts));
      for (let time = 0; time < 3; time += 1) {
        await truncate(main, 0);
        await timer(100); // the pause is the story: an editor that truncates, waits and writes
        await writeFile(main, whole);
        await timer(700);
      }
      await replace(main, whole);
      // Resolves when the watcher has read it; another story's folder may be wrong at this moment.
      await kedge(facts, ['reload'], [0, 1]);
    });
    const reply = await bus.request('status.services', {});
    assert.ok(reply.services.some(({ service }) => service === 'config-one'));
    assert.deepEqual(await allContainers(), before);
    await signal();
    assert.deepEqual(deeds().slice(first), ['config-one: kill']);
  });
});
