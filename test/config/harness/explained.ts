import type { ConfigProblem } from '@kedge/shared/contracts';
import { type Line, linesAround, linesOf } from './broken-lines.ts';

/** A file as it was, what became of its lines, and what was told then. */
export interface Breakage {
  readonly path: string;
  readonly original: string;
  readonly lines: readonly Line[];
  readonly problems: readonly ConfigProblem[];
}

/** A line of the original that is not as it was. */
interface Lost {
  readonly text: string;
  /** The line that begins its table, itself for one that does; empty above the first. */
  readonly header: string;
}

/** The problems that nothing which was broken accounts for: each of them would send somebody to a place where nothing is wrong. */
export function unexplained({ path, original, lines, problems }: Breakage): readonly ConfigProblem[] {
  const intact = new Set(lines.flatMap(({ isBroken, origins }) => (isBroken ? [] : origins)));
  const texts = linesOf(original).map(({ text }) => text);
  const lost = texts.flatMap((text, index) => (intact.has(index + 1) ? [] : [{ text, header: headerOf(texts, index) }]));
  const around = linesAround(original, intact);
  return problems.filter((problem) => {
    if (problem.file !== path) return !isAskedFor(problem, lost);
    const at = lines[problem.line - 1];
    // Behind the last line, or at a line that is one statement with a broken one.
    if (!at || at.isBroken || at.origins.some((origin) => around.has(origin))) return false;
    const header = headerOf(texts, (at.origins[0] ?? 1) - 1);
    return !isLost(problem, { lost, at, header }) && !isSeenLater(problem, { lines, lost, at, isAlone: problems.length === 1 });
  });
}

function headerOf(texts: readonly string[], index: number): string {
  return texts.slice(0, index + 1).findLast((text) => isHeader(text)) ?? '';
}

function isHeader(text: string): boolean {
  return /^\s*\[/.test(text);
}

function someLine(lost: readonly Lost[], form: RegExp): boolean {
  return lost.some(({ text }) => form.test(text));
}

/** Stands in no file: a line without a word explains nothing. */
const noWord = '\0';

/** What tells two routes, or two published ports, apart. */
const ofRoute = /^(?:hosts?|path) =|^\[proxy\]/;
const ofPort = /^(?:host|host_ip|container|protocol) =|^\[\[port\]\]/;

/** Whether another file asks for what was declared in a line that is lost: a service by its name or its path, a network by its name. */
function isAskedFor({ message }: ConfigProblem, lost: readonly Lost[]): boolean {
  if (/two services claim the route/.test(message)) return someLine(lost, ofRoute);
  if (/is not the name of a service/.test(message)) return someLine(lost, /^(?:name|path) =/);
  return / is not declared; add a \[\[network\]\]/.test(message) && someLine(lost, /^(?:\[\[network\]\]|name =)/);
}

interface Place {
  readonly lost: readonly Lost[];
  readonly at: Line;
  /** Of the table in which the line stood. */
  readonly header: string;
}

/** Whether what a problem is about was, or got its meaning, in a line that is lost. */
function isLost({ key = '', message }: ConfigProblem, { lost, at, header }: Place): boolean {
  const [table = ''] = key.split('.');
  // What is missing, or is there twice.
  if (/ is missing/.test(message) && key !== '')
    return (key === 'dispenser' ? ['dispenser', 'kedge'] : key.split('.')).some((step) => lost.some(({ text }) => text.includes(step)));
  if (/needs (?:the other one|")/.test(message))
    return lost.some(({ text }) => (isHeader(text) ? text === header : message.includes(/^\w+/.exec(text)?.[0] ?? noWord)));
  if (/written before/.test(message)) {
    const word = at.text.split(/[ .=[\]]/).find((each) => each !== '') ?? noWord;
    return lost.some(({ text }) => text.includes(word));
  }
  // Two are one without what told them apart.
  if (/is published twice/.test(message)) return someLine(lost, ofPort);
  if (/two services claim the route/.test(message)) return someLine(lost, ofRoute);
  // A key stands in the table before its own, whose header is lost.
  if (/: unknown key[; ]/.test(message)) return lost.some(({ text }) => text === header && isHeader(text));
  // A table of it makes one, and so without what stood below its own header.
  if (/: must be an array, not a table;/.test(message)) return lost.some(({ text }) => text.includes(table) && isHeader(text));
  const isOfProxy = ({ text, header: own }: Lost) => own.includes('proxy') && (isHeader(text) || /^hosts? =/.test(text));
  return /: has no host;/.test(message) && lost.some(isOfProxy);
}

interface Seen {
  readonly lines: readonly Line[];
  readonly lost: readonly Lost[];
  readonly at: Line;
  readonly isAlone: boolean;
}

/** Whether a parser can see only here what went wrong in a line that is lost. */
function isSeenLater({ line, message }: ConfigProblem, { lines, lost, at, isAlone }: Seen): boolean {
  // Of a text of several lines only behind it that something is missing; then it is told alone.
  if (isAlone && someLine(lost, /"""|'''/)) return true;
  // It says that something was expected before this line, and the line before is broken.
  const before = lines.slice(0, line - 1).findLast(({ text }) => !/^\s*(?:#|$)/.test(text));
  if (/was expected before what comes next/.test(message)) return before?.isBroken === true;
  // A block begins or ends there, whose other end is lost.
  return /\{[%#]|[%#]\}/.test(at.text) && someLine(lost, /[{}%#]/);
}
