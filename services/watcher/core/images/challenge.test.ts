import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseChallenge } from './challenge.ts';

describe('a challenge', () => {
  const bearer = {
    kind: 'bearer',
    realm: 'https://auth.example.com/token',
    service: 'registry',
    scope: 'repository:a/b:pull,push',
  } as const;
  for (const [header, wanted] of [
    ['Bearer realm="https://auth.example.com/token",service="registry",scope="repository:a/b:pull,push"', bearer],
    ['bearer scope="repository:a/b:pull,push", service=registry, realm="https://auth.example.com/token"', bearer],
    ['Basic realm="x", Bearer realm="https://auth.example.com/token",service="registry",scope="repository:a/b:pull,push"', bearer],
    ['Bearer realm="https://x/\\"y"', { kind: 'bearer', realm: 'https://x/"y', service: null, scope: null }],
    ['Basic realm="Registry Realm"', { kind: 'basic' }],
    ['BASIC', { kind: 'basic' }],
    ['Bearer service="x"', null],
    ['Negotiate', null],
    ['Basically realm="x"', null],
    ['', null],
    [null, null],
  ] as const) {
    it(`reads ${header}`, () => assert.deepEqual(parseChallenge(header), wanted));
  }
});
