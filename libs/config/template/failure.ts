import { nearest } from '@kedge/shared/kernel';
import { findOddOutsideTexts } from '../grammar/odd-characters.ts';
import { findBlocks } from './block-tree.ts';
import type { CodeToken } from './code-tokens.ts';
import { mostText, type Rendering } from './engine.ts';
import { explainOperation } from './failed-operation.ts';
import type { Segment, Template, TemplateProblem } from './lexer.ts';
import { describeLoadedElse, describeLoneTag } from './lone-tag.ts';
import { namesMentioned, namesRead } from './names-read.ts';
import { ownNames } from './own-names.ts';

type Failure = Extract<Rendering, { ok: false }>;

interface Failed {
  readonly template: Template;
  /** The tag that failed, where it is known. */
  readonly tag: Segment | null;
  readonly failure: Failure;
  /** The names of all variables that a file says itself: what another variable made is never told. */
  readonly known: readonly string[];
}

/** Names that are there without anybody defining them. */
const builtIn = 'range dict namespace debug loop self super caller varargs kwargs cycler joiner lipsum'.split(' ');
const statements = 'if elif else endif for endfor set endset macro endmacro call endcall filter endfilter with endwith raw do block'.split(
  ' ',
);
const filters =
  'abs attr batch bool capitalize count d default dictsort e escape filesizeformat first float groupby indent int items join last length lines list lower map max min pluralize reject rejectattr replace reverse round safe select selectattr slice sort split string striptags sum title tojson trim truncate unique upper'.split(
    ' ',
  );

const tests =
  'boolean defined divisibleby endingwith eq equalto escaped even false filter float ge greaterthan gt in int integer iterable le lessthan lower lt mapping ne none number odd safe sameas sequence startingwith string test true undefined upper'.split(
    ' ',
  );

/** Compose's own ways of a default: `${X:-d}`, `${X-d}`, `${X:?why}`. */
const composeForm = /^\s*\w+\s*(?::[-?+=]|\?)|^[A-Za-z_]\w*[-+]\w/;
const composeHint = '; a default is written ${ name | default("…") }, other forms of Compose do not exist';

/** Of a template that may be correct, but makes more than a configuration may hold. */
export const tooMuchText = `makes more than ${mostText / 1_000_000} million characters of text out of its variables; a configuration may have no more`;

/** Of a template that may be correct, but takes more time than a configuration may. */
export function tooSlow(template: Template): TemplateProblem {
  return { offset: firstTag(template), message: 'takes longer than a configuration may: something loops or grows for too long' };
}

/** Failures that are there whatever the values of variables are. */
const ofTemplate = ['syntax error', 'unknown filter', 'unknown test', 'unknown function', 'unknown method', 'template not found'];

/** Failures that end more than one tag. */
const ofAll = ['engine ran out of fuel', 'engine ran out of memory', 'engine ran out of time', 'engine has no time left', 'too much text'];

/** Whether there is no use in rendering the rest without the tag that failed. */
export function endsRendering({ kind }: Failure): boolean {
  return ofAll.includes(kind);
}

/** Whether other values could have helped. */
export function dependsOnValues({ kind }: Failure): boolean {
  return !ofTemplate.includes(kind);
}

/** Says what went wrong at which place; never quotes a value, nor more of the source than a name. */
export function describeFailure({ template, tag, failure, known }: Failed): TemplateProblem {
  const offset = tag?.start ?? 0;
  const { kind, detail } = failure;
  const unnameable = unnameableIn({ source: template.source, tag, known });
  if (unnameable) return unnameable;
  switch (kind) {
    case 'undefined value':
      return { offset, message: 'what is asked for here is not defined: every variable is a text, which has no parts of its own' };
    case 'syntax error':
      return syntaxProblem({ template, tag, detail });
    case 'unknown filter':
      return unknownWord(tag, { what: 'filter', known: filters, isOne: isFilter });
    case 'unknown test':
      return unknownWord(tag, { what: 'test', known: tests, isOne: isTest });
    case 'unknown function':
      return unknownWord(tag, { what: 'function', known: [...builtIn, ...known, ...ownNames(template)], isOne: isCall });
    case 'unknown method':
      return { offset, message: 'values have no methods; use a filter, such as ${ name | upper }' };
    case 'template not found':
      return { offset, message: 'no other template can be included, imported or extended; write its text here' };
    case 'engine ran out of fuel':
      return { offset, message: 'takes more steps than a configuration needs: something loops for too long' };
    case 'engine ran out of memory':
      return { offset: firstTag(template), message: 'needs more memory than a configuration may: something grows for too long' };
    case 'too much text':
      return { offset: firstTag(template), message: tooMuchText };
    case 'engine ran out of time':
      return tooSlow(template);
    case 'engine has no time left':
      return {
        offset: firstTag(template),
        message: 'was not rendered any further: this file, or all of them together, take longer than a configuration may',
      };
    default: {
      const said = explainOperation(detail);
      return { offset, message: `${kind}${said === null ? ' in the template' : `: ${said}`}${hintFor({ template, tag })}` };
    }
  }
}

