import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigManifest } from '@kedge/shared/contracts';
import { service } from '../testing/observed.ts';
import { changedSecretReason } from './changed-secret.ts';

const since = '2026-01-01T00:00:00.000Z';
const manifest = ConfigManifest.parse({ node: 'local', revision: 'r1', entry: 'kedge.toml', services: {}, delay: 2 });

describe('changedSecretReason', () => {
  it('is none when the configuration on disk comes into force by itself', () => assert.equal(changedSecretReason(service, manifest), null));

  it('names what a held configuration would remove, and who asks about it', () => {
    const held = { revision: 'r2', removes: ConfigManifest.shape.held.unwrap().shape.removes.parse(['api', 'db']), since };
    const reason = changedSecretReason(service, { held }) ?? '';
    assert.match(reason, /is held, because it would remove api, db: "kedge apply" .* no new container of web/);
  });

  it('names what is wrong with a refused one', () => {
    const rejected = { problems: [{ file: 'web/service.toml', line: 3, column: 1, message: 'unknown key "x"' }], since };
    assert.match(
      changedSecretReason(service, { rejected }) ?? '',
      /is refused \(web\/service.toml:3: unknown key "x"\): .*"kedge validate"/,
    );
  });
});
