import type { Admitted } from './core/admitted.ts';
import { basicCredentials } from './core/basic-credentials.ts';
import { clientAddress } from './core/client-address.ts';
import { clientKey } from './core/client-key.ts';
import type { CompiledRules, RouteRate, RouteUsers } from './core/compile-rules.ts';
import type { ShortAnswer } from './core/error-page.ts';
import { judgeRules, refusal } from './core/judge-rules.ts';
import { secondsUntil } from './core/rate.ts';
import type { Login, Passwords } from './passwords.ts';
import type { RateLimits } from './rate-limits.ts';

/** What the rules of all requests share. */
export interface RuleGround {
  readonly rateLimits: RateLimits;
  readonly passwords: Passwords;
}

/** What the rules say to a request. */
export type RuleVerdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'answer'; readonly answer: ShortAnswer }
  /** Nobody can say yet; the answer is for who does not wait (any longer). */
  | { readonly kind: 'unknown'; readonly answer: ShortAnswer }
  /** It has to be asked again then. Never rejects. */
  | { readonly kind: 'later'; readonly decided: Promise<void> };

const pass: RuleVerdict = { kind: 'pass' };
/** Seconds, for who tries too often to log in. */
const tryAgainAfter = '2';

/** One request before the rules of its route. It may be asked again with every table: what counts, counts once. */
export class RuleGate {
  readonly #in: RuleGround;
  readonly #asked: Admitted;
  #rate: RouteRate | null = null;
  #login: { readonly key: string; readonly outcome: Exclude<Login, 'unknown'> } | null = null;
  #answerHeaders: readonly string[] = [];

  constructor(ground: RuleGround, asked: Admitted) {
    this.#in = ground;
    this.#asked = asked;
  }

  /** What the answer tells the client beside what the target says; names and values take turns. */
  get answerHeaders(): readonly string[] {
    return this.#answerHeaders;
  }

  ask(rules: CompiledRules): RuleVerdict {
    const answer = judgeRules(rules, this.#asked) ?? (rules.rate && this.#count(rules.rate));
    if (answer) return { kind: 'answer', answer };
    return rules.auth ? this.#logIn(rules.auth) : pass;
  }

  #count(rate: RouteRate): ShortAnswer | null {
    if (this.#rate?.key === rate.key) return null;
    this.#rate = rate;
    const { taken, left, againMs } = this.#in.rateLimits.take(rate.key, this.#client(), rate);
    const seconds = secondsUntil(againMs);
    // As draft-ietf-httpapi-ratelimit-headers-10 has them.
    this.#answerHeaders = ['RateLimit-Policy', rate.policy, 'RateLimit', `"default";r=${left};t=${seconds}`];
    return taken ? null : this.#refuse(429, ['Retry-After', String(seconds)]);
  }

  #logIn({ key, users }: RouteUsers): RuleVerdict {
    if (this.#login?.key === key) return this.#judge(this.#login.outcome);
    const credentials = basicCredentials(this.#asked.rawHeaders);
    if (!credentials) return this.#judge('wrong');
    const outcome = this.#in.passwords.check({ ...credentials, users, client: this.#client() });
    if (typeof outcome === 'string') return this.#judge(outcome);
    const note = (decided: Login) => {
      // Its hash was forgotten meanwhile, and may be known again with the next look.
      if (decided !== 'unknown') this.#login = { key, outcome: decided };
    };
    return { kind: 'later', decided: outcome.then(note) };
  }

  #judge(login: Login): RuleVerdict {
    switch (login) {
      case 'right':
        return pass;
      case 'wrong':
        return { kind: 'answer', answer: this.#refuse(401, ['WWW-Authenticate', 'Basic realm="Restricted", charset="UTF-8"']) };
      case 'busy':
        return { kind: 'answer', answer: this.#refuse(429, ['Retry-After', tryAgainAfter]) };
      case 'unknown':
        return { kind: 'unknown', answer: this.#refuse(503, []) };
      case 'unusable':
        return { kind: 'answer', answer: this.#refuse(503, []) };
      default:
        return login satisfies never;
    }
  }

  #refuse(status: 401 | 429 | 503, headers: readonly string[]): ShortAnswer {
    const answer = refusal(status, this.#asked);
    return { ...answer, headers: [...answer.headers, ...this.#answerHeaders, ...headers] };
  }

  #client(): string {
    return clientKey(clientAddress(this.#asked));
  }
}
