import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DockerConfig, planLookups } from './registry-auth.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const login = (username: string, password: string) => ({ kind: 'login', username, password });

describe('planLookups', () => {
  const cases: readonly (readonly [what: string, config: unknown, registry: string, expected: readonly unknown[]])[] = [
    ['a login as Docker writes it', { auths: { 'r.example.com': { auth: base64('u:p') } } }, 'r.example.com', [login('u', 'p')]],
    ['a password with colons', { auths: { 'r.example.com': { auth: base64('u:p:q:') } } }, 'r.example.com', [login('u', 'p:q:')]],
    ['a registry with a port', { auths: { 'localhost:5000': { auth: base64('u:p') } } }, 'localhost:5000', [login('u', 'p')]],
    ['no login for another port', { auths: { 'localhost:5000': { auth: base64('u:p') } } }, 'localhost:5001', []],
    ['a key with a scheme', { auths: { 'https://r.example.com': { auth: base64('u:p') } } }, 'r.example.com', [login('u', 'p')]],
    ['a key with a path', { auths: { 'https://r.example.com/v2/': { auth: base64('u:p') } } }, 'r.example.com', [login('u', 'p')]],
    ['separate fields', { auths: { 'r.example.com': { username: 'u', password: 'p' } } }, 'r.example.com', [login('u', 'p')]],
    ['an identity token', { auths: { 'r.example.com': { identitytoken: 't' } } }, 'r.example.com', [login('<token>', 't')]],
    [
      'an identity token beside a login without password',
      { auths: { 'r.example.com': { auth: base64('u:'), identitytoken: 't' } } },
      'r.example.com',
      [login('<token>', 't')],
    ],
    ['an empty marker', { auths: { 'r.example.com': {} } }, 'r.example.com', []],
    ['a login without colon', { auths: { 'r.example.com': { auth: base64('nothing') } } }, 'r.example.com', []],
    ['an empty file', {}, 'r.example.com', []],
    ['keys that every object has', { auths: {} }, 'constructor', []],
    [
      'its own helper first, then logins, then the store',
      { auths: { 'r.example.com': { auth: base64('u:p') } }, credHelpers: { 'r.example.com': 'ecr' }, credsStore: 'pass' },
      'r.example.com',
      [
        { kind: 'helper', helper: 'ecr', servers: ['r.example.com'] },
        login('u', 'p'),
        { kind: 'helper', helper: 'pass', servers: ['r.example.com'] },
      ],
    ],
    [
      'Docker Hub in a store, which files it under another name',
      { auths: { 'https://index.docker.io/v1/': {} }, credsStore: 'desktop' },
      'docker.io',
      [{ kind: 'helper', helper: 'desktop', servers: ['docker.io', 'https://index.docker.io/v1/'] }],
    ],
    ...['docker.io', 'https://docker.io', 'https://index.docker.io/v1/', 'index.docker.io/v1/', 'https://registry-1.docker.io/v2/'].map(
      (key) => [`Docker Hub as ${key}`, { auths: { [key]: { auth: base64('u:p') } } }, 'docker.io', [login('u', 'p')]] as const,
    ),
    [
      'the plain name before an alias',
      { auths: { 'https://index.docker.io/v1/': { auth: base64('b:b') }, 'docker.io': { auth: base64('a:a') } } },
      'docker.io',
      [login('a', 'a'), login('b', 'b')],
    ],
  ];
  for (const [what, config, registry, expected] of cases) {
    it(`reads ${what}`, () => assert.deepEqual(planLookups(DockerConfig.parse(config), registry), expected));
  }
});
