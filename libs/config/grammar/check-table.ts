import type { ConfigProblem } from '@kedge/shared/contracts';
import type { z } from 'zod';
import { kindOf, messageOf } from './issue-messages.ts';
import { isDate, markDates } from './marked-dates.ts';
import { findOddCharacter, notOdd } from './odd-characters.ts';
import { headerOf, isListOfTables, keysAt } from './schema-tables.ts';
import { problemAt, type TomlFile, taintAt } from './template-file.ts';
import type { Pointer } from './toml-places.ts';
import { unfoldUnion } from './union-issues.ts';
import { unknownKey } from './unknown-key.ts';
import { culprits, type Issue, pointerOf, valueAt, wellFormed } from './well-formed.ts';

interface TableToCheck<Whole extends z.ZodType, Part extends z.ZodType> {
  readonly file: TomlFile;
  readonly root: unknown;
  readonly schema: Whole;
  /** The same with every key left to choice: what of a faulty table is still worth a judgement. */
  readonly part: Part;
  /** Values that nobody knows, or that are told to be wrong already: they are neither judged nor handed on. */
  readonly unknown?: readonly Pointer[];
}

/** What a check leaves: the whole, what of it is still worth a judgement, and what is wrong. */
export interface Checked<Whole, Part> {
  /** Null when something is wrong, or not known. */
  readonly value: Whole | null;
  readonly part: Whole | Part | null;
  readonly problems: readonly ConfigProblem[];
}

/** Checks a parsed file against its schema; everything that is wrong is told together, each at its place. */
export function checkTable<Whole extends z.ZodType, Part extends z.ZodType>({
  file,
  root: given,
  schema,
  part,
  unknown = [],
}: TableToCheck<Whole, Part>): Checked<z.infer<Whole>, z.infer<Part>> {
  const root = markDates(given);
  const parsed = schema.safeParse(root, { error: messageOf });
  const reserved = reservedKeys(root);
  if (parsed.success && unknown.length === 0 && reserved.length === 0) return { value: parsed.data, part: parsed.data, problems: [] };
  const found = (parsed.error?.issues ?? []).flatMap(unfoldUnion);
  const rest = wellFormed({ part, root, found, unknown: [...unknown, ...reserved] });
  const isTold = aboutNone([...unknown, ...reserved]);
  return {
    value: null,
    part: rest.value,
    problems: [
      ...reserved.map((pointer) => problemAt(file, { pointer, message: 'is a name that nothing can have; choose another', atKey: true })),
      ...[...found, ...rest.more].filter(isTold).flatMap((issue) => problemsOf(issue, { schema, file })),
    ],
  };
}

/** False for issues with values that are not judged, and for those that may be due to one alone. */
function aboutNone(pointers: readonly Pointer[]): (issue: Issue) => boolean {
  const isDue = (issue: Issue, place: Pointer) =>
    pointers.some((pointer) => isWithin(place, pointer) || (issue.code !== 'unrecognized_keys' && isWithin(pointer, place)));
  return (issue) => pointers.length === 0 || !culprits(issue).every((place) => isDue(issue, place));
}

function isWithin(place: Pointer, around: Pointer): boolean {
  return around.every((step, index) => place[index] === step);
}

/** Objects of JavaScript have no key of that name: what stands there would be lost. */
function reservedKeys(value: unknown, pointer: Pointer = []): Pointer[] {
  if (typeof value !== 'object' || value === null || isDate(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const place = [...pointer, Array.isArray(value) ? Number(key) : key];
    return key === '__proto__' ? [place] : reservedKeys(inner, place);
  });
}

interface Checking {
  readonly schema: z.ZodType;
  readonly file: TomlFile;
}

function problemsOf(issue: Issue, { schema, file }: Checking): ConfigProblem[] {
  const path = pointerOf(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey({ schema, file, path, key }));
    case 'invalid_key':
      return [problemAt(file, { pointer: path, message: issue.issues[0]?.message ?? 'is not a valid key', atKey: true })];
    case 'custom':
      return [
        problemAt(file, {
          pointer: path,
          message: `${issue.message}${explanation(issue, { file, path })}${oddIn(issue, { path, file })}`,
        }),
      ];
    default:
      return [
        problemAt(file, {
          pointer: path,
          message: `${issue.message}${bracketsOf(path, { schema, file })}${exampleOf(path, file)}${oddIn(issue, { path, file })}`,
        }),
      ];
  }
}

/** A table is written with one pair of brackets, and one of a list with two. */
function bracketsOf(path: Pointer, { schema, file }: Checking): string {
  const found = kindOf(valueAt(file.root, path));
  if (found === 'a table' && isListOfTables(schema, path)) return `; write ${headerOf([...path, 0])}`;
  if (found !== 'an array') return '';
  if (keysAt(schema, path).length > 0) return `; write ${headerOf(path)}`;
  const line = linesOfMaps[path.join('.')];
  return line === undefined ? '' : `; write ${headerOf(path)}, and below it ${line}`;
}

/** Tables whose keys are the user's own, and that Compose also takes as an array: a line of each. */
const linesOfMaps: Readonly<Record<string, string>> = {
  depends_on: 'api = "started" for each service',
  env: 'NAME = "value" for each variable',
};

/** What cannot be seen in a text that is refused, or looks like something else; of one that a variable filled nothing is told. */
function oddIn(issue: Issue, { path, file }: { readonly path: Pointer; readonly file: TomlFile }): string {
  // What is too long, or of another kind, is so with any characters.
  const isOfForm = issue.code === 'custom' ? issue.params?.odd !== notOdd.odd : issue.code === 'invalid_format';
  if (!isOfForm) return '';
  const value = valueAt(file.root, path);
  const odd = typeof value === 'string' && !taintAt(file, path) ? findOddCharacter(value) : null;
  return odd ? `; it holds ${odd.name}: ${odd.cure}` : '';
}

/** What every service has to say, by its key. */
const examples: Readonly<Record<string, string>> = { 'service.name': 'name = "web"', 'service.image': 'image = "nginx:1"' };

/** How a key is written that is not there. */
function exampleOf(path: Pointer, file: TomlFile): string {
  const example = valueAt(file.root, path) === undefined ? examples[path.join('.')] : undefined;
  return example === undefined ? '' : `, such as ${example}`;
}

/** What a schema says more (`params.quoting`) quotes the value: left out when a variable filled it. */
function explanation({ params }: z.core.$ZodIssueCustom, { file, path }: { readonly file: TomlFile; readonly path: Pointer }): string {
  return typeof params?.quoting === 'string' && !taintAt(file, path) ? `: ${params.quoting}` : '';
}
