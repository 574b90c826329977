import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { takesText } from './takes-text.ts';

describe('whether a key takes a text', () => {
  const service = '[service]\nname = "web"\nimage = "nginx"\nreplicas = 1\n[[port]]\nhost = 1\ncontainer = 1\n';
  for (const [path, text, pointer, value, takes] of [
    ['web/service.toml', service, ['service', 'user'], '5', true],
    ['web/service.toml', service, ['service', 'replicas'], '5', false],
    ['web/service.toml', service, ['service', 'name'], 'a b', false],
    ['web/service.toml', service, ['service', 'memory'], '64m', true],
    ['web/service.toml', service, ['port', 0, 'host'], '80', false],
    ['web/service.toml', service, ['port', 7, 'host'], '80', false],
    ['kedge.toml', 'delay = 5\n[[service]]\npath = "a"\n', ['delay'], '5', false],
    ['kedge.toml', 'delay = 5\n[[service]]\npath = "a"\n', ['service', 0, 'path'], 'b', true],
    ['dispenser.vars', 'a = 5\n', ['a'], 'b', true],
  ] as const) {
    it(`is ${takes} for ${JSON.stringify(value)} at ${pointer.join('.')} of ${path}`, () => {
      assert.equal(takesText(path, text)(pointer, value), takes);
    });
  }
});
