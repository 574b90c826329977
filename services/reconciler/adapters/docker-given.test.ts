import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sealedValues } from './docker-given.ts';

describe('the secrets that a container was given', () => {
  const made = {
    Config: {
      Env: ['MODE=live', 'TOKEN=a=b', 'URL=postgres://u:p%40ss@db/x', 'EMPTY'],
      Cmd: ['serve', '--token', 'hunter2'],
      Entrypoint: null,
      Labels: { 'my/label': 'hunter3' },
      Healthcheck: { Test: ['CMD', 'ping', 'hunter4'] },
    },
    HostConfig: { LogConfig: { Config: { 'splunk-token': 'hunter5' } } },
  };
  const table: readonly (readonly [string, readonly string[]])[] = [
    ['env/TOKEN', ['a=b']],
    ['env/URL', ['postgres://u:p%40ss@db/x', 'p%40ss', 'p@ss']],
    ['env/EMPTY', ['']],
    ['env/GONE', []],
    ['command/2', ['hunter2']],
    ['entrypoint/0', []],
    ['labels/my/label', ['hunter3']],
    ['healthcheck/2', ['hunter4']],
    ['logging/splunk-token', ['hunter5']],
    ['elsewhere/x', []],
  ];
  for (const [place, expected] of table) {
    it(`stand at ${place}`, () =>
      assert.deepEqual(
        sealedValues(made, JSON.stringify([place])).map((value) => value.reveal()),
        expected,
      ));
  }

  it('are none where none is noted', () => assert.deepEqual(sealedValues(made, '[]'), []));
});
