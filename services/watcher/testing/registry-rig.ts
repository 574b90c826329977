import { after, before, beforeEach } from 'node:test';
import { Digest, parseImageReference } from '@kedge/shared/contracts';
import { Sealed } from '@kedge/shared/kernel';
import { createRegistryAccess } from '../adapters/registry-access.ts';
import { createRegistryClient } from '../adapters/registry-client.ts';
import { createRegistryExchange, type RegistryExchange } from '../adapters/registry-exchange.ts';
import type { ManifestAnswer, TagAnswer } from '../core/images/registry-answer.ts';
import type { Credentials, ImageRegistry } from '../ports.ts';
import { type FakeRegistry, startFakeRegistry } from './fake-registry.ts';
import { createTestClock, type TestClock } from './test-clock.ts';

/** The registry client and what it asks with, with a clock and credentials that a test holds in its hand. */
export interface TestClient {
  readonly registry: ImageRegistry;
  readonly exchange: RegistryExchange;
  readonly clock: TestClock;
  /** Outcomes that were counted. */
  readonly counts: string[];
  /** What the credential source answers; an error is thrown. */
  who: Credentials | null | Error;
  /** How often it was asked. */
  asked: number;
  /** How often what was found was dropped. */
  dropped: number;
}

export function createTestClient(platform = 'linux/amd64'): TestClient {
  const counts: string[] = [];
  const client = { clock: createTestClock(), counts, who: null as TestClient['who'], asked: 0, dropped: 0 };
  const credentials = {
    drop() {
      client.dropped += 1;
    },
    async find() {
      client.asked += 1;
      if (client.who instanceof Error) throw client.who;
      return client.who;
    },
  };
  const { clock } = client;
  const access = createRegistryAccess({ credentials, clock });
  const count = (_registry: string, outcome: string) => counts.push(outcome);
  const exchange = createRegistryExchange({ access, clock, insecure: [], count });
  return Object.assign(client, { exchange, registry: createRegistryClient({ exchange, platform }) });
}

/** A fake registry for the tests of one `describe`, well-behaved and with a new client before each. */
export interface RegistryRig {
  readonly fake: FakeRegistry;
  client: TestClient;
  digestOf(name?: string): Promise<TagAnswer>;
  manifestOf(digest: string, name?: string): Promise<ManifestAnswer>;
}

/** A digest that nothing has. */
export const unknownDigest = Digest.parse(`sha256:${'0'.repeat(64)}`);

export function setUpRegistry(): RegistryRig {
  let fake: FakeRegistry | null = null;
  const { signal } = new AbortController();
  const image = (name = 'team/app:1') => parseImageReference(`${rig.fake.host}/${name}`);
  const rig: RegistryRig = {
    get fake() {
      if (!fake) throw new Error('the registry runs only within tests');
      return fake;
    },
    client: createTestClient(),
    digestOf: async (name) => await rig.client.registry.digestOf(image(name), signal),
    manifestOf: async (digest, name) => await rig.client.registry.manifestOf({ image: image(name), digest: Digest.parse(digest), signal }),
  };
  before(async () => {
    fake = await startFakeRegistry();
  });
  after(async () => await fake?.close());
  beforeEach(() => {
    rig.client = createTestClient();
    Object.assign(rig.fake, { intercept: null, hidesDigest: false, wants: null });
    rig.fake.requests.length = 0;
  });
  return rig;
}

export function who(username = 'user', password = 's3cret'): Credentials {
  return { username, password: new Sealed(password) };
}

export function basic(username = 'user', password = 's3cret'): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
