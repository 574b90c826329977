import { createSecureContext, type SecureContext, type TlsOptions } from 'node:tls';
import type { Certificate, CertificateSource } from '../ports.ts';

interface SecureContextsPorts {
  readonly certificates: CertificateSource;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** What OpenSSL shows to clients who ask for this host. Rejects where there is no certificate for it. */
export type SecureContexts = (host: string) => Promise<SecureContext>;

/** How long a certificate is shown before somebody is asked whether it is still the one. */
const freshForMs = 1_000;

/** A certificate, ready to be shown. */
interface Shown {
  readonly certificate: string;
  readonly context: SecureContext;
  readonly askedAt: number;
}

/** Certificates as they were within the last second, each made ready once. */
export function createSecureContexts({ certificates, now }: SecureContextsPorts): SecureContexts {
  const contexts = new Map<string, Shown>();
  return async (host) => {
    const askedAt = now();
    const shown = contexts.get(host);
    if (shown && askedAt - shown.askedAt < freshForMs) return shown.context;
    const found = await certificates.certificateFor(host);
    const isSame = shown?.certificate === found.certificate;
    const context = isSame ? shown.context : createSecureContext(pemOf(found));
    contexts.set(host, { certificate: found.certificate, context, askedAt });
    return context;
  };
}

/** As OpenSSL takes it. */
export function pemOf({ certificate, privateKey }: Certificate): Required<Pick<TlsOptions, 'key' | 'cert'>> {
  return { cert: certificate, key: privateKey.reveal() };
}
