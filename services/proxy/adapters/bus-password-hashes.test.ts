import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { type Bus, serveSealed } from '@kedge/shared/bus';
import { initialiseBus } from '@kedge/shared/bus/setup';
import { PasswordsRequest, type SealedBox } from '@kedge/shared/contracts';
import { createPasswordHashes } from './bus-password-hashes.ts';

type Answer = (box: SealedBox) => Promise<SealedBox>;

it('asks for hashes sealed both ways, by the key of the secrets component as it is at that moment', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'kedge-proxy-keys-'));
  t.after(async () => await rm(folder, { recursive: true, force: true }));
  const secrets = [{ ref: 'web/service.toml#/proxy/basic_auth/ann', fingerprint: 'k:1' }];
  const boxes: SealedBox[] = [];
  let answer: Answer | null = null;
  const bus = {
    serve: (_subject: string, handler: Answer) => {
      answer = handler;
    },
    request: async (subject: string, box: SealedBox) => {
      assert.equal(subject, 'secrets.passwords');
      const reply = await answer?.(box);
      boxes.push(box, ...(reply ? [reply] : []));
      return reply;
    },
  } as unknown as Bus;
  const keys = join(folder, 'keys');
  const hashes = createPasswordHashes(bus, join(keys, 'proxy'));

  await assert.rejects(hashes.find(secrets), { code: 'ENOENT' });
  for (let life = 0; life < 2; life += 1) {
    await rm(keys, { recursive: true, force: true });
    const natsConfigFile = join(folder, 'nats.conf');
    const settings = { storeFolder: folder, hooks: [], projectFolder: null, publicUrl: 'nats://localhost' };
    await initialiseBus({ keysRoot: keys, natsConfigFile, ...settings });
    const seed = new TextEncoder().encode((await readFile(join(keys, 'secrets', 'curve.seed'), 'utf8')).trim());
    serveSealed(bus, {
      subject: 'secrets.passwords',
      seed,
      question: PasswordsRequest,
      answer: async (asked) => await Promise.resolve({ values: Object.fromEntries(asked.secrets.map(({ ref }) => [ref, 'c4nary'])) }),
    });
    const found = await hashes.find(secrets);
    assert.equal(found.get(secrets[0]?.ref ?? '')?.reveal(), 'c4nary');
  }
  assert.equal(new Set(boxes.map(({ recipient }) => recipient)).size, 4, 'a key of its own for each question');
  assert.ok(!JSON.stringify(boxes).includes('c4nary'));
});
