import { findBreakingVariable } from './breaking-variable.ts';
import { parseTemplate, renderTemplate, sourceOffset, type TemplateProblem, undefinedVariables, unsupportedParts } from './template.ts';
import { parseToml } from './toml-document.ts';

/** A variable file as it is on disk; `text` is null when it cannot be read, and `trouble` says why. */
export interface VariableFile {
  readonly path: string;
  readonly text: string | null;
  readonly trouble?: string;
}

export interface VariableProblem extends TemplateProblem {
  readonly path: string;
}

export interface Variables {
  readonly values: ReadonlyMap<string, string>;
  readonly problems: readonly VariableProblem[];
  /** False when a file is missing from `values`, so that an undefined name may be due to that. */
  readonly complete: boolean;
}

/** The file that holds the primary variables; the others may use them. */
export const primaryFile = 'dispenser.vars';

/**
 * Merges variable files in the order given: the primary file is plain TOML, the others are rendered with its variables first; a later
 * file overrides an earlier one. All values are strings.
 */
export function mergeVariables(files: readonly VariableFile[]): Variables {
  const primary = readFiles(files.filter(isPrimary), null);
  const secondary = readFiles(
    files.filter((file) => !isPrimary(file)),
    primary,
  );
  return {
    values: new Map([...primary.values, ...secondary.values]),
    problems: [...primary.problems, ...secondary.problems],
    complete: primary.complete && secondary.complete,
  };
}

function isPrimary({ path }: VariableFile): boolean {
  return path === primaryFile;
}

function readFiles(files: readonly VariableFile[], renderedWith: Variables | null): Variables {
  const values = new Map<string, string>();
  const problems: VariableProblem[] = [];
  let complete = true;
  for (const file of files) {
    const read = readFile(file, renderedWith);
    for (const [name, value] of read.values) values.set(name, value);
    problems.push(...read.problems);
    complete &&= read.complete;
  }
  return { values, problems, complete };
}

function readFile({ path, text, trouble }: VariableFile, renderedWith: Variables | null): Variables {
  if (text === null) return incomplete([{ path, offset: 0, message: `cannot be read: ${trouble ?? 'unknown reason'}` }]);

  const template = renderedWith && parseTemplate(text);
  if (template) {
    const unsupported = unsupportedParts(template);
    const undefinedNames = undefinedVariables(template, renderedWith.values.keys());
    if (unsupported.length > 0 || undefinedNames.length > 0) {
      // With a broken primary file a name may be missing only because of that: one problem, not one for each use.
      const own = renderedWith.complete ? [...unsupported, ...undefinedNames] : unsupported;
      return incomplete(own.map((problem) => ({ path, ...problem })));
    }
  }
  const { text: rendered, map } = template ? renderTemplate(template, renderedWith.values) : { text, map: [] };
  const parsed = parseToml(rendered);
  if (!parsed.ok) {
    const breaking = template && findBreakingVariable(template, renderedWith.values);
    const message = definedTwice(rendered, parsed) ?? parsed.message;
    return incomplete([{ path, ...(breaking ?? { offset: sourceOffset(map, parsed.offset), message }) }]);
  }
  return readDocument(path, parsed.root, (name) => sourceOffset(map, offsetOfKey(rendered, name)));
}

/** What the parser calls a redefinition, with the name: names are no secret. */
function definedTwice(text: string, { offset, message }: { readonly offset: number; readonly message: string }): string | null {
  const [, basic, literal, bare] = /^(?:"([^"\n]*)"|'([^'\n]*)'|([A-Za-z0-9_-]+))[ \t]*=/.exec(text.slice(offset)) ?? [];
  const name = basic ?? literal ?? bare;
  if (name === undefined || !message.includes('redefine')) return null;
  return `variable "${name}" is defined a second time here; keep one of the two`;
}

function readDocument(path: string, root: unknown, offsetOf: (name: string) => number): Variables {
  const values = new Map<string, string>();
  const problems: VariableProblem[] = [];
  for (const [name, value] of Object.entries(root ?? {})) {
    if (typeof value === 'string') values.set(name, value);
    else problems.push({ path, offset: offsetOf(name), message: notText(name, value) });
  }
  return { values, problems, complete: problems.length === 0 };
}

function notText(name: string, value: unknown): string {
  const isTable = typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
  if (isTable && Object.hasOwn(value, 'source')) return `variable "${name}": secret sources are not supported by this version`;
  return `variable "${name}" must be text: write its value in quotes, at the top level of the file`;
}

/** The place of a top-level key: the first line that starts with it and has a valid document before it. */
function offsetOfKey(text: string, name: string): number {
  const starts = [...text.matchAll(/^[ \t]*(?:\[{1,2}[ \t]*)?(?:"([^"\n]*)"|'([^'\n]*)'|([A-Za-z0-9_-]+))/gm)]
    .filter(([, basic, literal, bare]) => (basic ?? literal ?? bare) === name)
    .map(({ index, 0: match }) => index + match.length - match.trimStart().length);
  return starts.find((start) => parseToml(text.slice(0, start)).ok) ?? 0;
}

function incomplete(problems: readonly VariableProblem[]): Variables {
  return { values: new Map(), problems, complete: false };
}
