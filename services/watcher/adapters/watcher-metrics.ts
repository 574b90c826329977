import { Counter, Gauge, type Registry } from 'prom-client';

/** What the watcher counts. */
export function createWatcherMetrics(registers: Registry) {
  return {
    requests: new Counter({
      name: 'kedge_registry_requests_total',
      help: 'Questions to registries, by what came of them',
      labelNames: ['registry', 'outcome'],
      registers: [registers],
    }),
    revisions: new Counter({
      name: 'kedge_config_revisions_total',
      help: 'Configurations that were put in force, rejected or held',
      labelNames: ['outcome'],
      registers: [registers],
    }),
    images: new Gauge({ name: 'kedge_images_watched', help: 'Distinct images that services declare', registers: [registers] }),
  };
}
