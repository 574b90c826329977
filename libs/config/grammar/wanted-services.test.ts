import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { taintedLeaf, tomlFile } from '../testing/toml-files.ts';
import { readMain } from './main-configuration.ts';
import { wantedServices } from './wanted-services.ts';

const text = ['web', 'apps/api', 'apps/db'].map((path) => `[[service]]\npath = "${path}"\n`).join('');
const within = { path: '/config', name: '/opt/dispenser' };
const main = readMain({ file: tomlFile('kedge.toml', text), within });
const files: Readonly<Record<string, string>> = {
  web: '# name = "no"\n[service]\nimage = "${tag}"\n  name = "shop" # the shop\n[env]\nname = "not this"\n',
  'apps/api': "[ service ]\nname = 'backend'\n",
  'apps/db': '[env]\nname = "shop"\n',
};
const want = (...only: readonly string[]) => {
  const wanted = wantedServices({ main, only, within, textOf: (folder) => files[folder] });
  return { folders: wanted.main.folders.map(({ folder }) => folder), lookAt: wanted.lookAt, problems: wanted.main.problems };
};

describe('services that are wanted', () => {
  const all = ['web', 'apps/api', 'apps/db'];

  it('are found by path, and then only they are looked at', () => {
    for (const filter of ['apps/api', './apps/api/', '/opt/dispenser/apps/api', '/config/apps/api/'])
      assert.deepEqual(want(filter), { folders: ['apps/api'], lookAt: ['apps/api'], problems: [] });
  });

  it('are found by the end of their path, and all are looked at, because that may be a name', () => {
    assert.deepEqual(want('api'), { folders: ['apps/api'], lookAt: all, problems: [] });
    assert.deepEqual(want('db', 'web').folders, ['web', 'apps/db']);
    assert.deepEqual(want('pi').folders, []);
  });

  it('are found by name, for which all are looked at', () => {
    assert.deepEqual(want('shop'), { folders: ['web'], lookAt: all, problems: [] });
    assert.deepEqual(want('backend', 'db').folders, ['apps/api', 'apps/db']);
  });

  it('are all that a filter fits: one by its path, and another by its name', () => {
    const named: Readonly<Record<string, string>> = { ...files, 'apps/db': '[service]\nname = "web"\n' };
    const both = wantedServices({ main, only: ['web'], within, textOf: (folder) => named[folder] }).main;
    assert.deepEqual([both.folders.map(({ folder }) => folder), both.problems], [['web', 'apps/db'], []]);
    const one = wantedServices({ main, only: ['./web'], within, textOf: (folder) => named[folder] }).main;
    assert.deepEqual(
      one.folders.map(({ folder }) => folder),
      ['web'],
      'a slash says that it is a path',
    );
  });

  it('must be there: else the nearest is told, once all were looked at', () => {
    assert.deepEqual(
      want('shpo').problems.map(({ file, message, nearest }) => [file, message, nearest]),
      [['kedge.toml', 'service: no service has the path or the name "shpo"', 'shop']],
    );
    assert.deepEqual(wantedServices({ main, only: ['shpo'], within, textOf: () => undefined }).main.problems, []);
    const path = wantedServices({ main, only: ['apps/apx'], within, textOf: () => undefined }).main;
    assert.deepEqual(
      path.problems.map(({ nearest }) => nearest),
      ['apps/api'],
      'of a path nothing has to be looked at',
    );
  });

  it('are not missed in a main file that may name more than can be told', () => {
    const broken = readMain({ file: tomlFile('kedge.toml', `${text}[[service]]\npath = 5\n`), within });
    const { problems } = wantedServices({ main: broken, only: ['cache'], within, textOf: (folder) => files[folder] }).main;
    assert.deepEqual(
      problems.map(({ key }) => key),
      ['service[3].path'],
    );
  });

  it('are not proposed by a path that a variable made', () => {
    const pointer = ['service', 0, 'path'];
    const made = tomlFile('kedge.toml', {
      source: '[[service]]\npath = "${n}"\n',
      variables: { n: 'c4nary' },
      tainted: [taintedLeaf(pointer)],
    });
    const { problems } = wantedServices({ main: readMain({ file: made, within }), only: ['c4nari'], within, textOf: () => '' }).main;
    assert.deepEqual([problems.length, problems[0]?.nearest], [1, undefined]);
  });
});
