import type { Bus } from '@kedge/shared/bus';
import type { ProxyRecord } from '@kedge/shared/contracts';
import { type DrainProof, proveDrain } from './core/drain-proof.ts';
import { leadsSomewhere, tableOf } from './core/endpoints.ts';
import { judgeProxy, type ProxyState } from './core/live-proxies.ts';
import type { Memory } from './memory.ts';
import type { World } from './observe-service.ts';
import type { Clock, ContainerEngine } from './ports.ts';
import type { Stores } from './stores.ts';

interface ProxyWatchPorts {
  readonly bus: Bus;
  readonly stores: Stores;
  readonly engine: ContainerEngine;
  readonly clock: Clock;
  readonly memory: Memory;
  readonly lostAfterMs: number;
}

/** What proxies wrote of themselves, judged by our own clock. */
export interface ProxyWatch {
  /** Every proxy that ever wrote its record, and whether it counts. */
  states(): Promise<readonly { readonly record: ProxyRecord; readonly state: ProxyState }[]>;
  /** What the proxies that count have proven about the endpoints; null when there is nothing to prove. */
  prove(world: World): Promise<DrainProof | null>;
}

/** The engine is asked for the container of each proxy that names one and did not say goodbye. */
export function createProxyWatch({ bus, stores, engine, clock, memory, lostAfterMs }: ProxyWatchPorts): ProxyWatch {
  async function states() {
    const records = [...(await stores.proxies.readAll(bus.node)).values()].map(({ value }) => value);
    return await Promise.all(
      records.map(async (record) => {
        const sighting = { record, silentForMs: memory.watchProxy(record, clock.monotonicMs()), containerRuns: await runs(record) };
        return { record, state: judgeProxy({ sighting, connectedForMs: bus.connectedForMs(), lostAfterMs }) };
      }),
    );
  }

  /** Null when it runs outside of a container. */
  async function runs({ container, goodbye }: ProxyRecord): Promise<boolean | null> {
    if (container === null || goodbye) return null;
    const observed = await engine.inspect(container);
    return observed !== null && (observed.state === 'running' || observed.state === 'paused');
  }

  return {
    states,
    async prove({ service, endpoints }) {
      if (!endpoints) return null;
      const { targets } = endpoints.value;
      const draining = targets.filter(({ state }) => state === 'draining').map(({ id }) => id);
      if (draining.length === 0 && leadsSomewhere(tableOf(endpoints.value))) return null;
      const proxies = (await states()).filter(({ state }) => state !== 'gone').map(({ record }) => record);
      return proveDrain({ service, revision: await stores.endpoints.globalRevision(endpoints.revision), draining, proxies });
    },
  };
}
