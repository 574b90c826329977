import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { SecretRef } from '@kedge/shared/contracts';
import { Sealed } from '@kedge/shared/kernel';
import { recordingLog, waitUntil } from '@kedge/shared/testing';
import { buildRouteTable } from './core/route-table.ts';
import { keepHashes } from './keep-hashes.ts';
import { createRoutes } from './routes.ts';
import { endpoints, knownEndpoints } from './testing/endpoints.ts';

const hash = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
const secret = (user: string, fingerprint = 'f1'): SecretRef => ({ ref: `web/service.toml#/proxy/basic_auth/${user}`, fingerprint });
const keyOf = ({ ref, fingerprint }: SecretRef) => `${fingerprint} ${ref}`;

/** Hashes of a route with these users; `told` is what can be had. */
function arrange(t: TestContext, told: Map<string, string>) {
  const routes = createRoutes();
  const asked: string[][] = [];
  const { log, lines } = recordingLog();
  let isAway = false;
  const hashes = keepHashes({
    routes,
    hashes: {
      async find(secrets) {
        asked.push(secrets.map(({ ref }) => ref.split('/').at(-1) ?? ''));
        if (isAway) throw new Error('c4nary');
        return await Promise.resolve(
          new Map(secrets.flatMap(({ ref }) => (told.has(ref) ? [[ref, new Sealed(told.get(ref) ?? '')]] : []))),
        );
      },
    },
    log,
  });
  t.after(() => hashes.close());
  const route = (users: Readonly<Record<string, SecretRef>>) =>
    routes.replace(buildRouteTable(knownEndpoints([endpoints('web', [], { rules: { basic_auth: users } })])));
  return { hashes, asked, lines, route, away: (is: boolean) => (isAway = is) };
}

describe('the hashes of passwords', () => {
  it('are asked for once, and anew when the secret changed', async (t) => {
    const told = new Map([[secret('ann').ref, hash]]);
    const { hashes, asked, route } = arrange(t, told);
    route({ ann: secret('ann') });
    await waitUntil(() => hashes.of(keyOf(secret('ann'))) !== null);
    route({ ann: secret('ann') });
    route({ ann: secret('ann', 'f2') });
    assert.equal(hashes.of(keyOf(secret('ann'))), null, 'forgotten');
    await waitUntil(() => hashes.of(keyOf(secret('ann', 'f2'))) !== null);
    assert.deepEqual(asked, [['ann'], ['ann']]);
  });

  it('are found when they can be had later, without keeping others waiting', async (t) => {
    const told = new Map([[secret('bob').ref, hash]]);
    const { hashes, asked, route, lines } = arrange(t, told);
    route({ ann: secret('ann'), bob: secret('bob') });
    await waitUntil(() => hashes.of(keyOf(secret('bob'))) !== null);
    told.set(secret('ann').ref, hash);
    await waitUntil(() => {
      route({ ann: secret('ann'), bob: secret('bob') });
      return hashes.of(keyOf(secret('ann'))) !== null;
    });
    assert.deepEqual([asked[0], asked[1]], [['ann', 'bob'], ['ann']]);
    assert.match(lines[0] ?? '', /the hash of a password is not known yet/);
  });

  it('are found when the secrets component comes back', async (t) => {
    const { hashes, asked, route, away, lines } = arrange(t, new Map([[secret('ann').ref, hash]]));
    let learned = 0;
    hashes.onLearned(() => {
      learned += 1;
    });
    away(true);
    await waitUntil(() => {
      route({ ann: secret('ann') });
      return asked.length >= 3;
    });
    assert.deepEqual([lines.filter((line) => line.includes('cannot be had')).length, learned], [1, 0], 'it is told once');
    await waitUntil(() => {
      away(false);
      route({ ann: secret('ann') });
      return hashes.of(keyOf(secret('ann'))) !== null;
    });
    assert.equal(learned, 1);
  });

  it('are told by nobody: not what they are, nor why they cannot be used', async (t) => {
    const { hashes, route, lines } = arrange(t, new Map([[secret('ann').ref, '$2y$10$c4nary']]));
    route({ ann: secret('ann') });
    await waitUntil(() => lines.some((line) => line.includes('cannot be used')));
    assert.equal(hashes.of(keyOf(secret('ann'))), 'unusable');
    assert.ok(!lines.join().includes('c4nary'));
    assert.match(lines.join(), /bcrypt/);
  });
});
