import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tomlFile } from '../testing/toml-files.ts';
import { isMadeKey, shownKey } from './shown-key.ts';

const file = tomlFile('web/service.toml', {
  source: '[depends_on]\n"${name}" = "started"\n"x-${name}" = "started"\ndb = "${name}"\n[${table}]\nhost = "a"\n',
  variables: { name: 'c4nary', table: 'proxy' },
});

describe('a key as people see it', () => {
  for (const [pointer, shown] of [
    [['port', 0, 'host'], 'port[0].host'],
    [['env', ''], 'env.""'],
    [['depends_on', 'db'], 'depends_on.db'],
    [['depends_on', 'c4nary'], 'depends_on.${…}'],
    [['depends_on', 'x-c4nary'], 'depends_on.${…}'],
    [['proxy', 'host'], 'proxy.host'],
  ] as const) {
    it(`is ${shown}`, () => {
      assert.equal(shownKey(file, pointer), shown);
      assert.equal(isMadeKey(file, pointer), shown.includes('…'));
    });
  }
});
