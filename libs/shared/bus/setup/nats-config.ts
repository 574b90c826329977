import { entriesOf, type Identity } from '../../contracts/index.ts';
import { type Access, accessTable, serviceImports, userPermissions } from './access.ts';

/** What the server's configuration is made of; who may do what follows from the catalogue. */
export interface NatsConfigOptions {
  /** Public nkeys (`U…`) of every identity. */
  readonly publicKeys: Readonly<Record<Identity, string>>;
  /** Names of hooks that get a durable consumer. */
  readonly hooks: readonly string[];
  readonly storeFolder: string;
  /** Default 4222. */
  readonly port?: number;
  /** Monitoring for the health check, on loopback inside the container. Default 8222. */
  readonly monitorPort?: number;
}

/**
 * The server's configuration: one account for each identity. Permissions check the subject of a message but not its reply subject, so
 * within one account a user could have the server answer into any key; replies of an import go back into the caller's own account,
 * where nothing of value listens.
 */
export function renderNatsConfig({ publicKeys, hooks, storeFolder, port = 4222, monitorPort = 8222 }: NatsConfigOptions): string {
  const table = accessTable(hooks);
  const accounts = [
    ownerAccount(table, publicKeys.provision),
    ...table.map((access) => memberAccount({ access, table, publicKey: publicKeys[access.identity] })),
  ];
  return [
    '# Written by "kedge bus init" at every start; changes by hand are lost.',
    `listen: "0.0.0.0:${port}"`,
    `http: "127.0.0.1:${monitorPort}"`,
    'server_name: kedge',
    'max_payload: 1MB',
    `jetstream { store_dir: ${quote(storeFolder)}, max_file_store: 4GB, sync_interval: "10s" }`,
    'accounts {',
    ...accounts.flat().map((line) => `  ${line}`),
    '}',
    '',
  ].join('\n');
}

/** Account names are the identities in capitals. */
function accountOf(identity: Identity): string {
  return identity.toUpperCase();
}

const owner = 'KEDGE';

/** Holds JetStream; its only user makes streams, buckets and durables. */
function ownerAccount(table: readonly Access[], publicKey: string): string[] {
  const exported = new Map<string, { readonly accounts: Set<string>; readonly streams: boolean }>();
  for (const access of table) {
    for (const { subject, streams } of serviceImports(access)) {
      const entry = exported.get(subject) ?? { accounts: new Set<string>(), streams };
      entry.accounts.add(accountOf(access.identity));
      exported.set(subject, entry);
    }
  }
  const entries = [...exported].map(
    ([subject, { accounts, streams }]) =>
      `{ service: ${quote(subject)}, accounts: [${[...accounts].join(', ')}]${streams ? ', response_type: stream' : ''} }`,
  );
  return block(owner, [
    'jetstream: enabled',
    ...list('exports', entries),
    user(publicKey, { publish: ['$JS.API.>', '$KV.*._epoch'], subscribe: ['_INBOX_provision.>'] }),
  ]);
}

interface Member {
  readonly access: Access;
  /** Everybody's access: what others follow and call is exported. */
  readonly table: readonly Access[];
  readonly publicKey: string;
}

function memberAccount({ access, table, publicKey }: Member): string[] {
  const imports = [
    ...serviceImports(access).map(({ subject, local }) => serviceImport({ account: owner, subject, local })),
    ...access.calls.map(({ subject, of }) => serviceImport({ account: accountOf(of), subject, local: subject })),
    ...access.follows.map(({ subject, from }) => `{ stream: { account: ${accountOf(from)}, subject: ${quote(subject)} } }`),
  ];
  return block(accountOf(access.identity), [
    ...list('exports', memberExports(access, table)),
    ...list('imports', imports),
    user(publicKey, userPermissions(access)),
  ]);
}

/** An account lends its events to those who follow them and its requests to those who call them. */
function memberExports(access: Access, table: readonly Access[]): string[] {
  const lent = (kind: 'stream' | 'service', matches: (other: Access) => readonly string[]) => {
    const bySubject: Record<string, string[]> = {};
    for (const other of table) {
      for (const subject of matches(other)) bySubject[subject] = [...(bySubject[subject] ?? []), accountOf(other.identity)];
    }
    return entriesOf(bySubject).map(([subject, accounts]) => `{ ${kind}: ${quote(subject)}, accounts: [${accounts.join(', ')}] }`);
  };
  return [
    ...lent('stream', (other) => other.follows.filter(({ from }) => from === access.identity).map(({ subject }) => subject)),
    ...lent('service', (other) => other.calls.filter(({ of }) => of === access.identity).map(({ subject }) => subject)),
  ];
}

interface Import {
  readonly account: string;
  readonly subject: string;
  /** The name that the importing account uses. */
  readonly local: string;
}

function serviceImport({ account, subject, local }: Import): string {
  const renamed = local === subject ? '' : `, to: ${quote(local)}`;
  return `{ service: { account: ${account}, subject: ${quote(subject)} }${renamed} }`;
}

function user(publicKey: string, { publish, subscribe }: ReturnType<typeof userPermissions>): string {
  return `users: [ { nkey: ${publicKey}, permissions: { publish: [${publish.map(quote).join(', ')}], subscribe: [${subscribe.map(quote).join(', ')}] } } ]`;
}

function block(name: string, lines: readonly string[]): string[] {
  return [`${name} {`, ...lines.map((line) => `  ${line}`), '}'];
}

function list(name: string, entries: readonly string[]): string[] {
  return entries.length === 0 ? [] : [`${name}: [`, ...entries.map((entry) => `  ${entry}`), ']'];
}

function quote(text: string): string {
  return JSON.stringify(text);
}
