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
  const last = new Map<string, FoundCertificate>();
  const asked = new Map<string, Promise<Certificate>>();

  async function find(host: string): Promise<Certificate> {
    const at = now();
    const stored = await load(host);
    if (stored && whyRenew(stored.terms, { host, now: at }) === null) return stored;
    const unsaved = last.get(host) ?? null;
    if (unsaved && whyRenew(unsaved.terms, { host, now: at }) === null) return unsaved;

    const plan = planSelfSigned(host, at);
    const made = await make(plan);
    log.info({ host, reason: whyRenew(stored?.terms ?? null, { host, now: at }), notAfter: plan.notAfter }, 'self-signed certificate made');
    if (await save(host, made)) last.delete(host);
    else last.set(host, { ...made, terms: plan });
    return made;
  }

  async function load(host: string): Promise<FoundCertificate | null> {
    try {
      return await store.load(host);
    } catch (thrown) {
      log.warn({ host, reason: errorMessage(thrown) }, 'the saved certificate cannot be read');
      return null;
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
