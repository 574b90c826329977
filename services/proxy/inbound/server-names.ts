import type { TlsOptions } from 'node:tls';
import { type Closable, errorMessage } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { certificateHost } from '../core/certificate-host.ts';
import type { CertificateSource } from '../ports.ts';
import type { Routes } from '../routes.ts';
import { createFreshCertificates } from './fresh-certificates.ts';
import { keepNameless, namelessCertificate } from './nameless-clients.ts';
import { createSecureContexts, pemOf } from './secure-contexts.ts';

interface ServerNamesPorts {
  readonly certificates: CertificateSource;
  readonly routes: Pick<Routes, 'current' | 'onReplaced'>;
  readonly log: Logger;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

const noHosts: ReadonlyMap<string, unknown> = new Map();

type KeyPair = Required<Pick<TlsOptions, 'key' | 'cert'>>;

/** What a listener needs for TLS. */
export interface ServerNames {
  /** To begin with. */
  readonly options: KeyPair & Pick<TlsOptions, 'SNICallback'>;
  /** Calls `show` whenever clients that name no host are to be shown another one. Close it with the listener. */
  keepNameless(show: (pair: KeyPair) => void): Closable;
}

/** Shows each host of the routes with its own certificate, as it was within the last second. Rejects when there is none for who names no host. */
export async function createServerNames({
  certificates,
  routes,
  log,
  now = () => performance.now(),
}: ServerNamesPorts): Promise<ServerNames> {
  const contextOf = createSecureContexts(createFreshCertificates({ certificates, now }));
  return {
    options: {
      ...pemOf(await namelessCertificate({ certificates, routes })),
      SNICallback(serverName, done) {
        contextOf(certificateHost(serverName, routes.current()?.hosts ?? noHosts)).then(
          (context) => done(null, context),
          (thrown: unknown) => {
            log.error({ host: serverName, reason: errorMessage(thrown) }, 'there is no certificate for a client');
            done(thrown instanceof Error ? thrown : new Error(String(thrown)));
          },
        );
      },
    },
    keepNameless: (show) => keepNameless({ certificates, routes, log }, (found) => show(pemOf(found))),
  };
}
