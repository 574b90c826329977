import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { declareService } from './grammar/declared-service.ts';
import { readMain } from './grammar/main-configuration.ts';
import { envFilesOf, forget, type Known, remember, stillKnown, survey } from './known-configuration.ts';
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

/** What is known of `web` and `api`, which get along. */
function known(): Known {
  const text = '[[service]]\npath = "web"\n[[service]]\npath = "api"\n';
  return {
    entry: 'kedge.toml',
    text,
    variables: 'v1',
    main: readMain({ file: tomlFile('kedge.toml', text), within }),
    services: new Map(['web', 'api'].map((name) => [name, service(name)])),
    getAlong: true,
  };
}

const text = (content: string) => ({ kind: 'text', text: content }) as const;
const same = { web: text(service('web').text), api: text(service('api').text) };

describe('what is known of a configuration', () => {
  it('is compared with a look: what changed, what cannot be read, and whether it was at all of it', () => {
    assert.deepEqual(survey(known(), same), { changed: [], unreadable: new Map(), isWhole: true });
    const gone = { kind: 'unreadable', reason: 'does not exist' } as const;
    assert.deepEqual(survey(known(), { web: text('x'), api: gone }), {
      changed: [{ folder: 'web', path: 'web/service.toml', text: 'x', shownAs: 'web/service.toml' }],
      unreadable: new Map([['api', gone]]),
      isWhole: true,
    });
    assert.equal(survey(known(), { web: same.web }).isWhole, false);
    assert.equal(survey(known(), { ...same, old: text('x') }).isWhole, false);
  });

  it('is asked for again when it could not be rendered', () => {
    const now = known();
    now.services.set('web', { ...service('web'), isRendered: false });
    assert.deepEqual(
      survey(now, same).changed.map(({ folder }) => folder),
      ['web'],
    );
  });

  it('gets along as before when nothing changed that others see', () => {
    const now = known();
    remember(now, { folder: 'web', service: service('web', 'memory = "64m"\n') });
    assert.equal(now.getAlong, true);
    remember(now, { folder: 'web', service: service('other') });
    assert.equal(now.getAlong, false);
  });

  it('does not hold what cannot be read any more', () => {
    const now = known();
    forget(now, survey(now, { ...same, web: { kind: 'unreadable', reason: 'does not exist' } }));
    assert.deepEqual([[...now.services.keys()], now.getAlong], [['api'], false]);
  });

  it('outlives another main file, for services that it names, and no other variables', () => {
    const before = known();
    const main = readMain({ file: tomlFile('kedge.toml', '[[service]]\npath = "api"\n'), within });
    assert.deepEqual([...stillKnown(before, { main, variables: 'v1' }).keys()], ['api']);
    assert.equal(stillKnown(before, { main, variables: 'v2' }).size, 0);
    assert.equal(stillKnown(null, { main, variables: 'v1' }).size, 0);
  });

  it('names each env file once', () => {
    const now = known();
    for (const name of ['web', 'api']) now.services.set(name, service(name, 'env_file = "../all.env"\n'));
    assert.deepEqual(envFilesOf(now), ['all.env']);
  });
});
