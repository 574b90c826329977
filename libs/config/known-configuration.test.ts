import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { declareService } from './grammar/declared-service.ts';
import { readMain } from './grammar/main-configuration.ts';
import { type Ground, type Known, remember, stillKnown, survey } from './known-configuration.ts';
import { tomlFile } from './testing/toml-files.ts';

const within = { path: '/config', name: './deploy' };

function service(name: string, more = '') {
  const text = `[service]\nname = "${name}"\nimage = "nginx:1"\n${more}[dispenser]\nwatch = true\n`;
  const folder = name;
  return {
    text,
    shownAs: `${name}/service.toml`,
    isRendered: true,
    warnings: [],
    ...declareService({ file: tomlFile(`${name}/service.toml`, text), folder, within }),
  };
}

/** What is known of `web` and `api`. */
function known(): Known {
  const text = '[[service]]\npath = "web"\n[[service]]\npath = "api"\n';
  return {
    entry: 'kedge.toml',
    text,
    variables: 'v1',
    main: readMain({ file: tomlFile('kedge.toml', text), within }),
    services: new Map(['web', 'api'].map((name) => [name, service(name)])),
    ground: null,
  };
}

const standing = { follow: () => null };
const text = (content: string) => ({ kind: 'text', text: content }) as const;
const same = { web: text(service('web').text), api: text(service('api').text) };

describe('what is known of a configuration', () => {
  it('is compared with a look: what changed, what cannot be read, and whether it was at all of it', () => {
    assert.deepEqual(survey(known(), { services: same }), { changed: [], unreadable: new Map(), isWhole: true });
    const gone = { kind: 'unreadable', reason: 'does not exist' } as const;
    assert.deepEqual(survey(known(), { services: { web: text('x'), api: gone } }), {
      changed: [{ folder: 'web', path: 'web/service.toml', text: 'x', shownAs: 'web/service.toml' }],
      unreadable: new Map([['api', gone]]),
      isWhole: true,
    });
    assert.equal(survey(known(), { services: { web: same.web } }).isWhole, false);
    assert.equal(survey(known(), { services: { ...same, old: text('x') } }).isWhole, false);
  });

  it('is asked for again when it could not be rendered', () => {
    const now = known();
    now.services.set('web', { ...service('web'), isRendered: false });
    assert.deepEqual(
      survey(now, { services: same }).changed.map(({ folder }) => folder),
      ['web'],
    );
  });

  it('is compared only where something is new since a valid configuration', () => {
    const now = known();
    now.ground = { files: same, standing, envFiles: [] };
    const services = { web: text('x'), api: text('y') };
    const changedIn = (since: typeof same | null, folders: readonly string[]) =>
      survey(now, { services, ...(since && { news: { since, folders } }) }).changed.map(({ folder }) => folder);
    assert.deepEqual(changedIn(same, ['api']), ['api']);
    assert.deepEqual(changedIn({ ...same }, ['api']), ['web', 'api']);
    assert.deepEqual(changedIn(null, []), ['web', 'api']);
    assert.deepEqual(survey(now, { services: same }), { changed: [], unreadable: new Map(), isWhole: true });
  });

  it('does not hold what cannot be read any more', () => {
    const now = known();
    const gone = { kind: 'unreadable', reason: 'does not exist' } as const;
    now.ground = { files: same, standing, envFiles: [] };
    const { ground } = remember(now, { changed: new Map(), unreadable: survey(now, { services: { ...same, web: gone } }).unreadable });
    assert.deepEqual([[...now.services.keys()], ground], [['api'], null]);
  });

  it('outlives another main file, for services that it names, and no other variables', () => {
    const before = known();
    const main = readMain({ file: tomlFile('kedge.toml', '[[service]]\npath = "api"\n'), within });
    assert.deepEqual([...stillKnown(before, { main, variables: 'v1' }).keys()], ['api']);
    assert.equal(stillKnown(before, { main, variables: 'v2' }).size, 0);
    assert.equal(stillKnown(null, { main, variables: 'v1' }).size, 0);
  });

  it('names each env file once, also when only some services were read again', () => {
    const now = known();
    const fed = (name: string) => service(name, 'env_file = "../all.env"\n');
    const both = new Map(['web', 'api'].map((name) => [name, fed(name)]));
    const envFiles = (changed: Known['services'], ground: Ground | null = { files: same, standing, envFiles: ['all.env'] }) => {
      now.ground = ground;
      return remember(now, { changed, unreadable: new Map() }).envFiles;
    };
    assert.deepEqual(envFiles(both, null), ['all.env']);
    assert.deepEqual(envFiles(new Map([['web', service('web')]])), ['all.env']);
    assert.deepEqual(envFiles(new Map([['api', service('api')]])), []);
    assert.deepEqual(envFiles(new Map()), ['all.env']);
  });

  it('leaves no ground to whoever does not come to a valid configuration', () => {
    const now = known();
    const ground: Ground = { files: same, standing, envFiles: [] };
    now.ground = ground;
    assert.equal(remember(now, { changed: new Map(), unreadable: new Map() }).ground, ground);
    assert.equal(now.ground, null);
  });
});
