import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultsOf, type Known } from './check-mention.ts';
import type { CommandUsage } from './kedge-usage.ts';
import type { Mention } from './markdown.ts';

function command(mostArguments: number, options: Readonly<Record<string, boolean>>): CommandUsage {
  return { mostArguments, options: new Map(Object.entries({ '-h': false, '--help': false, ...options })) };
}
const known: Known = {
  npmScripts: new Set(['start', 'test', 'test:long', 'check']),
  kedge: {
    program: command(0, { '--as': true, '--version': false }),
    commands: new Map([
      ['status', command(1, { '--json': false })],
      ['logs', command(1, { '-n': true, '--lines': true, '-f': false })],
      ['events', command(Number.POSITIVE_INFINITY, { '--since': true })],
      ['apply', command(0, { '--yes': false })],
      ['-t', command(0, { '--json': false })],
    ]),
  },
  variables: new Set(['KEDGE_HTTP_PORT', 'NO_COLOR']),
  exists: (path) => ['scripts/start.sh', './kedge', 'docker-compose.yml', 'docs/errors.md'].includes(path),
};
const shell = (text: string): Mention => ({ line: 1, kind: 'shell', text });

const good: readonly string[] = [
  'npm start   # npm run nothing',
  'npm run test:long && npm test',
  'npm install',
  'kedge status web --json',
  'kedge --as hooks events image.updated job --since 10m',
  'kedge logs web -n 100 -f',
  'kedge logs web --lines=100',
  'kedge -t --json',
  'kedge status [service] [--json]',
  'kedge --version',
  './kedge apply --yes | head -1',
  'npx kedge apply --help',
  'KEDGE_HTTP_PORT=8080 scripts/start.sh',
  'NO_COLOR=1 docker compose --file=docker-compose.yml up -d',
  'XDG_CONFIG_HOME=$PWD/.kedge nats --context kedge sub image.updated',
  'cat .kedge/cli.nk web/service.toml linux/arm64',
];
const bad: readonly (readonly [text: string, fault: RegExp])[] = [
  ['npm run begin', /no script begin/],
  ['npm tset', /no script tset/],
  ['cd web && npm run begin', /no script begin/],
  ['kedge stats', /no command stats/],
  ['./kedge stats', /no command stats/],
  ['npx kedge stats', /no command stats/],
  ['kedge status --yaml', /kedge status has no option --yaml/],
  ['kedge status web --josn', /no option --josn/],
  ['kedge status [--yaml]', /no option --yaml/],
  ['kedge --yaml status', /kedge has no option --yaml/],
  ['kedge --as hooks stats', /no command stats/],
  ['kedge status -f', /no option -f/],
  ['kedge logs web --lines 5 --wait', /no option --wait/],
  ['kedge logs web --lines=5 other', /takes 1 arguments, not 2/],
  ['kedge apply web', /takes 0 arguments/],
  ['kedge events | kedge stats', /no command stats/],
  ['scripts/begin.sh', /no scripts\/begin\.sh/],
  ['bash scripts/begin.sh', /no scripts\/begin\.sh/],
  ['docker compose -f docker-compose.yaml up', /no docker-compose\.yaml/],
  ['docker compose --file=compose.yaml up', /no compose\.yaml/],
  ['KEDGE_HTTPPORT=8080 npm start', /nothing reads KEDGE_HTTPPORT/],
  ['echo $KEDGE_PORT', /nothing reads KEDGE_PORT/],
  ['echo ${PORT}', /nothing reads PORT/],
  ['NO_COLOUR=1 kedge status', /nothing reads NO_COLOUR/],
];

describe('a mention', () => {
  for (const text of good) it(`may be: ${text}`, () => assert.deepEqual(faultsOf(shell(text), known), []));
  for (const [text, fault] of bad) it(`may not be: ${text}`, () => assert.match(faultsOf(shell(text), known).join('\n'), fault));

  it('is judged alike between code marks', () => {
    for (const [text, fault] of bad) assert.match(faultsOf({ line: 1, kind: 'inline', text }, known).join('\n'), fault);
  });

  it('may be a link to a file, and to nothing else', () => {
    assert.deepEqual(faultsOf({ line: 1, kind: 'link', text: 'docs/errors.md' }, known), []);
    assert.deepEqual(faultsOf({ line: 1, kind: 'link', text: 'docs/error.md' }, known), ['there is no docs/error.md']);
  });
});
