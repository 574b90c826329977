import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { declared } from '../testing/observed.ts';
import { isMeantToEnd, mayEnd, purposeOf } from './purpose.ts';

describe('what a service is there for', () => {
  const table = [
    ['nothing but a program', declared(), 'works', true],
    ['a program that is kept running', declared({ service: { restart: 'always' } }), 'works', false],
    ['a route', declared({ proxy: { host: 'a', service_port: 1 } }), 'serves', false],
    ['a published port', declared({ port: [{ host: 80, container: 80 }] }), 'serves', false],
    ['a port that the proxy takes', declared({ proxied_port: [{ host: 80, container: 80 }] }), 'serves', false],
    ['a gate', declared({ gate: [{ type: 'tcp', port: 1 }] }), 'serves', false],
    ['a health check', declared({ service: { healthcheck: { test: ['CMD', 'true'] } } }), 'serves', false],
    ['a health check that is switched off', declared({ service: { healthcheck: { test: ['NONE'] } } }), 'works', true],
    ['a schedule', declared({ dispenser: { watch: true, cron: '* * * * *' } }), 'job', false],
  ] as const;
  for (const [what, spec, purpose, ends] of table)
    it(`is told by ${what}`, () => assert.deepEqual([purposeOf(spec), isMeantToEnd(spec)], [purpose, ends]));

  it('may be what ends, unless somebody asks something of it, or it is started again', () => {
    const of = (restart: string, more: object = {}) => mayEnd(declared({ service: { restart }, ...more }));
    assert.deepEqual(
      ['no', 'on-failure', 'always', 'unless-stopped'].map((restart) => of(restart)),
      [true, true, false, false],
    );
    assert.equal(of('on-failure', { port: [{ host: 80, container: 80 }] }), false);
  });
});
