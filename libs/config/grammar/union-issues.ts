import type { z } from 'zod';

/** Of several forms the one that was meant is known by its kind: then what is wrong inside of it is told. Else all forms are. */
export function unfoldUnion(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const isOther = ({ code, path }: z.core.$ZodIssue) => path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');
  const meant = issue.errors.filter((issues) => !issues.some(isOther));
  const [only] = meant;
  if (!only || meant.length > 1) return [issue];
  return only.flatMap((inner) => unfoldUnion({ ...inner, path: [...issue.path, ...inner.path] }));
}
