import type { Admitted } from './admitted.ts';
import { clientAddress } from './client-address.ts';
import type { CompiledRules } from './compile-rules.ts';
import { type ErrorStatus, errorPage, type ShortAnswer } from './error-page.ts';
import { askedProtocol } from './forwarded-headers.ts';
import { headerIn } from './header-edits.ts';
import { hostRedirect } from './host-redirect.ts';

/** What the rules say to a request without asking anybody: an answer, or null when it may go on. Asked again they say the same. */
export function judgeRules(rules: CompiledRules, asked: Admitted): ShortAnswer | null {
  if (rules.closed !== null) return refusal(503, asked);
  if (!rules.allows(clientAddress(asked))) return refusal(403, asked);
  if (rules.redirect) return hostRedirect({ ...asked.facts, method: asked.method, protocol: askedProtocol(asked) }, rules.redirect);
  if (rules.maintenance) return rules.maintenance(headerIn(asked.rawHeaders, 'accept'));
  if ((asked.facts.bodyBytes ?? 0) > rules.maxBody) return refusal(413, asked);
  return null;
}

/** A page of the proxy's own, as the client would like to read it. */
export function refusal(status: ErrorStatus, { rawHeaders }: Admitted, detail?: string): ShortAnswer {
  return errorPage(status, { accept: headerIn(rawHeaders, 'accept'), detail });
}
