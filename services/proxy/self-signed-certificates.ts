import { errorMessage } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { planSelfSigned, whyRenew } from './core/self-signed.ts';
import type { Certificate, CertificateSource, FoundCertificate, MakeSelfSigned, SelfSignedStore } from './ports.ts';

interface SelfSignedPorts {
  readonly store: SelfSignedStore;
  readonly make: MakeSelfSigned;
  readonly now: () => Date;
  readonly log: Logger;
}

/**
 * Certificates that this machine signs itself, made when they are first asked for. What the store holds is looked at with each question, so
 * that all proxies of the machine show the same; where it cannot be used, the last one of this process serves.
 */
export function createSelfSignedCertificates({ store, make, now, log }: SelfSignedPorts): CertificateSource {
  const last = new Map<string, FoundCertificate & { readonly saved: boolean }>();
  const asked = new Map<string, Promise<Certificate>>();

  async function find(host: string): Promise<Certificate> {
    const at = now();
    const stored = await load(host);
    const reason = whyRenew(stored === 'unreadable' ? null : (stored?.terms ?? null), { host, now: at });
    if (stored !== null && stored !== 'unreadable' && reason === null) return stored;
    const own = last.get(host);
    // What was saved and is gone, somebody has removed.
    const isOnlyHere = own !== undefined && (stored === 'unreadable' || !own.saved);
    if (isOnlyHere && whyRenew(own.terms, { host, now: at }) === null) return own;

    const plan = planSelfSigned(host, at);
    const made = await make(plan);
    log.info({ host, reason, notAfter: plan.notAfter }, 'self-signed certificate made');
    last.set(host, { ...made, terms: plan, saved: await save(host, made) });
    return made;
  }

  async function load(host: string): Promise<FoundCertificate | 'unreadable' | null> {
    try {
      return await store.load(host);
    } catch (thrown) {
      log.warn({ host, reason: errorMessage(thrown) }, 'the saved certificate cannot be read');
      return 'unreadable';
    }
  }

  async function save(host: string, certificate: Certificate): Promise<boolean> {
    try {
      await store.save(host, certificate);
      return true;
    } catch (thrown) {
      log.warn({ host, reason: errorMessage(thrown) }, 'the certificate could not be saved; after a restart there will be another one');
      return false;
    }
  }

  return {
    async certificateFor(host) {
      const pending = asked.get(host);
      if (pending) return await pending;
      const found = find(host).finally(() => asked.delete(host));
      asked.set(host, found);
      return await found;
    },
  };
}
