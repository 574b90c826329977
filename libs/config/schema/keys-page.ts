import { z } from 'zod';
import { MainFile } from '../grammar/main-file.ts';
import { ServiceFile } from '../grammar/service-file.ts';

const introduction = `# Keys of the configuration

All keys of the two files, with type, default and meaning; **bold** ones must be there. Unknown keys are errors, with the nearest known one.
Words such as \`on-failure\` may be written in any case, with \`_\` or without a sign. Durations are written as Compose does: \`500ms\`, \`10s\`,
\`1m30s\`, up to \`596h\`. What was declared is kept without defaults, so a new default of Kedge rolls nothing. This page and the JSON Schemas for
editors are made by \`libs/config/schema/generate.ts\`: a file that begins with \`#:schema\` and the place of
\`libs/config/schema/service.schema.json\` (or \`libs/config/schema/kedge.schema.json\`) is completed and checked while it is written.
`;

const mainFile = `## The main file: \`kedge.toml\` or \`dispenser.toml\`

One of the two, at the top of the configuration folder. An empty file is a configuration without services; no file is an error.
`;

const serviceFile = `## The file of a service: \`service.toml\`

The words and forms of the Compose specification hold where it has one.
`;

/** Where the part begins that is written by hand. */
const byHand = '\n## Variables';

/** Tables that are another name of one that is told. */
const aliases = ['kedge'];

/** The page of keys; its part on variables stays as it is on the page before. */
export function keysPage(before: string): string {
  const start = before.indexOf(byHand);
  const sections = [introduction, mainFile, ...tables(MainFile, []), serviceFile, ...tables(ServiceFile, [])];
  return `${sections.join('\n')}${start < 0 ? '' : before.slice(start)}`;
}

interface Key {
  readonly name: string;
  readonly schema: z.core.$ZodType;
  readonly isRequired: boolean;
}

/** The keys of a table, then each table in it with a heading of its own. */
function tables(schema: z.core.$ZodType, path: readonly string[]): string[] {
  const keys = keysOf(schema).filter(({ name }) => path.length > 0 || !aliases.includes(name));
  const rows = keys.filter(({ schema: each }) => path.length > 0 || !isTable(each)).map(row);
  const own = rows.length === 0 ? [] : [`${['| key | type | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n')}\n`];
  const inner = keys.filter(({ schema: each }) => (path.length === 0 ? isTable(each) : keysOf(each).length > 0 && !isUnion(each)));
  return [...own, ...inner.flatMap((key) => [heading(key, path), ...tables(key.schema, [...path, key.name])])];
}

function heading({ name, schema, isRequired }: Key, path: readonly string[]): string {
  const table = [...path, name].join('.');
  const header = unwrapped(schema) instanceof z.ZodArray ? `[[${table}]]` : `[${table}]`;
  const shown = isRequired ? `**\`${header}\`**` : `\`${header}\``;
  return `${shown}: ${toldOf(schema).description ?? ''}.${valuesOf(schema)}\n`;
}

/** Of a table with any keys: what its values may be. */
function valuesOf(schema: z.core.$ZodType): string {
  const inner = unwrapped(schema);
  return inner instanceof z.ZodRecord ? ` Values: ${formOf(inner.valueType)}.` : '';
}

function row({ name, schema, isRequired }: Key): string {
  const { description = '', default: value, fallback = '' } = toldOf(schema);
  const key = isRequired ? `**\`${name}\`**` : `\`${name}\``;
  return `| ${key} | ${formOf(schema)} | ${value === undefined ? fallback : `\`${value}\``} | ${description} |`.replaceAll('|  |', '| |');
}

function keysOf(schema: z.core.$ZodType): Key[] {
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodArray) return keysOf(inner.element);
  if (!(inner instanceof z.ZodObject)) return [];
  const shape: Readonly<Record<string, z.core.$ZodType>> = inner.shape;
  return Object.entries(shape).map(([name, each]) => ({
    name,
    schema: each,
    isRequired: !(each instanceof z.ZodOptional || each instanceof z.ZodDefault),
  }));
}

function isTable(schema: z.core.$ZodType): boolean {
  const inner = unwrapped(schema);
  return inner instanceof z.ZodObject || inner instanceof z.ZodRecord || (inner instanceof z.ZodArray && keysOf(inner).length > 0);
}

function isUnion(schema: z.core.$ZodType): boolean {
  return unwrapped(schema) instanceof z.ZodUnion || typeof toldOf(schema).form === 'string';
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return unwrapped(schema.unwrap());
  return schema instanceof z.ZodPipe ? unwrapped(schema.in) : schema;
}

/** What `told` and `formed` leave at a schema. */
const Told = z.object({
  description: z.string().optional(),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  fallback: z.string().optional(),
  form: z.string().optional(),
});
type Told = z.infer<typeof Told>;

/** What was told of a schema, wherever within its wrappers. */
function toldOf(schema: z.core.$ZodType): Told {
  const own = Told.parse(z.globalRegistry.get(schema) ?? {});
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return { ...toldOf(schema.unwrap()), ...own };
  return schema instanceof z.ZodPipe ? { ...toldOf(schema.in), ...own } : own;
}

function formOf(schema: z.core.$ZodType): string {
  const { form } = toldOf(schema);
  if (form !== undefined) return form;
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodBoolean) return 'boolean';
  if (inner instanceof z.ZodObject || inner instanceof z.ZodRecord) return 'table';
  return inner instanceof z.ZodArray ? `array of ${formOf(inner.element)}s` : 'text';
}
