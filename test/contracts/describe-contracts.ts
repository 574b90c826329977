import { buckets, CloudEvent, entriesOf, subjects } from '@kedge/shared/contracts';
import { z } from 'zod';

/** JSON Schema of everything that crosses the bus or is stored, by a name such as `event image.updated`, `reply status.services`, `value releases`. */
export type Contracts = Readonly<Record<string, JsonSchema>>;

/** As much of JSON Schema (2020-12) as our contracts use. */
export interface JsonSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly propertyNames?: JsonSchema;
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly [keyword: string]: unknown;
}

/** The contracts of this tree, each in one piece. */
export function describeContracts(): Contracts {
  return {
    envelope: schemaOf(CloudEvent),
    ...Object.fromEntries(
      entriesOf(subjects).flatMap(([subject, contract]) => [
        [`${contract.kind} ${subject}`, schemaOf(contract.data)],
        ...(contract.kind === 'request' ? [[`reply ${subject}`, schemaOf(contract.reply)] as const] : []),
      ]),
    ),
    ...Object.fromEntries(entriesOf(buckets).map(([bucket, { value }]) => [`value ${bucket}`, schemaOf(value)])),
  };
}

/** The input form: the output form forbids fields that a later version adds. */
function schemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _dialect, $defs = {}, ...root } = z.toJSONSchema(schema, { io: 'input' });
  return inlined(root, $defs as Definitions) as JsonSchema;
}

type Definitions = Readonly<Record<string, unknown>>;

/** Shared parts are written where they are used, so that a comparison meets them at their place. */
function inlined(part: unknown, definitions: Definitions): unknown {
  if (Array.isArray(part)) return part.map((each) => inlined(each, definitions));
  if (typeof part !== 'object' || part === null) return part;
  if ('$ref' in part) return inlined(definitions[String(part.$ref).replace('#/$defs/', '')], definitions);
  return Object.fromEntries(
    Object.entries(part)
      .filter(([keyword, value]) => keyword !== 'id' || typeof value !== 'string')
      .map(([keyword, value]) => [keyword, inlined(value, definitions)]),
  );
}
