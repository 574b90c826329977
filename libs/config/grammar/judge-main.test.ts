import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tomlFile } from '../testing/toml-files.ts';
import { readMain } from './main-configuration.ts';

const said = (text: string, entry = 'kedge.toml') =>
  readMain({ file: tomlFile(entry, text), within: { path: '/config', name: './deploy' } }).problems.map(
    ({ line, column, message }) => `${line}:${column} ${message}`,
  );
const network = (...lines: readonly string[]) => `[[network]]\n${lines.join('\n')}\n`;

describe('networks of the main file', () => {
  for (const driver of ['host', 'none']) {
    it(`are not made with driver ${driver}: the engine has one`, () => {
      assert.match(
        said(network('name = "a"', `driver = "${driver}"`))[0] ?? '',
        new RegExp(`^3:10 .*write name = "${driver}" and external = true`),
      );
      assert.deepEqual(said(network('name = "a"', `driver = "${driver}"`, 'external = true')), []);
    });
  }

  it('have names that the engine takes', () => {
    for (const name of ['a b', '-a', 'a/b', 'é'])
      assert.match(said(network(`name = "${name}"`))[0] ?? '', /^2:8 network\[0\].name: must be letters/);
    for (const name of ['a', '0', 'A_b.c-d']) assert.deepEqual(said(network(`name = "${name}"`)), []);
  });

  it('may name the default one, but not change it', () => {
    assert.deepEqual(said(network('name = "kedge"')), []);
    assert.match(
      said(network('name = "kedge"', 'internal = true'))[0] ?? '',
      /^3:12 network\[0\].internal: is not applied to this network/,
    );
    assert.deepEqual(said(network('name = "kedge"', 'internal = true'), 'dispenser.toml'), []);
    assert.equal(said(network('name = "dispenser"', 'driver = "bridge"', 'labels = { a = "b" }'), 'dispenser.toml').length, 2);
    assert.equal(said(network('name = "dispenser"', 'internal = true'), 'staging.toml').length, 1);
  });

  it('have no labels of our own', () => {
    assert.match(
      said(network('name = "a"', 'labels = { "kedge.node" = "x" }'))[0] ?? '',
      /^3:12 .*labels that begin with "kedge." are Kedge's own/,
    );
  });

  it('are judged although something else is wrong', () => {
    assert.deepEqual(
      said(
        `delay = "x"\n${network('name = "a"', 'internal = "yes"')}${network('name = "a"')}${network('name = "host"', 'external = "yes"')}`,
      ).map((each) => each.split(' ')[1]),
      ['delay:', 'network[0].internal:', 'network[2].external:', 'network[1].name:'],
    );
  });
});
