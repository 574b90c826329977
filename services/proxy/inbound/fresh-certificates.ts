import type { Certificate, CertificateSource } from '../ports.ts';

interface FreshPorts {
  readonly certificates: CertificateSource;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** How long a certificate is shown before somebody is asked whether it is still the one. */
const freshForMs = 1_000;

/** Certificates as they were within the last second. */
export function createFreshCertificates({ certificates, now }: FreshPorts): CertificateSource {
  const known = new Map<string, { readonly certificate: Certificate; readonly askedAt: number }>();
  return {
    async certificateFor(host) {
      const askedAt = now();
      const fresh = known.get(host);
      if (fresh && askedAt - fresh.askedAt < freshForMs) return fresh.certificate;
      const certificate = await certificates.certificateFor(host);
      known.set(host, { certificate, askedAt });
      return certificate;
    },
  };
}
