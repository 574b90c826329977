import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { taintedLeaf, tomlFile } from '../testing/toml-files.ts';
import { shownServiceFile } from './shown-path.ts';

describe('what messages call the file of a service', () => {
  const pointer = ['service', 0, 'path'];
  const shown = (path: string, isTainted = true) =>
    shownServiceFile(
      tomlFile('kedge.toml', {
        source: `[[service]]\npath = ${path}\n`,
        variables: { n: 'c4nary', quoted: '"c4nary"' },
        tainted: isTainted ? [taintedLeaf(pointer)] : [],
      }),
      { pointer, folder: 'c4nary' },
    );

  for (const [path, name] of [
    ['"${n}"', '${n}/service.toml'],
    ["'apps/${ n }' # here", 'apps/${ n }/service.toml'],
    ['"a/${n}/b"', 'a/${n}/b/service.toml'],
    ['${quoted}', '${quoted}/service.toml'],
    ['"""\n${n}"""', '${…}/service.toml'],
  ] as const) {
    it(`is ${name} for ${JSON.stringify(path)}, and never the value`, () => assert.equal(shown(path), name));
  }

  it('is its path where the file has it as it is, although a variable may have made it', () =>
    assert.equal(shown('"c4nary"'), 'c4nary/service.toml'));

  it('is its path where no variable made it', () => assert.equal(shown('"c4nary"', false), 'c4nary/service.toml'));
});
