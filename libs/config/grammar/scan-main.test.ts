import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { scanMain } from './scan-main.ts';
import { problemAt } from './template-file.ts';

const within = { path: '/config', name: './deploy' };
const scan = (source: string) => scanMain({ path: 'kedge.toml', source, within, problems: [] });
const folders = (source: string) => scan(source).folders.map(({ folder }) => folder);
const listed = (path: string) => `[[service]]\npath = "${path}"\n`;

describe('a main file that nobody can read', () => {
  it('still names its services, each once', () => {
    assert.deepEqual(folders(`oops\n${listed('web')} [[ service ]] # x\n\tpath='./api/'\n${listed('web')}[network]\npath = "no"\n`), [
      'web',
      'api',
    ]);
  });

  it('names none that depends on variables, or lies within a statement', () => {
    for (const [source, found] of [
      [`${listed('${name}')}${listed('web')}`, ['web']],
      [`{% if x %}\n${listed('a1')}{% else %}\n${listed('a2')}{% endif %}\n${listed('web')}`, ['web']],
      [`{% set y = 1 %}\n${listed('web')}`, ['web']],
      [`{% set y %}\n${listed('a1')}{% endset %}\n${listed('web')}`, ['web']],
      [`{% for p in ["a"] %}${listed('a1')}{% endfor %}`, []],
      [`${listed('../out')}${listed('web')}`, ['web']],
    ] as const) {
      assert.deepEqual(folders(source), found, source);
    }
  });

  it('knows where it names them, and claims to know no more', () => {
    const main = scan(`{% if x %}\n{% endif %}\n${listed('a1')}${listed('a2')}`);
    const place = main.folders.map(({ index }) => problemAt(main.file, { pointer: ['service', index, 'path'], message: '' }));
    assert.deepEqual(
      place.map(({ line, column, excerpt }) => [line, column, excerpt]),
      [
        [4, 8, 'path = "a1"'],
        [6, 8, 'path = "a2"'],
      ],
    );
    assert.deepEqual([main.main, main.tells], [null, { allServices: false, allNetworks: false }]);
  });
});
