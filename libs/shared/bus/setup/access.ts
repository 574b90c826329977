import {
  type BucketName,
  buckets,
  components,
  entriesOf,
  eventStream,
  type Identity,
  reconcilerCommands,
  type Subject,
  subjects,
} from '../../contracts/index.ts';

/** What one identity may do, derived from the catalogue. */
export interface Access {
  readonly identity: Identity;
  /** Events and commands it may put into the stream (or, unstored, say). */
  readonly publishes: readonly Subject[];
  /** Events it may subscribe to, with the identity that says them. */
  readonly follows: readonly { readonly subject: Subject; readonly from: Identity }[];
  /** Events of its own kind, said by other instances, that wake it. */
  readonly hearsOwn: readonly Subject[];
  readonly writes: readonly BucketName[];
  readonly reads: readonly BucketName[];
  /** Whether it has its own part of `leases`. */
  readonly leases: boolean;
  /** Whether it may read what the stream holds: events, and commands too, which carry no secrets. */
  readonly readsStream: boolean;
  readonly durables: readonly string[];
  readonly calls: readonly { readonly subject: Subject; readonly of: Identity }[];
  readonly serves: readonly Subject[];
}

/** A durable consumer that `provision` makes. */
export interface Durable {
  readonly name: string;
  readonly identity: Identity;
  readonly subjects: readonly Subject[];
  /** Where it begins that was never there before. */
  readonly begins: 'with the first' | 'from now on';
  /** How many messages may wait for their acknowledgement at the same time; -1 is no limit. */
  readonly mostUnacknowledged: number;
}

/** The durables: the reconciler's commands, and one for each hook that the operator named. */
export function durables(hooks: readonly string[]): readonly Durable[] {
  const events = entriesOf(subjects)
    .filter(([, contract]) => contract.kind === 'event' && contract.stored)
    .map(([subject]) => subject);
  return [
    {
      name: 'reconciler',
      identity: 'reconciler',
      subjects: reconcilerCommands,
      // Commands were meant for the reconciler from the first one.
      begins: 'with the first',
      // All nodes share it: each command of a node that is away waits for it, and a limit would be reached by them and keep back all others.
      mostUnacknowledged: -1,
    },
    ...hooks.map((name) => ({
      name: `hook-${name}`,
      identity: 'hooks' as const,
      subjects: events,
      begins: 'from now on' as const,
      mostUnacknowledged: 256,
    })),
  ];
}

/** People and hooks: they hear every event of the components. */
const audience = ['cli', 'hooks'] as const satisfies Identity[];

/** The rights of every identity but `provision`, which owns the account that holds JetStream. */
export function accessTable(hooks: readonly string[]): readonly Access[] {
  const members: readonly Identity[] = [...components, ...audience];
  return members.map((identity) => ({
    identity,
    publishes: namesWhere((contract) =>
      contract.kind === 'event' ? contract.publisher === identity : contract.kind === 'command' && includes(contract.publishers, identity),
    ),
    follows: followedBy(identity),
    hearsOwn: namesWhere((contract) => contract.kind === 'event' && contract.publisher === identity && includes(contract.wakes, identity)),
    writes: bucketsWhere((bucket) => bucket.writer === identity),
    reads: bucketsWhere((bucket) => includes(bucket.readers, identity)),
    leases: includes(components, identity),
    readsStream: includes(audience, identity),
    durables: durables(hooks)
      .filter((durable) => durable.identity === identity)
      .map(({ name }) => name),
    calls: entriesOf(subjects).flatMap(([subject, contract]) =>
      contract.kind === 'request' && includes(contract.callers, identity) ? [{ subject, of: contract.owner }] : [],
    ),
    serves: namesWhere((contract) => contract.kind === 'request' && contract.owner === identity),
  }));
}

/**
 * Components hear what wakes them; people and hooks hear every event of the components. Commands that several identities may say are not
 * followed: two accounts must not import the same subject from each other.
 */