/** The names in a tag that nobody defines, when that is what went wrong. */
export function placeholdersFor({
  template,
  tag,
  failure,
  known,
  given,
}: Failed & { readonly given: ReadonlyMap<string, string> }): (TemplateProblem & { readonly missing: string })[] {
  // Whatever is done with what is not there: that it is not there is why it fails.
  const isUndefined = failure.kind === 'undefined value' || (failure.kind === 'invalid operation' && hintFor({ template, tag }) === '');
  if (!isUndefined || !tag || tag.kind === 'text' || unnameableIn({ source: template.source, tag, known })) return [];
  const defined = new Set([...given.keys(), ...builtIn, ...ownNames(template)]);
  const { tokens } = tag.code;
  // A word of the language that stands alone is meant as a name.
  const names = tag.kind === 'expression' && tokens.length === 1 ? namesMentioned(tokens) : namesRead(tokens);
  const missing = names.filter(({ text, start }) => !defined.has(text) && !isGuarded(template.source.slice(start + text.length)));
  return missing.map(({ text, start }) => {
    const candidate = nearest(text, known);
    const message = `variable "${text}" is not defined; add it to dispenser.vars`;
    return { offset: start, message, missing: text, ...(candidate === null ? {} : { nearest: candidate }) };
  });
}

/** Followed by a question whether it is defined, or by a default. */
function isGuarded(behind: string): boolean {
  return /^\s*(?:is\s+(?:not\s+)?(?:un)?defined\b|\|\s*(?:default|d)\b)/.test(behind);
}

/** What can be the name of a variable in a template. */
export const nameable = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** In a vars file a name may have other characters; here they are signs of their own. */
function unnameableIn({ source, tag, known }: Pick<Failed, 'tag' | 'known'> & { readonly source: string }): TemplateProblem | null {
  if (!tag || tag.kind === 'text') return null;
  const code = source.slice(tag.code.from, tag.code.to);
  const name = known.find((each) => each !== '' && !nameable.test(each) && code.includes(each));
  const message = `the variable "${name}" cannot be named in a template: what is no letter, digit or "_" is a sign of its own; give it another name in the vars file`;
  return name === undefined ? null : { offset: tag.code.from + code.indexOf(name), message };
}

function hintFor({ template, tag }: Pick<Failed, 'template' | 'tag'>): string {
  if (tag?.kind !== 'expression') return '';
  return composeForm.test(template.source.slice(tag.code.from, tag.code.to)) ? composeHint : '';
}

function syntaxProblem({ template, tag, detail }: Pick<Failed, 'template' | 'tag'> & { readonly detail: string }): TemplateProblem {
  const unclosed = findBlocks(template).blocks.find(({ closing }) => closing === null);
  if (detail.startsWith('unexpected end of input') && unclosed) {
    const offset = template.segments[unclosed.headers[0] ?? 0]?.start ?? 0;
    return { offset, message: `this block is never closed; end it with {% end${unclosed.keyword} %}` };
  }
  const offset = tag?.start ?? 0;
  if (detail.startsWith('unknown statement')) {
    const lone = tag && describeLoneTag({ template, tag });
    if (lone !== null) return { offset, message: lone };
    return unknownWord(tag, { what: 'statement', known: statements, isOne: (_, index) => index === 0 && tag?.kind === 'statement' });
  }
  const loaded = tag && describeLoadedElse({ template, tag });
  if (loaded !== null) return { offset, message: loaded };
  const odd = tag && tag.kind !== 'text' ? findOddOutsideTexts(template.source.slice(tag.code.from, tag.code.to)) : null;
  if (odd && tag && tag.kind !== 'text')
    return { offset: tag.code.from + odd.at, message: `cannot be understood: ${odd.name}, stands here; ${odd.cure}` };
  const code = tag && tag.kind === 'expression' ? template.source.slice(tag.code.from, tag.code.to) : '';
  if (code.trim() === '')
    return { offset, message: tag?.kind === 'expression' ? 'no expression stands in the braces' : 'cannot be understood' };
  const said = /^(?:unexpected|expected|invalid|template exceeds)[^"']*$/.test(detail) && !/`\w/.test(detail) ? `: ${detail}` : '';
  return { offset, message: `cannot be understood${said}${hintFor({ template, tag })}` };
}

interface Kind {
  readonly what: string;
  readonly known: readonly string[];
  readonly isOne: (tokens: readonly CodeToken[], index: number) => boolean;
}

/** The first word of a kind that there is not, by its name, and the nearest that there is. */
function unknownWord(tag: Segment | null, { what, known, isOne }: Kind): TemplateProblem {
  const tokens = tag && tag.kind !== 'text' ? tag.code.tokens : [];
  const wrong = tokens.find(({ kind, text }, index) => kind === 'name' && isOne(tokens, index) && !known.includes(text));
  const candidate = wrong ? nearest(wrong.text, known) : null;
  return {
    offset: wrong?.start ?? tag?.start ?? 0,
    message: wrong ? `there is no ${what} called "${wrong.text}"` : `there is no such ${what}`,
    wordless: `there is no such ${what}`,
    ...(candidate === null ? {} : { nearest: candidate }),
  };
}

function isFilter(tokens: readonly CodeToken[], index: number): boolean {
  return tokens[index - 1]?.text === '|' || (index === 1 && tokens[0]?.text === 'filter');
}

function isTest(tokens: readonly CodeToken[], index: number): boolean {
  const before = tokens[index - 1]?.text;
  return tokens[index]?.text === 'not' ? false : before === 'is' || (before === 'not' && tokens[index - 2]?.text === 'is');
}

function isCall(tokens: readonly CodeToken[], index: number): boolean {
  const isValue = !['.', '|', 'is'].includes(tokens[index - 1]?.text ?? '');
  return isValue && tokens[index + 1]?.text === '(';
}

function firstTag({ segments }: Template): number {
  return segments.find(({ kind }) => kind !== 'text')?.start ?? 0;
}
