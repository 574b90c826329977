import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { shellCommands } from './shell-words.ts';

const table: readonly (readonly [line: string, ...commands: (readonly [assigned: string, words: string])[]])[] = [
  ['npm start   # a comment', ['', 'npm start']],
  ['# only a comment'],
  ['KEDGE_TAG=x TZ="Europe/Paris" docker compose up', ['KEDGE_TAG TZ', 'docker compose up']],
  ['kedge events --json | head -1', ['', 'kedge events --json'], ['', 'head -1']],
  ['cd web && npm test; ./kedge status', ['', 'cd web'], ['', 'npm test'], ['', './kedge status']],
  ['kedge deploy web --reason "a | b"', ['', 'kedge deploy web --reason a | b']],
  ['kill $(cat /run/x.pid)', ['', 'kill $(cat /run/x.pid)']],
  ['KEDGE_HOOKS=backup', ['KEDGE_HOOKS', '']],
  ['echo a#b', ['', 'echo a#b']],
];

describe('a line for the shell', () => {
  for (const [line, ...expected] of table) {
    it(`is split into commands: ${line}`, () => {
      const got = shellCommands(line).map(({ assigned, words }) => [assigned.join(' '), words.join(' ')]);
      assert.deepEqual(got, expected);
    });
  }
});