function followedBy(identity: Identity): Access['follows'] {
  const isAudience = includes(audience, identity);
  return entriesOf(subjects).flatMap(([subject, contract]): Access['follows'] => {
    if (contract.kind === 'event') {
      const hears = contract.publisher !== identity && (isAudience || includes(contract.wakes, identity));
      return hears ? [{ subject, from: contract.publisher }] : [];
    }
    const [only, ...others] = contract.kind === 'command' ? contract.publishers : [];
    return only && only !== identity && others.length === 0 && isAudience ? [{ subject, from: only }] : [];
  });
}

type Contract = (typeof subjects)[Subject];

function namesWhere(matches: (contract: Contract) => boolean): readonly Subject[] {
  return entriesOf(subjects)
    .filter(([, contract]) => matches(contract))
    .map(([subject]) => subject);
}

function bucketsWhere(matches: (bucket: (typeof buckets)[BucketName]) => boolean): readonly BucketName[] {
  return entriesOf(buckets)
    .filter(([, bucket]) => matches(bucket))
    .map(([name]) => name);
}

/** Array.includes that accepts a wider type than the array holds. */
function includes<Item extends string>(list: readonly Item[], item: string): item is Item {
  return (list as readonly string[]).includes(item);
}

/** Subjects of the account that owns JetStream which a member reaches as services, with the name it uses for each. */
export function serviceImports(access: Access): readonly { readonly subject: string; readonly local: string; readonly streams: boolean }[] {
  const plain = access.publishes.filter(isStored).map((subject) => ({ subject, local: subject, streams: false }));
  const writes = [...access.writes.map((bucket) => `$KV.${bucket}.>`), ...(access.leases ? [`$KV.leases.${access.identity}.>`] : [])];
  // The bare name is that of questions for several messages at once. It reaches every key of a bucket, so reading is granted by bucket: in
  // `leases`, which all components share, nothing stands that another may not know.
  const reads = [
    ...access.reads.flatMap((bucket) => [
      { subject: `$JS.API.DIRECT.GET.KV_${bucket}.$KV.${bucket}.>`, streams: false },
      { subject: `$JS.API.DIRECT.GET.KV_${bucket}`, streams: true },
    ]),
    ...(access.leases
      ? [
          { subject: `$JS.API.DIRECT.GET.KV_leases.$KV.leases.${access.identity}.>`, streams: false },
          { subject: '$JS.API.DIRECT.GET.KV_leases', streams: true },
        ]
      : []),
    ...(access.readsStream ? [{ subject: `$JS.API.DIRECT.GET.${eventStream}`, streams: true }] : []),
  ];
  const consumers = access.durables.flatMap((durable) => [
    { subject: `$JS.API.CONSUMER.INFO.${eventStream}.${durable}`, streams: false },
    { subject: `$JS.API.CONSUMER.MSG.NEXT.${eventStream}.${durable}`, streams: true },
  ]);
  return [
    ...plain,
    ...writes.map((subject) => ({ subject, local: `JS.K.API.${subject}`, streams: false })),
    ...[...reads, ...consumers].map(({ subject, streams }) => ({ subject, local: subject.replace('$JS.API.', 'JS.K.API.'), streams })),
    ...access.durables.map((durable) => {
      const subject = `$JS.ACK.${eventStream}.${durable}.>`;
      return { subject, local: subject, streams: false };
    }),
  ];
}

function isStored(subject: Subject): boolean {
  const contract = subjects[subject];
  return contract.kind === 'command' || (contract.kind === 'event' && contract.stored);
}

/** What the user of an identity may publish and subscribe to within its own account. */
export function userPermissions(access: Access): { readonly publish: readonly string[]; readonly subscribe: readonly string[] } {
  const unstored = access.publishes.filter((subject) => !isStored(subject));
  return {
    publish: [
      ...serviceImports(access).map(({ local }) => local),
      ...unstored,
      ...access.calls.map(({ subject }) => subject),
      // Answers to requests that came from another account; `allow_responses` would let a caller choose the subject.
      ...(access.serves.length > 0 ? ['_R_.>'] : []),
    ],
    subscribe: [
      `_INBOX_${access.identity}.>`,
      ...access.follows.map(({ subject }) => subject),
      ...access.hearsOwn,
      ...access.serves.map((subject) => `${subject} ${access.identity}`),
    ],
  };
}
