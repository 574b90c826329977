import { createSecureContext, type SecureContext, type TlsOptions } from 'node:tls';
import type { Certificate, CertificateSource } from '../ports.ts';

/** What OpenSSL shows to clients who ask for this host. Rejects where there is no certificate for it. */
type SecureContexts = (host: string) => Promise<SecureContext>;

/** Each certificate is made ready once. */
export function createSecureContexts(certificates: CertificateSource): SecureContexts {
  const ready = new Map<string, { readonly certificate: string; readonly context: SecureContext }>();
  return async (host) => {
    const found = await certificates.certificateFor(host);
    const known = ready.get(host);
    if (known?.certificate === found.certificate) return known.context;
    const context = createSecureContext(pemOf(found));
    ready.set(host, { certificate: found.certificate, context });
    return context;
  };
}

/** As OpenSSL takes it. */
export function pemOf({ certificate, privateKey }: Certificate): Required<Pick<TlsOptions, 'key' | 'cert'>> {
  return { cert: certificate, key: privateKey.reveal() };
}
