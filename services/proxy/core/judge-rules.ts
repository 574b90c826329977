import type { Admitted } from './admitted.ts';
import type { CompiledRules } from './compile-rules.ts';
import { errorPage, type ShortAnswer } from './error-page.ts';
import { askedProtocol } from './forwarded-headers.ts';
import { headerIn } from './header-edits.ts';
import { hostRedirect } from './host-redirect.ts';

/** What a rule says to a request without asking anybody: an answer, or null when it may go on. Repeating it changes nothing. */
export function judgeRules(rules: CompiledRules, asked: Admitted): ShortAnswer | null {
  if (rules.closed !== null) return errorPage(503, { accept: headerIn(asked.rawHeaders, 'accept') });
  if (rules.redirect) return hostRedirect({ ...asked.facts, method: asked.method, protocol: askedProtocol(asked) }, rules.redirect);
  return null;
}
