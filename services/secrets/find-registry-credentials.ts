import type { RegistryReply, RegistryRequest } from '@kedge/shared/contracts';
import { type Lookup, planLookups } from './core/registry-auth.ts';
import type { CredentialHelpers, DockerConfigSource, RegistryCredentials } from './ports.ts';

interface FindPorts {
  readonly dockerConfig: DockerConfigSource;
  readonly helpers: CredentialHelpers;
}

/** Makes the answer to `secrets.registry`: the login that Docker itself would use, or null for anonymous access. */
export function createFindRegistryCredentials({ dockerConfig, helpers }: FindPorts) {
  return async function findRegistryCredentials({ registry }: RegistryRequest): Promise<RegistryReply> {
    const config = await dockerConfig.read();
    for (const lookup of config ? planLookups(config, registry) : []) {
      const credentials = await tryLookup(helpers, lookup);
      if (credentials) return { credentials };
    }
    return { credentials: null };
  };
}

async function tryLookup(helpers: CredentialHelpers, lookup: Lookup): Promise<RegistryCredentials | null> {
  switch (lookup.kind) {
    case 'login':
      return { username: lookup.username, password: lookup.password };
    case 'helper':
      for (const server of lookup.servers) {
        const credentials = await helpers.get(lookup.helper, server);
        if (credentials) return credentials;
      }
      return null;
    default:
      return lookup satisfies never;
  }
}
