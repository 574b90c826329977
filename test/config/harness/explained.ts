import type { ConfigProblem } from '@kedge/shared/contracts';
import { type Line, linesAround, linesOf } from './broken-lines.ts';

/** A file as it was, what became of its lines, and what was told then. */
export interface Breakage {
  readonly path: string;
  readonly original: string;
  readonly lines: readonly Line[];
  readonly problems: readonly ConfigProblem[];
}

/** The problems that nothing which was broken accounts for: each of them would send somebody to a place where nothing is wrong. */
export function unexplained({ path, original, lines, problems }: Breakage): readonly ConfigProblem[] {
  const intact = new Set(lines.flatMap(({ isBroken, origins }) => (isBroken ? [] : origins)));
  const lost = linesOf(original)
    .filter((_, index) => !intact.has(index + 1))
    .map(({ text }) => text)
    .join('\n');
  const around = linesAround(original, intact);
  return problems.filter((problem) => {
    if (problem.file !== path) return !isAskedFor(problem, lost);
    const at = lines[problem.line - 1];
    // Behind the last line, or at a line that is one statement with a broken one.
    if (!at || at.isBroken || at.origins.some((origin) => around.has(origin))) return false;
    return !isLost(problem, { lost, at }) && !isSeenLater(problem, { lines, lost, at, isAlone: problems.length === 1 });
  });
}

/** Whether another file asks for what was declared in a line that is lost: a service by its name or its path, a network by its name. */
function isAskedFor({ message }: ConfigProblem, lost: string): boolean {
  if (/is not the name of a service/.test(message)) return /^(?:name|path) =/m.test(lost);
  return / is not declared; add a \[\[network\]\]/.test(message) && /^(?:\[\[network\]\]|name =)/m.test(lost);
}

/** Whether what a problem is about was, or got its meaning, in a line that is lost. */
function isLost({ key, message }: ConfigProblem, { lost, at }: { readonly lost: string; readonly at: Line }): boolean {
  // What is missing, or is there twice.
  if (/ is missing/.test(message) && key !== undefined)
    return (key === 'dispenser' ? ['dispenser', 'kedge'] : key.split('.')).some((step) => lost.includes(step));
  if (/needs the other one/.test(message)) return [...lost.matchAll(/^\w+/gm)].some(([word]) => message.includes(word));
  if (/written before/.test(message)) return lost.includes(at.text.split(/[ .=[\]]/).find((each) => each !== '') ?? '');
  // Two ports are one without what told them apart.
  if (/is published twice/.test(message)) return /^(?:host|host_ip|container|protocol) =|^\[\[port\]\]/m.test(lost);
  const headers = [...lost.matchAll(/^\[+ *(?<name>\w+)/gm)].map(({ groups }) => groups?.name);
  // A key stands in the table before its own, whose header is lost.
  if (/: unknown key[; ]/.test(message)) return headers.length > 0;
  // A table of it makes one, and so without what stood below its own header.
  if (/: has no host;/.test(message) && lost.includes('host')) return true;
  return /: has no host;|: must be an array, not a table;/.test(message) && headers.includes(key?.split('.')[0]);
}

interface Seen {
  readonly lines: readonly Line[];
  readonly lost: string;
  readonly at: Line;
  readonly isAlone: boolean;
}

/** Whether a parser can see only here what went wrong in a line that is lost. */
function isSeenLater({ line, message }: ConfigProblem, { lines, lost, at, isAlone }: Seen): boolean {
  // Of a text of several lines only behind it that something is missing; then it is told alone.
  if (isAlone && /"""|'''/.test(lost)) return true;
  // It says that something was expected before this line, and the line before is broken.
  const before = lines.slice(0, line - 1).findLast(({ text }) => !/^\s*(?:#|$)/.test(text));
  if (/was expected before what comes next/.test(message)) return before?.isBroken === true;
  // A block begins or ends there, whose other end is lost.
  return /\{[%#]|[%#]\}/.test(at.text) && /[{}%#]/.test(lost);
}
