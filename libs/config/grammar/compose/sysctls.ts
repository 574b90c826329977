import { z } from 'zod';
import { formed } from '../told.ts';

const sysctlsForm = 'must be a table such as { "net.core.somaxconn" = 1024 }, or an array of texts such as ["net.core.somaxconn=1024"]';
const quotes = 'is no whole name of a setting; one has dots, and quotes around all of it: "net.core.somaxconn"';
const valueForm = 'must be text, a number, true or false';

/** What a container has for itself, besides all below `net` and `fs.mqueue` (runc, `validate.sysctl`). */
const own = [
  ...['kernel.domainname', 'kernel.msgmax', 'kernel.msgmnb', 'kernel.msgmni', 'kernel.sem', 'kernel.shmall', 'kernel.shmmax'],
  ...['kernel.shmmni', 'kernel.shm_rmid_forced'],
];
const below = /^(?:net|fs\.mqueue)\./;
const notOwn = `is no setting that a container has for itself, and the engine changes none of the host; there are all that begin with "net." or "fs.mqueue.", and ${own.join(', ')}`;

const Name = z.string().superRefine((written, context) => {
  const message = nameProblem(written);
  if (message !== null) context.addIssue({ code: 'custom', message });
});

/** Of the kernel, with a value each: one without would be set to nothing. */
const Listed = z
  .string()
  .regex(/^[^=\s]+=./, { error: 'must be a name, "=" and a value, such as "net.core.somaxconn=1024"', abort: true })
  .superRefine((written, context) => {
    const message = nameProblem(written.slice(0, written.indexOf('=')));
    if (message !== null) context.addIssue({ code: 'custom', message });
  });
const value = z
  .union([z.string().min(1, 'must not be empty: the kernel would be told nothing'), z.number(), z.boolean()], { error: valueForm })
  .transform(String);

/** A table, or a list of `name=value`. Numbers and booleans are told as texts, as Compose does. */
export const Sysctls = formed(
  z.union([z.record(Name, value), z.array(Listed)], { error: sysctlsForm }).transform((given): Record<string, string> => {
    if (!Array.isArray(given)) return given;
    return Object.fromEntries(given.map((each) => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]));
  }),
  'table, or array of texts with `=`',
);

function nameProblem(written: string): string | null {
  // As sysctl(8) does: whichever of "." and "/" comes first stands between the parts of the name.
  const name = /^[^./]*\//.test(written) ? written.replaceAll(/[./]/g, (sign) => (sign === '/' ? '.' : '/')) : written;
  if (name === 'kernel.hostname') return 'is what the key hostname of [service] says; write hostname = "…" there';
  if (/^[^\s=]+$/.test(name) && !name.split('.').includes('') && (below.test(name) || own.includes(name))) return null;
  if (written === '') return 'the name before the value must not be empty';
  return name.includes('.') && !/^(?:net|fs\.mqueue)\.$/.test(name) ? notOwn : quotes;
}
