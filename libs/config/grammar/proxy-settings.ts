import type { ProxySettings } from '@kedge/shared/contracts';
import type { MainFile } from './main-file.ts';

/** `[proxy]` of the main file as proxies read it: addresses of those who are believed stand apart from whether everybody is. */
export function proxySettings({ trust_forwarded_headers: trust, ...settings }: NonNullable<MainFile['proxy']>): ProxySettings {
  if (trust === undefined) return settings;
  return Array.isArray(trust)
    ? { ...settings, trust_forwarded_headers: false, trusted_proxies: trust }
    : { ...settings, trust_forwarded_headers: trust };
}
