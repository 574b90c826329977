import { Sealed } from '@kedge/shared/kernel';
import type { MaybeSealed } from '../ports.ts';

/** The text itself, for the engine and nobody else. */
export function inClear(value: MaybeSealed): string {
  return value instanceof Sealed ? value.reveal() : value;
}

/** As `inClear`, for all texts of a table. */
export function allInClear(texts: Readonly<Record<string, MaybeSealed>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([key, value]) => [key, inClear(value)]));
}
