import type { Entry } from '@kedge/shared/bus';
import { type ReleaseRecord, serviceKey } from '@kedge/shared/contracts';
import type { World } from '../observe-service.ts';
import { declared } from './observed.ts';
import { node, web } from './simulated-proxies.ts';

export const worldNow = Date.parse('2026-01-01T01:00:00Z');

/** What a pass sees of a service that is declared and has nothing yet; what a test is about is changed in it. */
export function worldOf(changes: Partial<World> = {}): World {
  return {
    service: web,
    key: serviceKey(node, web),
    manifest: { node, revision: 'r', entry: 'kedge.toml', services: { [web]: 'hash' }, delay: 2 },
    down: null,
    declared: null,
    spec: declared(),
    image: null,
    local: null,
    record: null,
    bars: null,
    endpoints: null,
    containers: [],
    foreign: null,
    quietForMs: new Map(),
    now: worldNow,
    ...changes,
  };
}

/** The record of a service as it is stored. */
export function recordOf(changes: Partial<ReleaseRecord>): Entry<ReleaseRecord> {
  const value: ReleaseRecord = { node, service: web, serving: null, rollout: null, ...changes };
  return { key: serviceKey(node, web), value, revision: 1, writtenAt: new Date(worldNow) };
}

/** Writes nothing and remembers what would have been written. */
export function rememberingWriter() {
  const written: ReleaseRecord[] = [];
  async function write({ record }: Pick<World, 'record'>, change: (record: ReleaseRecord) => ReleaseRecord): Promise<Entry<ReleaseRecord>> {
    const value = change(record?.value ?? { node, service: web, serving: null, rollout: null });
    written.push(value);
    return recordOf(value);
  }
  return { written, write };
}
