import type { Bus } from '@kedge/shared/bus';
import { type Digest, pinnedReference, type ReleaseName, type SecretRef, type ServiceSpec } from '@kedge/shared/contracts';
import { createTurns, errorCode, errorMessage, RetryableError, type Sealed } from '@kedge/shared/kernel';
import { allocateAddress } from './core/allocate-address.ts';
import { changedSecretMessage } from './core/changed-secret.ts';
import { desiredContainer, secretsOf } from './core/desired-container.ts';
import { hostNetwork, isOnHostNetwork } from './core/host-network.ts';
import type { NetworkKeeper } from './keep-networks.ts';
import type { Memory } from './memory.ts';
import type { World } from './observe-service.ts';
import type { Clock, ContainerEngine, DefaultNetwork, LocalImage, ObservedContainer, SecretSource } from './ports.ts';
import type { AddressRest } from './rest-addresses.ts';

/** A release that containers are made of. */
export interface Making {
  readonly spec: ServiceSpec;
  readonly release: ReleaseName;
  readonly digest: Digest;
  readonly source: 'registry' | 'local';
  readonly rollout: string;
}

interface MakerPorts {
  readonly bus: Bus;
  readonly engine: ContainerEngine;
  readonly secrets: SecretSource;
  readonly clock: Clock;
  readonly memory: Memory;
  readonly rest: Pick<AddressRest, 'resting'>;
  readonly networks: Pick<NetworkKeeper, 'ensure'>;
  readonly networkName: (world: World) => string;
  readonly preferredSubnet: string;
  /** Where the configuration folder lies on the host. */
  readonly configFolder: () => Promise<string>;
}

/** One container of a release. */
interface WantedContainer {
  readonly making: Making;
  readonly slot: number;
  readonly name: string;
}

/** Makes containers with everything that they need: networks, an address that nobody else has, and secrets. None is started. */
export interface ContainerMaker {
  /** The image of a release when the engine holds it, else null. */
  findImage(making: Pick<Making, 'spec' | 'digest' | 'source'>): Promise<LocalImage | null>;
  /** Rejects with RetryableError SECRETS_UNAVAILABLE or SECRET_CHANGED before anything is made, and with whatever the engine says. */
  create(world: World, wanted: WantedContainer): Promise<ObservedContainer>;
  /** The networks that the service needs, made when they are missing. */
  ensureNetworks(world: World, spec: ServiceSpec): Promise<DefaultNetwork>;
}

/** A promise of an address holds until the engine knows the container. */
const promiseMs = 60_000;

/** One for the whole process: whoever is given an address is so in turn. */
export function createContainerMaker(ports: MakerPorts): ContainerMaker {
  const { bus, engine, rest, secrets, clock, memory } = ports;
  /** Creating takes turns, so that two services are not promised the same address. */
  const inTurn = createTurns();

  async function ensureNetworks(world: World, spec: ServiceSpec): Promise<DefaultNetwork> {
    const names = (spec.network ?? []).map(({ name }) => name);
    if (names.length > 0) await ports.networks.ensure(world.manifest, names);
    return await engine.ensureDefaultNetwork(ports.networkName(world), ports.preferredSubnet);
  }

  /** Whether another value comes into force by itself is known here, and not where it was found. */
  async function resolve({ manifest }: World, refs: readonly SecretRef[]): Promise<ReadonlyMap<string, Sealed>> {
    try {
      return await secrets.resolve(refs);
    } catch (thrown) {
      const message = errorCode(thrown) === 'SECRET_CHANGED' ? changedSecretMessage(errorMessage(thrown), manifest) : null;
      if (message === null) throw thrown;
      throw new RetryableError('SECRET_CHANGED', message, { cause: thrown });
    }
  }

  async function allocate(network: DefaultNetwork): Promise<string> {
    const nowMs = clock.monotonicMs();
    for (const [address, untilMs] of memory.promised) if (untilMs < nowMs) memory.promised.delete(address);
    const [containers, retired] = await Promise.all([engine.list(bus.node), rest.resting()]);
    const owned = containers.flatMap(({ address, kedge }) => [address, kedge?.address ?? null]).filter((address) => address !== null);
    const address = allocateAddress({
      subnet: network.subnet,
      gateway: network.gateway,
      dynamicRange: network.dynamicRange,
      taken: new Set([...network.used, ...owned, ...memory.promised.keys()]),
      retired,
      now: clock.now().getTime(),
    });
    memory.promised.set(address, nowMs + promiseMs);
    return address;
  }

  async function placeOf(world: World, spec: ServiceSpec): Promise<{ readonly network: string; readonly address: string | null }> {
    if (isOnHostNetwork(spec)) return { network: hostNetwork, address: null };
    const network = await ensureNetworks(world, spec);
    return { network: network.name, address: await allocate(network) };
  }

  return {
    ensureNetworks,
    findImage: async (making) => await engine.image(imageName({ ...making, image: making.spec.service.image })),
    async create(world, { making, slot, name }) {
      const { spec } = making;
      const refs = secretsOf(spec);
      const values = refs.length > 0 ? await resolve(world, refs) : new Map();
      const configFolder = await ports.configFolder();
      return await inTurn(async () => {
        const place = await placeOf(world, spec);
        return await engine.create(
          desiredContainer({
            ...making,
            node: bus.node,
            slot,
            name,
            image: imageName({ ...making, image: spec.service.image }),
            ...place,
            secrets: values,
            configFolder,
          }),
        );
      });
    },
  };
}

/** What the engine knows the image of a release by. */
export function imageName({ image, digest, source }: Pick<Making, 'digest' | 'source'> & { readonly image: string }): string {
  return source === 'local' ? digest : pinnedReference(image, digest);
}
