import type { Admitted } from './admitted.ts';
import type { CompiledRules } from './compile-rules.ts';
import { editHeaders } from './header-edits.ts';

/** A request as the target gets it. */
export interface TargetHead {
  readonly path: string;
  /** Names and values take turns. */
  readonly headers: readonly string[];
}

/** What the rules of its route make of an admitted request; `rules` null: nothing. */
export function targetHead({ facts, headers }: Pick<Admitted, 'facts' | 'headers'>, rules: CompiledRules | null): TargetHead {
  if (rules === null) return { path: facts.path, headers };
  return { path: facts.path, headers: rules.requestEdits ? editHeaders(headers, rules.requestEdits) : headers };
}
