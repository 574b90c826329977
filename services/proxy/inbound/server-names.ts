import { createSecureContext, type SecureContext, type TlsOptions } from 'node:tls';
import { type Closable, errorMessage } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { certificateHost } from '../core/certificate-host.ts';
import type { Certificate, CertificateSource } from '../ports.ts';
import type { Routes } from '../routes.ts';
import { keepNameless, namelessCertificate } from './nameless-clients.ts';

interface ServerNamesPorts {
  readonly certificates: CertificateSource;
  readonly routes: Pick<Routes, 'current' | 'onReplaced'>;
  readonly log: Logger;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** How long a certificate is shown before somebody is asked whether it is still the one. */
const freshForMs = 1_000;

const noHosts: ReadonlyMap<string, unknown> = new Map();

/** A certificate, ready to be shown. */
interface Shown {
  readonly certificate: string;
  readonly context: SecureContext;
  readonly askedAt: number;
}

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
  const contexts = new Map<string, Shown>();

  async function contextOf(host: string): Promise<SecureContext> {
    const askedAt = now();
    const shown = contexts.get(host);
    if (shown && askedAt - shown.askedAt < freshForMs) return shown.context;
    const found = await certificates.certificateFor(host);
    const isSame = shown?.certificate === found.certificate;
    const context = isSame ? shown.context : createSecureContext(pemOf(found));
    contexts.set(host, { certificate: found.certificate, context, askedAt });
    return context;
  }

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

function pemOf({ certificate, privateKey }: Certificate): KeyPair {
  return { cert: certificate, key: privateKey.reveal() };
}
