import { createSecureContext, type SecureContext, type TlsOptions } from 'node:tls';
import { errorMessage } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { certificateHost, fallbackHost } from '../core/certificate-host.ts';
import type { Certificate, CertificateSource } from '../ports.ts';
import type { Routes } from '../routes.ts';

interface ServerNamesPorts {
  readonly certificates: CertificateSource;
  readonly routes: Pick<Routes, 'current'>;
  readonly log: Logger;
}

/** What a listener needs for TLS. */
export type ServerNames = Pick<TlsOptions, 'key' | 'cert' | 'SNICallback'>;

/** Shows each host of the routes with its own certificate, as it is at that moment. Who names none gets the fallback as it is now. */
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
    ...pemOf(await certificates.certificateFor(fallbackHost)),
    SNICallback(serverName, done) {
      choose(serverName).then(
        (context) => done(null, context),
        (thrown: unknown) => {
          log.error({ host: serverName, reason: errorMessage(thrown) }, 'there is no certificate for a client');
          done(thrown instanceof Error ? thrown : new Error(String(thrown)));
        },
      );
    },
  };
}

function pemOf({ certificate, privateKey }: Certificate): { readonly cert: string; readonly key: string } {
  return { cert: certificate, key: privateKey.reveal() };
}
