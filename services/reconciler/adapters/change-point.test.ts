import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changePoint } from './change-point.ts';

describe('the named point of a change that the engine is asked for', () => {
  for (const [method, path, point] of [
    ['POST', '/containers/create', 'engine.containers.create'],
    ['POST', '/containers/0123abcd/start', 'engine.containers.start'],
    ['DELETE', '/containers/0123abcd', 'engine.containers.remove'],
    ['POST', '/networks/kedge%2Fweb/connect', 'engine.networks.connect'],
    ['DELETE', '/networks/kedge', 'engine.networks.remove'],
    ['GET', '/containers/0123abcd/json', null],
  ] as const) {
    it(`${method} ${path}: ${point}`, () => assert.equal(changePoint({ method, path }), point));
  }
});
