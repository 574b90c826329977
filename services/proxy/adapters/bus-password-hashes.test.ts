import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { type Bus, openBox, sealFor } from '@kedge/shared/bus';
import { PasswordsRequest, type SealedBox } from '@kedge/shared/contracts';
import { createCurve, fromCurveSeed } from '@nats-io/nkeys';
import { createPasswordHashes } from './bus-password-hashes.ts';

it('asks for hashes sealed both ways, by the key of the secrets component as it is at that moment', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'kedge-proxy-keys-'));
  t.after(async () => await rm(folder, { recursive: true, force: true }));
  let own = createCurve();
  const boxes: SealedBox[] = [];
  const request = async (subject: string, box: SealedBox) => {
    assert.equal(subject, 'secrets.passwords');
    boxes.push(box);
    const { secrets } = openBox({ own: fromCurveSeed(own.getSeed()), box, schema: PasswordsRequest });
    return await Promise.resolve(sealFor({ recipient: box.sender, sender: own, value: { values: { [secrets[0]?.ref ?? '']: 'c4nary' } } }));
  };
  const hashes = createPasswordHashes({ request } as unknown as Bus, folder);
  const secrets = [{ ref: 'web/service.toml#/proxy/basic_auth/ann', fingerprint: 'k:1' }];

  await assert.rejects(hashes.find(secrets), { code: 'ENOENT' });
  for (let life = 0; life < 2; life += 1) {
    own = createCurve();
    await writeFile(join(folder, 'secrets.pub'), `${own.getPublicKey()}\n`);
    const found = await hashes.find(secrets);
    assert.equal(found.get(secrets[0]?.ref ?? '')?.reveal(), 'c4nary');
  }
  assert.notEqual(boxes[0]?.sender, boxes[1]?.sender);
  assert.ok(!JSON.stringify(boxes).includes('c4nary'));
});
