import type { Bus } from '@kedge/shared/bus';
import { buckets, type CloudEvent, ConfigManifest, manifestKey, NodeName, ServiceEntry } from '@kedge/shared/contracts';
import { startTestBus } from '@kedge/shared/testing';
import { createApplyConfiguration } from '../apply-configuration.ts';
import { isStagedKey } from '../core/configuration/staged-specs.ts';
import { createTestClock } from './test-clock.ts';

/** What is in force under a name, as far as tests tell specs apart. */
interface SpecInForce {
  readonly image: string;
  readonly hash: string;
}

/** Starts a real bus, on which each test has a node of its own, and tells what lies there of a configuration. */
export async function startConfigurationRig() {
  const testBus = await startTestBus();
  const events: CloudEvent[] = [];
  (await testBus.connect('cli')).follow(['config.changed', 'config.rejected'], (event) => events.push(event));
  const clock = createTestClock();
  let count = 0;
  let bus = await connect('n0');

  async function connect(node: string): Promise<Bus> {
    return await testBus.connect('watcher', { node });
  }

  /** Of this node, in the bucket of specs. */
  const keys = async () =>
    [...(await bus.bucket('services', buckets.services.value).readEverything()).keys()].filter((key) => key.startsWith(`${bus.node}.`));

  return {
    /** What applies configurations to the node: over the bus of `rig.bus`, unless over another one. */
    watcher: (given: { readonly bus?: Bus; readonly folder?: string } = {}) => createApplyConfiguration({ bus, clock, ...given }),
    /** Of a watcher of the node. */
    get bus(): Bus {
      return bus;
    },
    /** Of another watcher of it. */
    second: async () => await connect(bus.node),
    /** A node on which nothing is yet. */
    async fresh(): Promise<void> {
      count += 1;
      bus = await connect(`n${count}`);
    },
    keys,
    manifest: async () => await bus.bucket('services', ConfigManifest).get(manifestKey(NodeName.parse(bus.node))),
    async specs(): Promise<Readonly<Record<string, SpecInForce>>> {
      const entries = [...(await bus.bucket('services', ServiceEntry).readAll(bus.node)).values()];
      return Object.fromEntries(
        entries
          .map(({ value }) => [value.spec.service.name, { image: String(value.spec.service.image), hash: value.hash }] as const)
          .toSorted(),
      );
    },
    /** Keys of specs that no manifest put in force yet. */
    waiting: async () => (await keys()).filter(isStagedKey),
    /** Distinct events; the stream drops what comes twice under one id, a core subscriber hears it. */
    said: (node: string = bus.node) => new Map(events.filter(({ kedgenode }) => kedgenode === node).map((event) => [event.id, event])),
    close: async () => await testBus.close(),
  };
}

/** A started one. */
export type ConfigurationRig = Awaited<ReturnType<typeof startConfigurationRig>>;

/** What a manifest says of these specs. */
export function hashesOf(specs: Readonly<Record<string, SpecInForce>>): Record<string, string> {
  return Object.fromEntries(Object.entries(specs).map(([name, { hash }]) => [name, hash]));
}
