import { type Closable, errorMessage, startPeriodic } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { namelessHost } from '../core/certificate-host.ts';
import type { Certificate, CertificateSource } from '../ports.ts';
import type { Routes } from '../routes.ts';

interface NamelessPorts {
  readonly certificates: CertificateSource;
  readonly routes: Pick<Routes, 'current' | 'onReplaced'>;
  readonly log: Logger;
}

/** Certificates end, and their files are removed by people. */
const lookEveryMs = 60_000;

/** What clients are shown that name no host, as the routes are now. Rejects when there is none to be had. */
export async function namelessCertificate({ certificates, routes }: Omit<NamelessPorts, 'log'>): Promise<Certificate> {
  return await certificates.certificateFor(namelessHost(routes.current()?.hosts.keys() ?? []));
}

/**
 * Calls `show` at once, and whenever it is another certificate: with the routes, and within a minute otherwise. OpenSSL takes it before it asks
 * anybody, so it has to be there before they come. While none can be had, the last one stays.
 */
export function keepNameless({ log, ...ports }: NamelessPorts, show: (certificate: Certificate) => void): Closable {
  let shown = '';
  const loop = startPeriodic({
    everyMs: lookEveryMs,
    work: async (signal) => {
      const found = await namelessCertificate(ports);
      if (found.certificate === shown || signal.aborted) return;
      show(found);
      shown = found.certificate;
    },
    onError: (thrown) => log.error({ reason: errorMessage(thrown) }, 'there is no certificate for clients that name no host'),
  });
  const forget = ports.routes.onReplaced(() => loop.wake());
  return {
    async close() {
      forget();
      await loop.close();
    },
  };
}
