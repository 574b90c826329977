import { z } from 'zod';
import { formed } from '../told.ts';

const sysctlsForm = 'must be a table such as { "net.core.somaxconn" = 1024 }, or an array of texts such as ["net.core.somaxconn=1024"]';
const quotes =
  'must be text, a number, true or false; when it is a part of a name with dots, write the whole name in quotes: "net.core.somaxconn"';

/** Of the kernel, with a value each: one without would be set to nothing. */
const listed = z.string().regex(/^[^=\s]+=./, 'must be a name, "=" and a value, such as "net.core.somaxconn=1024"');
const name = z.string().min(1, 'the name before the value must not be empty');
const value = z.union([z.string(), z.number(), z.boolean()], { error: quotes }).transform(String);

/** A table, or a list of `name=value`. Numbers and booleans are told as texts, as Compose does. */
export const Sysctls = formed(
  z.union([z.record(name, value), z.array(listed)], { error: sysctlsForm }).transform((given): Record<string, string> => {
    if (!Array.isArray(given)) return given;
    return Object.fromEntries(given.map((each) => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]));
  }),
  'table, or array of texts with `=`',
);
