import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { declared } from '../testing/observed.ts';
import { chooseStrategy } from './choose-strategy.ts';

const writable = { volume: [{ source: 'data', target: '/data' }] };

describe('chooseStrategy', () => {
  const table = [
    ['overlaps by default', declared({ service: { restart: 'always' } }), 'start-first', /beside/],
    ['says nothing of an old one of what runs once', declared(), 'start-first', /^it runs once, and nothing has to make room for it$/],
    ['overlaps behind a route', declared({ proxy: { host: 'a', service_port: 1 } }), 'start-first', /beside/],
    ['stops first for a host port', declared({ port: [{ host: 80, container: 80 }] }), 'stop-first', /host port 80/],
    ['stops first on the network of the host', declared({ network: [{ name: 'host' }] }), 'stop-first', /host's network/],
    ['stops first when it is declared', declared({ service: { strategy: 'recreate' } }), 'stop-first', /recreate/],
    ['stops first for a writable volume', declared(writable), 'stop-first', /\/data/],
    [
      'overlaps on a volume that is read only',
      declared({ service: { restart: 'always' }, volume: [{ source: 'data', target: '/data', readonly: true }] }),
      'start-first',
      /beside/,
    ],
    [
      'overlaps where replicas share a volume anyway',
      declared({ service: { restart: 'always', replicas: 2 }, ...writable }),
      'start-first',
      /beside/,
    ],
  ] as const;
  for (const [name, spec, strategy, reason] of table) {
    it(name, () => {
      const chosen = chooseStrategy(spec);
      assert.equal(chosen.strategy, strategy);
      assert.match(chosen.reason, reason);
    });
  }
});
