import { nearest, TerminalError } from '@kedge/shared/kernel';

/**
 * The subjects that `patterns` name. A pattern is a subject, its first word (`deploy`), or has NATS wildcards
 * (`deploy.*`, `deploy.>`).
 * @throws {TerminalError} SUBJECT_UNKNOWN naming the nearest one
 */
export function chooseSubjects<Name extends string>(patterns: readonly string[], known: readonly Name[]): Name[] {
  const chosen = new Set(patterns.flatMap((pattern) => matching(pattern, known)));
  return known.filter((subject) => chosen.has(subject));
}

function matching<Name extends string>(pattern: string, known: readonly Name[]): Name[] {
  const found = known.filter((subject) => matches(pattern.split('.'), subject.split('.')));
  if (found.length > 0) return found;
  const near = nearest(pattern, known);
  throw new TerminalError(
    'SUBJECT_UNKNOWN',
    `there is no event "${pattern}" to follow; ${near === null ? `there are: ${known.join(', ')}` : `did you mean "${near}"?`}`,
  );
}

function matches(pattern: readonly string[], subject: readonly string[]): boolean {
  const [first, ...others] = pattern;
  if (pattern.length === 1 && first === subject[0]) return true;
  if (first === undefined) return subject.length === 0;
  if (first === '>') return subject.length > 0;
  return subject.length > 0 && (first === '*' || first === subject[0]) && matches(others, subject.slice(1));
}
