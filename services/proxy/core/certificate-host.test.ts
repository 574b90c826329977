import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { certificateHost, namelessHost } from './certificate-host.ts';

describe('whose certificate a client gets', () => {
  const routed = new Set([
    'web.test',
    'under_score.test',
    '192.0.2.1',
    '../etc',
    'a/b',
    '[2001:db8::1]',
    '*.wild.test',
    'own.wild.test',
    '*',
  ]);
  const cases: readonly (readonly [serverName: string, host: string])[] = [
    ['web.test', 'web.test'],
    ['WEB.Test.', 'web.test'],
    ['under_score.test', 'under_score.test'],
    ['other.test', 'localhost'],
    ['sub.web.test', 'localhost'],
    ['a.wild.test', '*.wild.test'],
    ['own.wild.test', 'own.wild.test'],
    ['a.b.wild.test', 'localhost'],
    ['wild.test', 'localhost'],
    ['*.wild.test', 'localhost'],
    ['', 'localhost'],
    ['../etc', 'localhost'],
    ['a/b', 'localhost'],
    ['[2001:db8::1]', 'localhost'],
  ];
  for (const [serverName, host] of cases)
    it(`is that of ${host} for "${serverName}"`, () => assert.equal(certificateHost(serverName, routed), host));
});

describe('whose certificate a client gets that names no host', () => {
  const cases: readonly (readonly [routed: readonly string[], host: string])[] = [
    [[], 'localhost'],
    [['web.test'], 'web.test'],
    [['web.test', 'api.test'], 'api.test'],
    [['api.test', 'web.test', '192.0.2.1'], '192.0.2.1'],
    [['../etc', '[2001:db8::1]', '*.test', ''], 'localhost'],
  ];
  for (const [routed, host] of cases) it(`is that of ${host} of ${JSON.stringify(routed)}`, () => assert.equal(namelessHost(routed), host));
});
