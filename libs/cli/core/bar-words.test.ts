import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceStatus } from '@kedge/shared/contracts';
import { digestA, digestB, releaseB, serviceStatus } from '../testing/samples.ts';
import { barCure, barredWords, isOfConfiguration } from './bar-words.ts';

describe('words for what is barred', () => {
  const bar = (digest: typeof digestA) => ({ release: releaseB, digest, message: 'exit code 4' });
  const cases: readonly (readonly [string, typeof digestA, Partial<ServiceStatus>, boolean])[] = [
    ['the image where another one serves', digestB, {}, false],
    ['the image where nothing is there to compare it with', digestA, { digest: null, release: null }, false],
    ['the image where that very release serves', digestA, { release: releaseB }, false],
    ['the configuration where the same image serves', digestA, {}, true],
    ['the configuration where the same image completed', digestA, { phase: 'completed' }, true],
  ];
  for (const [name, digest, shown, ofConfiguration] of cases)
    it(`speak of ${name}`, () => {
      const status = serviceStatus(shown);
      assert.equal(isOfConfiguration(bar(digest), status), ofConfiguration);
      const words = ofConfiguration
        ? 'its new configuration is barred (the image is the same, aaaaaaaaaaaa): exit code 4'
        : `${digest === digestA ? 'aaaaaaaaaaaa' : 'bbbbbbbbbbbb'} is barred: exit code 4`;
      assert.equal(barredWords(bar(digest), status), words);
    });

  it('say what to mend', () => {
    assert.match(barCure({ ofConfiguration: true, service: 'web' }), /^mend its service\.toml .*"kedge clear web"/);
    assert.match(barCure({ ofConfiguration: false, service: 'web' }), /^push a better image, .*"kedge clear web"/);
  });
});
