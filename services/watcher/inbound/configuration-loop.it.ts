import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { SecretRef } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import { type Stage, startWatcherRig, type WatcherRig } from '../testing/watcher-rig.ts';

describe('the configuration, watched by a process', () => {
  let rig: WatcherRig;
  let stage: Stage;
  before(async () => {
    rig = await startWatcherRig();
  });
  after(async () => await rig?.close());
  beforeEach(async () => {
    stage = await rig.stage();
  });
  afterEach(async () => await stage.close());

  const declare = async (...names: readonly string[]) =>
    await stage.write({
      'kedge.toml': stage.main(...names),
      ...Object.fromEntries(names.map((name) => [`${name}/service.toml`, stage.service(name)])),
    });
  const validate = async (apply = false) => await rig.cli.request('config.validate', { apply }, { timeoutMs: 10_000 });

  it('rejects a broken file with its place, keeps everything, and says so once', async () => {
    await declare('web', 'api');
    const watcher = await stage.start();
    await stage.inForce('web', 'api');
    const [before, web] = [await stage.manifest(), await stage.entry('web')];

    await stage.write({ 'web/service.toml': stage.service('web', 'restrt = "always"') });
    const { problems } = await waitUntil(() => stage.heard('config.rejected')[0]);
    assert.deepEqual(
      problems.map(({ file, line, column, key, nearest, excerpt }) => [file, line, column, key, nearest, excerpt]),
      [['web/service.toml', 4, 1, 'service.restrt', 'restart', 'restrt = "always"']],
    );
    await waitUntil(async () => (await stage.manifest())?.owes === undefined);
    assert.deepEqual((await stage.manifest())?.rejected?.problems, problems);
    assert.deepEqual([(await validate()).ok, (await validate()).problems], [false, problems]);

    watcher.send('SIGHUP');
    await stage.write({ 'api/service.toml': stage.service('api', 'user = "1"'), 'web/service.toml': stage.service('web') });
    const change = await waitUntil(() => stage.heard('config.changed')[1]);
    assert.deepEqual([change.added, change.changed, change.removed], [[], ['api'], []]);
    assert.deepEqual(await stage.entry('web'), web);
    assert.equal(stage.heard('config.rejected').length, 1);
    const now = await stage.manifest();
    assert.deepEqual([now?.rejected, now?.services.web], [undefined, before?.services.web]);
    assert.notEqual(now?.services.api, before?.services.api);
  });

  it('has no manifest until there was a valid configuration, and says once why', async () => {
    await stage.write({ 'dispenser.toml': 'delay = "soon"\n' });
    const watcher = await stage.start();
    await waitUntil(() => stage.heard('config.rejected').length === 1);
    await waitUntil(async () => (await watcher.get('/readyz')).status === 200);
    watcher.send('SIGHUP');
    assert.deepEqual([(await validate(true)).revision, await stage.manifest()], [null, null]);
    await stage.write({ 'dispenser.toml': stage.main('web'), 'web/service.toml': stage.service('web') });
    await stage.inForce('web');
    assert.equal((await stage.manifest())?.entry, 'dispenser.toml');
    assert.equal(stage.heard('config.rejected').length, 1);
  });

  it('removes nothing when the main file is truncated and written again 100 ms later', async () => {
    const names = ['aa', 'bb', 'cc', 'dd'];
    await declare(...names);
    await stage.start();
    await stage.inForce(...names);
    for (let round = 0; round < 6; round += 1) {
      await stage.write({ 'kedge.toml': '' });
      await pause(100);
      await stage.write({ 'kedge.toml': stage.main(...names.slice(0, 3)) });
      await pause(100);
      await stage.write({ 'kedge.toml': stage.main(...names) });
      await pause(70 * round); // the next truncation meets every moment of the watcher's looks
    }
    await stage.write({ 'kedge.toml': `${stage.main(...names)}[proxy]\nenabled = false\n` });
    const change = await waitUntil(() => stage.heard('config.changed')[1]);
    assert.deepEqual([change.added, change.changed, change.removed], [[], [], []]);
    assert.deepEqual(stage.heard('config.rejected'), []);
  });

  it('holds what would remove all until a person says yes; a missing main file is never an empty one', async () => {
    await declare('web', 'api');
    await stage.start();
    await stage.inForce('web', 'api');
    await rm(join(stage.folder, 'kedge.toml'));
    const { reason: gone, problems } = await waitUntil(() => stage.heard('config.rejected')[0]);
    assert.deepEqual([gone, problems[0]?.message], ['unreadable', 'there is neither kedge.toml nor dispenser.toml in ./deploy']);

    await stage.write({ 'kedge.toml': ' \n' });
    const { reason, removes } = await waitUntil(() => stage.heard('config.rejected')[1]);
    assert.deepEqual([reason, removes], ['mass-removal', ['web', 'api']]);
    await stage.inForce('web', 'api');
    assert.deepEqual((await stage.manifest())?.held?.removes, ['web', 'api']);

    const asked = await validate();
    assert.deepEqual([asked.ok, asked.held?.removes, asked.services], [false, ['web', 'api'], []]);
    const toAnother = await rig.cli.request('config.validate', { apply: true, revision: 'another' }, { timeoutMs: 10_000 });
    assert.deepEqual([toAnother.ok, toAnother.held, toAnother.problems.length], [false, asked.held, 1]);
    const { revision } = asked.held ?? {};
    const agreed = await rig.cli.request('config.validate', { apply: true, revision }, { timeoutMs: 10_000 });
    assert.deepEqual([agreed.ok, agreed.held, agreed.entry, agreed.problems], [true, undefined, 'kedge.toml', []]);
    await stage.inForce();
    const again = await rig.cli.request('config.validate', { apply: true, revision }, { timeoutMs: 10_000 });
    const late = await rig.cli.request('config.validate', { apply: true, revision: 'another' }, { timeoutMs: 10_000 });
    assert.deepEqual([again.ok, late.ok, late.held], [true, false, undefined]);
    assert.deepEqual([late.problems, late.reason?.includes('is not held any more')], [[], true]);
    await waitUntil(async () => (await stage.entry('web')) === null && (await stage.entry('api')) === null);
  });

  it('follows a service that is renamed, and refuses the port of the proxy and a value that breaks its file', async () => {
    await declare('web');
    await stage.start();
    await stage.inForce('web');
    await stage.write({ 'web/service.toml': stage.service('site') });
    await stage.inForce('site');
    const { added, removed } = await waitUntil(() => stage.heard('config.changed')[1]);
    assert.deepEqual([added, removed, stage.heard('config.rejected')], [['site'], ['web'], []]);

    rig.secrets.variables = { token: 'c4nary"' };
    await stage.write({
      'kedge.toml': stage.main('web', 'api'),
      'web/service.toml': `${stage.service('site')}[[port]]\nhost = 80\ncontainer = 80\n`,
      'api/service.toml': `${stage.service('api')}[env]\nTOKEN = "\${token}"\n`,
    });
    const { problems } = await waitUntil(() => stage.heard('config.rejected')[0]);
    assert.deepEqual(
      problems.map(({ file, line, column, message }) => [file, line, column, message.split(/; | contains/)[0]]),
      [
        ['api/service.toml', 8, 10, 'not valid TOML: the value of the variable "token"'],
        ['web/service.toml', 8, 8, "port[0].host: port 80 of the host is the proxy's"],
      ],
    );
    assert.ok(!JSON.stringify(problems).includes('c4nary'));
  });

  it('puts references in the place of values, keeps them when the key is lost, and follows a change of a value', async () => {
    const canary = 'c4nary-value';
    rig.secrets.variables = { token: canary, tag: 'one' };
    const text = stage
      .service('web', 'memory = "${token}"')
      .replace('/web"', '/web:${tag}"')
      .replace('[dispenser]', '[env]\nTOKEN = "Bearer ${token}"\nOPEN = "0pen-value"\n[dispenser]');
    await stage.write({ 'kedge.toml': stage.main('web'), 'web/service.toml': text, 'dispenser.vars': 'any' });
    const watcher = await stage.start();
    const { problems } = await waitUntil(() => stage.heard('config.rejected')[0]);
    assert.deepEqual(
      problems.map(({ line, column, excerpt }) => [line, column, excerpt]),
      [[4, 10, 'memory = "${token}"']],
    );

    await stage.write({ 'web/service.toml': text.replace('memory = "${token}"\n', '') });
    await stage.inForce('web');
    const first = await stage.entry('web');
    assert.equal(first?.spec.service.image, `${stage.image('web')}:one`);
    assert.equal(SecretRef.parse(first?.spec.env?.TOKEN).ref, 'web/service.toml#/env/TOKEN');

    rig.secrets.keyId = 'key2';
    await stage.write({ 'kedge.toml': `${stage.main('web')}[proxy]\nenabled = false\n` });
    await waitUntil(() => stage.heard('config.changed').length === 2);
    assert.deepEqual(await stage.entry('web'), first);

    rig.secrets.variables = { ...rig.secrets.variables, token: `${canary}-2` };
    await stage.write({ 'dispenser.vars': 'other' });
    await waitUntil(() => stage.heard('config.changed').length === 3);
    assert.match(SecretRef.parse((await stage.entry('web'))?.spec.env?.TOKEN).fingerprint, /^key2:/);

    const everything = JSON.stringify([
      watcher.output(),
      stage.heard('config.changed'),
      problems,
      first,
      await stage.entry('web'),
      await stage.manifest(),
    ]);
    assert.ok(everything.includes('0pen-value'), 'the search finds what was written in the open');
    assert.ok(!everything.includes(canary), 'and no value of a variable');
  });

  it('tells no path that a variable made, whatever is wrong with the folder or its file', async () => {
    rig.secrets.variables = { name: 'p4th-value' };
    const main = { 'kedge.toml': stage.main('${name}'), 'dispenser.vars': 'any' };
    await stage.write(main);
    const watcher = await stage.start();
    await waitUntil(() => stage.heard('config.rejected').length === 1, { what: 'a folder that is not there' });
    await stage.write({ 'p4th-value/service.toml': stage.service('web', 'restrt = "always"') });
    const { problems } = await waitUntil(() => stage.heard('config.rejected')[1], { what: 'a key that is not known' });
    assert.deepEqual(
      problems.map(({ file, line, key }) => [file, line, key]),
      [['${name}/service.toml', 4, 'service.restrt']],
    );
    const asked = await validate();
    await stage.write({ 'p4th-value/service.toml': stage.service('web') });
    await stage.inForce('web');
    const told = JSON.stringify([watcher.output(), stage.heard('config.rejected'), stage.heard('config.changed'), asked]);
    assert.ok(told.includes('service.restrt') && !told.includes('p4th-value'), told);
  });

  it('refuses values of secret sources outside of env, command and entrypoint', async () => {
    Object.assign(rig.secrets, { variables: { host: 'c4nary.example.com' }, origin: 'secret-source' });
    await stage.write({
      'kedge.toml': stage.main('web'),
      'web/service.toml': `${stage.service('web')}[proxy]\nhost = "\${host}"\nservice_port = 80\n`,
    });
    const watcher = await stage.start();
    const { problems } = await waitUntil(() => stage.heard('config.rejected')[0]);
    assert.match(problems[0]?.message ?? '', /^proxy\.host: .*TAINTED_NOT_ALLOWED/);
    assert.ok(!`${JSON.stringify(problems)}${watcher.output()}`.includes('c4nary'));
  });
});
