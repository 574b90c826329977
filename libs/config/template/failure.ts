import { nearest } from '@kedge/shared/kernel';
import { findBlocks } from './block-tree.ts';
import { mostText, type Rendering } from './engine.ts';
import { explainOperation } from './failed-operation.ts';
import type { Segment, Template, TemplateProblem } from './lexer.ts';
import { namesAssigned, namesMentioned, namesRead, parametersOf } from './names-read.ts';

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
  'abs attr batch bool capitalize count d default dictsort e escape filesizeformat first float format groupby indent int items join last length lines list lower map max min pluralize random reject rejectattr replace reverse round safe select selectattr slice sort split string striptags sum title tojson trim truncate unique upper wordcount wordwrap zip'.split(
    ' ',
  );

/** Compose's own ways of a default: `${X:-d}`, `${X-d}`, `${X:?why}`. */
const composeForm = /^\s*\w+\s*(?::[-?+=]|\?)|^[A-Za-z_]\w*[-+]\w/;
const composeHint = '; a default is written ${ name | default("…") }, other forms of Compose do not exist';
/** What is asked for is not there, or is calculated with. */
const ofUndefined = /^tried to use \S+ operator on unsupported types (?:undefined and \w+|\w+ and undefined)$/;

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
      return unknownFilter(tag);
    case 'unknown test':
      return { offset, message: 'there is no such test behind "is"' };
    case 'unknown function':
      return { offset, message: 'there is no function of this name', ...nearestOf(tag, [...builtIn, ...known]) };
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
  const isUndefined = failure.kind === 'undefined value' || (ofUndefined.test(failure.detail) && hintFor({ template, tag }) === '');
  if (!isUndefined || !tag || tag.kind === 'text' || unnameableIn({ source: template.source, tag, known })) return [];
  const defined = new Set([...given.keys(), ...builtIn, ...namesOfTemplate(template)]);
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

function namesOfTemplate({ segments }: Template): string[] {
  return segments.flatMap((segment) =>
    segment.kind === 'statement' ? [...namesAssigned(segment.code.tokens), ...parametersOf(segment.code.tokens)] : [],
  );
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
    return { offset, message: 'there is no such statement here', ...nearestOf(tag, statements) };
  }
  const code = tag && tag.kind === 'expression' ? template.source.slice(tag.code.from, tag.code.to) : '';
  if (code.trim() === '')
    return { offset, message: tag?.kind === 'expression' ? 'no expression stands in the braces' : 'cannot be understood' };
  const said = /^(?:unexpected|expected|invalid|template exceeds)[^"']*$/.test(detail) && !/`\w/.test(detail) ? `: ${detail}` : '';
  return { offset, message: `cannot be understood${said}${hintFor({ template, tag })}` };
}

function unknownFilter(tag: Segment | null): TemplateProblem {
  const tokens = tag && tag.kind !== 'text' ? tag.code.tokens : [];
  const wrong = tokens.find(({ text }, index) => tokens[index - 1]?.text === '|' && !filters.includes(text));
  const candidate = wrong ? nearest(wrong.text, filters) : null;
  return {
    offset: wrong?.start ?? tag?.start ?? 0,
    message: 'there is no such filter',
    ...(candidate === null ? {} : { nearest: candidate }),
  };
}

function nearestOf(tag: Segment | null, known: readonly string[]): { readonly nearest?: string } {
  const word = tag && tag.kind !== 'text' ? tag.code.tokens.find(({ kind }) => kind === 'name')?.text : undefined;
  const candidate = word && !known.includes(word) ? nearest(word, known) : null;
  return candidate === null || candidate === undefined ? {} : { nearest: candidate };
}

function firstTag({ segments }: Template): number {
  return segments.find(({ kind }) => kind !== 'text')?.start ?? 0;
}
