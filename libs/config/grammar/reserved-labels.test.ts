import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tomlFile } from '../testing/toml-files.ts';
import { reservedLabels } from './reserved-labels.ts';

describe('labels that are our own', () => {
  const told = (written: string, labels: Readonly<Record<string, string>>) =>
    reservedLabels({ labels, file: tomlFile('web/service.toml', `[service]\nlabels = ${written}\n`), pointer: ['service', 'labels'] }).map(
      ({ line, column, key }) => `${line}:${column} ${key}`,
    );

  it('are told at their key in a table, and at their text in a list', () => {
    assert.deepEqual(told('{ a = "b", "kedge.node" = "x" }', { a: 'b', 'kedge.node': 'x' }), ['2:21 service.labels.kedge.node']);
    assert.deepEqual(told('["a=b", "kedge.node=x"]', { a: 'b', 'kedge.node': 'x' }), ['2:18 service.labels[1]']);
  });

  it('are none that only look alike, and none without any', () => {
    assert.deepEqual(told('{ kedge = "b", "my.kedge.a" = "x" }', { kedge: 'b', 'my.kedge.a': 'x' }), []);
    assert.deepEqual(reservedLabels({ labels: undefined, file: tomlFile('a.toml', ''), pointer: ['service', 'labels'] }), []);
  });
});
