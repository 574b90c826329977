import type { SecretableText } from '@kedge/shared/contracts';
import { z } from 'zod';
import { SecretText, TaintedText } from '../leaf-forms.ts';
import { formed } from '../told.ts';

const mapForm = 'must be a table such as { a = "b" }, or an array of texts such as ["a=b"]';
const key = z.string().min(1, 'the name before the value must not be empty');
const listed = z.string().regex(/^[^=]+(=|$)/, 'must begin with a name: "name=value"');

/** Numbers and booleans are told as texts, as Compose does. */
const Plain = z.union([z.string(), z.number(), z.boolean()], { error: 'must be text, a number, true or false' }).transform(String);

/** `sysctls` and the like: a table, or a list of `name=value`. */
export const TextMap = formed(
  z
    .union([z.record(key, Plain), z.array(listed)], { error: mapForm })
    .transform((given) => (Array.isArray(given) ? fromList(given) : given)),
  'table, or array of texts with `=`',
);

/** A value that a variable may fill. */
const Secretable = z.union([SecretText, Plain], { error: 'must be text, a number, true or false' });

/** `options` of a log driver, which Compose knows as a table only. */
export const OptionMap = formed(z.record(key, Secretable), 'table');

/** `labels`: as `TextMap`, and a value may come from a variable. */
export const LabelMap = formed(
  z
    .union(
      [z.record(key, Secretable), z.array(z.union([listed, z.instanceof(TaintedText)], { error: 'must be text in quotes: "name=value"' }))],
      {
        error: mapForm,
      },
    )
    .transform((given, context): Record<string, SecretableText> => {
      if (!Array.isArray(given)) return given;
      const texts = given.filter((each) => typeof each === 'string');
      for (const [index, each] of given.entries()) {
        if (typeof each === 'string') continue;
        const message =
          'must be a line of a table when a variable stands in it, such as { name = "${variable}" }: only its value can stay sealed';
        context.issues.push({ code: 'custom', message, input: undefined, path: [index] });
      }
      return fromList(texts);
    }),
  'table, or array of texts with `=`',
);

/** Of two with one name the later one counts; one without `=` is empty. */
function fromList(list: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    list.map((each) => {
      const equals = each.indexOf('=');
      return equals < 0 ? [each, ''] : [each.slice(0, equals), each.slice(equals + 1)];
    }),
  );
}
