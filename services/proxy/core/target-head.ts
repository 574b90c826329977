import type { Admitted } from './admitted.ts';
import type { CompiledRules } from './compile-rules.ts';
import { editHeaders, headerIn } from './header-edits.ts';
import { withoutLastSlashes } from './last-slashes.ts';
import { rewritePath } from './rewrite-path.ts';

/** A request as the target gets it. */
export interface TargetHead {
  readonly path: string;
  /** Names and values take turns. */
  readonly headers: readonly string[];
}

/** What the rules of its route make of an admitted request; `rules` null: nothing. */
export function targetHead({ facts, headers }: Pick<Admitted, 'facts' | 'headers'>, rules: CompiledRules | null): TargetHead {
  if (rules === null) return { path: facts.path, headers };
  const { rewrite, requestEdits } = rules;
  const told = rewrite === null || rewrite.from === '/' ? headers : tellPrefix(headers, rewrite.from);
  return {
    path: rewrite === null ? facts.path : rewritePath(facts.path, rewrite),
    headers: requestEdits ? editHeaders(told, requestEdits) : told,
  };
}

/** Where the service stands for the client, behind where the proxies stand that came before and are believed. */
function tellPrefix(headers: readonly string[], prefix: string): string[] {
  const before = headerIn(headers, 'x-forwarded-prefix') ?? '';
  return editHeaders(headers, { drop: prefixNames, add: ['X-Forwarded-Prefix', `${withoutLastSlashes(before)}${prefix}`] });
}

const prefixNames: ReadonlySet<string> = new Set(['x-forwarded-prefix']);
