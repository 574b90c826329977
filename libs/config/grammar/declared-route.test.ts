import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { routing } from './declared-route.ts';

const base = { service_port: 80 };

describe('a route as the spec has it', () => {
  for (const [what, declared, spec] of [
    ['one host', { ...base, host: 'a' }, { proxy: { ...base, host: 'a' } }],
    ['one of several', { ...base, hosts: ['a'] }, { proxy: { ...base, host: 'a' } }],
    ['several: the first is the host', { ...base, hosts: ['a', 'b'] }, { proxy: { ...base, host: 'a', hosts: ['a', 'b'] } }],
    [
      'a path and a certificate, which are no rules',
      { ...base, host: 'a', path: '/x', cert_file: 'a.crt', key_file: 'a.key' },
      { proxy: { ...base, host: 'a', path: '/x', cert_file: 'a.crt', key_file: 'a.key' } },
    ],
    [
      'hosts that redirect, which no older proxy knows',
      { ...base, host: 'a', redirect_from: ['b'] },
      { ruled_proxy: { ...base, host: 'a', redirect_from: ['b'] } },
    ],
    [
      'a rule, also one that changes nothing',
      { ...base, hosts: ['a', 'b'], maintenance: false },
      { ruled_proxy: { ...base, host: 'a', hosts: ['a', 'b'], maintenance: false } },
    ],
  ] as const) {
    it(`is told for ${what}`, () => assert.deepEqual(routing(structuredClone(declared) as Parameters<typeof routing>[0]), spec));
  }
});
