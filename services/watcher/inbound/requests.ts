import type { Bus } from '@kedge/shared/bus';
import type { ConfigurationLoop } from './configuration-loop.ts';
import type { RegistryLoop } from './registry-loop.ts';

/** Answers what people and the reconciler ask. */
export function serveRequests(
  bus: Bus,
  { configuration, registry }: { readonly configuration: ConfigurationLoop; readonly registry: RegistryLoop },
): void {
  bus.serve('config.validate', async (request) => await configuration.validate(request));
  bus.serve('watcher.check', async (request) => await registry.check(request));
}
