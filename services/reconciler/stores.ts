import type { Bucket, Bus } from '@kedge/shared/bus';
import {
  BarRecord,
  ConfigManifest,
  EndpointsEntry,
  ImageEntry,
  NodeRecord,
  ProxyRecord,
  ProxySettingsEntry,
  ReleaseRecord,
  RunRecord,
  ScheduleEntry,
  ServiceEntry,
} from '@kedge/shared/contracts';

/** The buckets that the reconciler reads and writes, each seen through its contract. */
export interface Stores {
  readonly services: Bucket<ServiceEntry>;
  readonly manifests: Bucket<ConfigManifest>;
  readonly images: Bucket<ImageEntry>;
  readonly nodes: Bucket<NodeRecord>;
  readonly releases: Bucket<ReleaseRecord>;
  readonly bars: Bucket<BarRecord>;
  readonly endpoints: Bucket<EndpointsEntry>;
  readonly proxySettings: Bucket<ProxySettingsEntry>;
  readonly runs: Bucket<RunRecord>;
  readonly proxies: Bucket<ProxyRecord>;
  readonly schedule: Bucket<ScheduleEntry>;
}

/** Nothing is read by that. A value that does not fit its contract reads as null. */
export function openStores(bus: Bus): Stores {
  return {
    services: bus.bucket('services', ServiceEntry),
    manifests: bus.bucket('services', ConfigManifest),
    images: bus.bucket('images', ImageEntry),
    nodes: bus.bucket('nodes', NodeRecord),
    releases: bus.bucket('releases', ReleaseRecord),
    bars: bus.bucket('bars', BarRecord),
    endpoints: bus.bucket('endpoints', EndpointsEntry),
    proxySettings: bus.bucket('endpoints', ProxySettingsEntry),
    runs: bus.bucket('runs', RunRecord),
    proxies: bus.bucket('proxies', ProxyRecord),
    schedule: bus.bucket('schedule', ScheduleEntry),
  };
}
