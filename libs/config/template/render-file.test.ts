import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fingerprintKey } from './fingerprint.ts';
import { fingerprintOf, renderFile } from './render-file.ts';

const key = fingerprintKey(new Uint8Array(32).fill(7));
const values = new Map([
  ['pw', 'c4nary'],
  ['port', '80'],
]);
const path = 'web/service.toml';

describe('renderFile', () => {
  it('gives text, map and the tainted leaves with their place and fingerprint', () => {
    const text = '[env]\nPW = "${pw}"\n[[port]]\nhost = ${port}\n';
    const { file, problems } = renderFile({ path, text, variables: { values, complete: true }, key });
    assert.deepEqual(problems, []);
    assert.equal(file.text, '[env]\nPW = "c4nary"\n[[port]]\nhost = 80\n');
    assert.deepEqual(file.map.at(-1), [file.text.length - 1, text.length - 1]);
    assert.deepEqual(
      file.tainted.map(({ pointer, origin, secret }) => [pointer, origin, secret.ref, secret.fingerprint]),
      [
        [['env', 'PW'], 'vars', 'web/service.toml#/env/PW', fingerprintOf(key, 'web/service.toml#/env/PW', 'c4nary')],
        [['port', 0, 'host'], 'vars', 'web/service.toml#/port/0/host', fingerprintOf(key, 'web/service.toml#/port/0/host', 80)],
      ],
    );
    assert.ok(!JSON.stringify(file.tainted).includes('c4nary'));
  });

  it('gives the text of a file that is no TOML all the same, without taint', () => {
    const { file, problems } = renderFile({ path, text: 'a = = ${pw}', variables: { values, complete: true }, key });
    assert.deepEqual({ text: file.text, tainted: file.tainted, problems }, { text: 'a = = c4nary', tainted: [], problems: [] });
  });

  it('names the nearest variable, leaves the placeholder in and tells no value', () => {
    const { file, problems } = renderFile({ path, text: 'a = "${pww}"\nb = "${pw}"', variables: { values, complete: true }, key });
    assert.deepEqual(problems, [{ path, offset: 5, message: 'variable "pww" is not defined; add it to dispenser.vars', nearest: 'pw' }]);
    assert.ok(file.text.includes('${pww}'));
    assert.deepEqual(file.tainted, []);
    assert.ok(!JSON.stringify(problems).includes('c4nary'));
  });

  it('does not complain about names that may stand in a broken variable file', () => {
    const { problems } = renderFile({ path, text: 'a = "${elsewhere}"\n{% if %}', variables: { values, complete: false }, key });
    assert.deepEqual(
      problems.map(({ offset }) => offset),
      [19],
    );
  });
});
