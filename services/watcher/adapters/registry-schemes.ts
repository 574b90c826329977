import { registryAddress } from '../core/images/registry-address.ts';
import { afterAnswer, type SpokenScheme, schemeAfter } from '../core/images/spoken-scheme.ts';
import type { Clock } from '../ports.ts';
import type { HttpAnswer } from './bounded-fetch.ts';
import { speaksTls } from './speaks-tls.ts';

/** Which of HTTPS and plain HTTP each registry speaks. */
export interface RegistrySchemes {
  /** Where it is asked now; rejects only when `signal` aborts. */
  find(registry: string, signal: AbortSignal): Promise<URL>;
  /** Takes note of what came of a question that was asked there. */
  learn(registry: string, asked: { readonly url: URL; readonly answer: { readonly kind: string } | HttpAnswer }): void;
}

interface SchemePorts {
  /** Hosts (with port, if any) that may speak plain HTTP, besides this machine. */
  readonly insecure: readonly string[];
  readonly clock: Clock;
}

/**
 * Every registry is asked over HTTPS; only one of this machine, or one that is listed as insecure, may be asked over plain HTTP, and that only
 * where it speaks no TLS. That is found out by a handshake which carries no request, and remembered while its answers make sense: looks
 * cost no more requests than they did. It is found out anew after a connection that failed, and after an HTTP 400 in the open, by which
 * servers of TLS answer plain HTTP.
 *
 * Credentials: a question that fails over HTTPS is never asked again in the open, as Docker would within a pull; what spoke TLS less than 10 s ago
 * is asked with TLS or not at all; and what was obtained over one of both is never shown over the other (`RegistryAccess`). Whoever is
 * willing to fake plain HTTP for longer than that gets what the list of insecure registries allows anyway. The certificate of a registry that
 * is listed is verified where it has one; that of this machine is not (`boundedFetch`).
 */
export function createRegistrySchemes({ insecure, clock }: SchemePorts): RegistrySchemes {
  const schemes = new Map<string, SpokenScheme>();

  return {
    async find(registry, signal) {
      const { secure, plain } = registryAddress(registry, insecure);
      if (plain === null) return secure;
      const before = schemes.get(registry) ?? null;
      if (before?.holds) return before.isTls ? secure : plain;
      const isSecure = await speaksTls(secure, signal);
      const scheme = schemeAfter({ before: schemes.get(registry) ?? null, speaksTls: isSecure, nowMs: clock.monotonicMs() });
      schemes.set(registry, scheme);
      return scheme.isTls ? secure : plain;
    },

    learn(registry, { url, answer }) {
      const scheme = schemes.get(registry);
      const isTls = url.protocol === 'https:';
      // Another look may have found out something else meanwhile.
      if (scheme?.isTls !== isTls) return;
      const isSound = 'status' in answer && (isTls || answer.status !== 400);
      schemes.set(registry, afterAnswer(scheme, { isSound, nowMs: clock.monotonicMs() }));
    },
  };
}
