import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigManifest } from '@kedge/shared/contracts';
import { changedSecretMessage } from './changed-secret.ts';

const since = '2026-01-01T00:00:00.000Z';
const manifest = ConfigManifest.parse({ node: 'local', revision: 'r1', entry: 'kedge.toml', services: {}, delay: 2 });
const held = { revision: 'r2', removes: ConfigManifest.shape.held.unwrap().shape.removes.parse(['api', 'db']), since };
const rejected = { problems: [{ file: 'web/service.toml', line: 3, column: 1, message: 'unknown key "x"' }], since };
const found = 'the value of "env.TOKEN" changed since it was declared; it is used once the new configuration is in force';

describe('changedSecretMessage', () => {
  it('is none when the configuration on disk comes into force by itself', () => assert.equal(changedSecretMessage(found, manifest), null));

  it('names who agrees to a held configuration, in one short sentence, also where the hold is written down as a rejection', () => {
    const expected =
      'the value of "env.TOKEN" changed since it was declared, in a configuration that is held: "kedge apply" shows it and asks whether it shall be in force';
    assert.equal(changedSecretMessage(found, { held }), expected);
    assert.equal(changedSecretMessage(found, { held, rejected }), expected);
  });

  it('names where a refused one is wrong', () => {
    const expected =
      'the value of "env.TOKEN" changed since it was declared, in a configuration that is refused: correct web/service.toml:3 ("kedge validate"), or put the value back';
    assert.equal(changedSecretMessage(found, { rejected }), expected);
  });
});
