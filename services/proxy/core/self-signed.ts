/** For whom a certificate holds, and for how long. */
export interface CertificateTerms {
  /** All names of DNS in it. */
  readonly names: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** A certificate that is to be made. */
export interface CertificatePlan extends CertificateTerms {
  /** For people who look at it; clients go by `names`. */
  readonly commonName: string;
}

/** Why another certificate is needed. */
export type RenewalReason = 'there is none' | 'it is of another host' | 'it does not hold yet' | 'most of its time is over';

const hourMs = 3_600_000;
const lifetimeMs = 90 * 24 * hourMs;
/** Clocks of clients may be behind. */
const earlierMs = hourMs;
/** `ub-common-name` (RFC 5280, appendix A.1). */
const longestCommonName = 64;

/** For one host, 90 days from now and for the last hour. */
export function planSelfSigned(host: string, now: Date): CertificatePlan {
  return {
    names: [host],
    commonName: host.length <= longestCommonName ? host : 'self-signed',
    notBefore: new Date(now.getTime() - earlierMs),
    notAfter: new Date(now.getTime() + lifetimeMs),
  };
}

/** Null while the certificate is good: for the host and no other, and with a third of its time left. */
export function whyRenew(
  found: CertificateTerms | null,
  { host, now }: { readonly host: string; readonly now: Date },
): RenewalReason | null {
  if (found === null) return 'there is none';
  if (found.names.length !== 1 || found.names[0] !== host) return 'it is of another host';
  const [from, until, at] = [found.notBefore.getTime(), found.notAfter.getTime(), now.getTime()];
  if (at < from) return 'it does not hold yet';
  return until - at < (until - from) / 3 ? 'most of its time is over' : null;
}
