import type { Admitted } from './core/admitted.ts';
import { clientAddress } from './core/client-address.ts';
import { clientKey } from './core/client-key.ts';
import type { CompiledRules, RouteRate } from './core/compile-rules.ts';
import type { ShortAnswer } from './core/error-page.ts';
import { judgeRules, refusal } from './core/judge-rules.ts';
import type { RateLimits } from './rate-limits.ts';

/** What the rules of all requests share. */
export interface RuleGround {
  readonly rateLimits: RateLimits;
}

/** One request before the rules of its route. It may be asked again with every table: what counts, counts once. */
export class RuleGate {
  readonly #in: RuleGround;
  readonly #asked: Admitted;
  #rate: RouteRate | null = null;
  #answerHeaders: readonly string[] = [];

  constructor(ground: RuleGround, asked: Admitted) {
    this.#in = ground;
    this.#asked = asked;
  }

  /** What the answer tells the client beside what the target says; names and values take turns. */
  get answerHeaders(): readonly string[] {
    return this.#answerHeaders;
  }

  /** An answer, or null when the request may go on. */
  ask(rules: CompiledRules): ShortAnswer | null {
    return judgeRules(rules, this.#asked) ?? (rules.rate && this.#count(rules.rate));
  }

  #count(rate: RouteRate): ShortAnswer | null {
    if (this.#rate?.key === rate.key) return null;
    this.#rate = rate;
    const { taken, left, againMs } = this.#in.rateLimits.take(rate.key, clientKey(clientAddress(this.#asked)), rate);
    const seconds = Math.max(1, Math.ceil(againMs / 1_000));
    // As draft-ietf-httpapi-ratelimit-headers-10 has them.
    const limits = ['RateLimit-Policy', rate.policy, 'RateLimit', `"default";r=${left};t=${seconds}`];
    this.#answerHeaders = limits;
    if (taken) return null;
    const answer = refusal(429, this.#asked);
    return { ...answer, headers: [...answer.headers, ...limits, 'Retry-After', String(seconds)] };
  }
}
