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
}

type KeyPair = Required<Pick<TlsOptions, 'key' | 'cert'>>;

/** What a listener needs for TLS. */
export interface ServerNames {
  /** To begin with. */
  readonly options: KeyPair & Pick<TlsOptions, 'SNICallback'>;
  /** Calls `show` whenever clients that name no host are to be shown another one. Close it with the listener. */
  keepNameless(show: (pair: KeyPair) => void): Closable;
}

/** Shows each host of the routes with its own certificate, as it is at that moment. Rejects when there is none for who names no host. */
export async function createServerNames({ certificates, routes, log }: ServerNamesPorts): Promise<ServerNames> {
  const contexts = new Map<string, { readonly certificate: string; readonly context: SecureContext }>();

  function contextOf(host: string, found: Certificate): SecureContext {
    const known = contexts.get(host);
    if (known?.certificate === found.certificate) return known.context;
    const context = createSecureContext(pemOf(found));
    contexts.set(host, { certificate: found.certificate, context });
    return context;
  }

  async function choose(serverName: string): Promise<SecureContext | undefined> {
    const host = certificateHost(serverName, routes.current()?.hosts ?? new Map());
    return contextOf(host, await certificates.certificateFor(host));
  }

  return {
    options: {
      ...pemOf(await namelessCertificate({ certificates, routes })),
      SNICallback(serverName, done) {
        choose(serverName).then(
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
