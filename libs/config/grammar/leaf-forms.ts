import type { SecretableText, SecretRef } from '@kedge/shared/contracts';
import { parseCron } from '@kedge/shared/cron';
import { longestTimerMs, parseDurationMs } from '@kedge/shared/kernel';
import { z } from 'zod';
import { splitCommandLine } from './command-line.ts';
import { notOdd } from './odd-characters.ts';
import { formed } from './told.ts';

/** Stands in the parsed file where a value from a variable stood; the value itself is gone. */
export class TaintedText {
  readonly secret: SecretRef;

  constructor(secret: SecretRef) {
    this.secret = secret;
  }
}

const nulForm = 'must not contain the character NUL; no program could read it';
const noNul = z.string().refine((text) => !text.includes('\0'), { error: nulForm, params: notOdd });

/** Text, or the reference to text that a variable filled. */
export const SecretText = formed(
  z.union([noNul, z.instanceof(TaintedText).transform(({ secret }): SecretableText => secret)], { error: 'must be text in quotes' }),
  'text',
);

const oneTextWithVariable =
  'must be an array of words when a variable stands in it, such as ["serve", "--token", "${token}"]: how to split one text would depend on the value';

/** Text that a variable has to fill: what stands in the file itself is kept in the open. */
export const SecretAlone = formed(
  z.unknown().transform((value, context): SecretRef => {
    if (value instanceof TaintedText) return value.secret;
    const message = 'must come from a variable, such as "${password_hash}": what stands here itself would be kept in the open';
    context.issues.push({ code: 'custom', message, input: undefined, params: notOdd });
    return z.NEVER;
  }),
  { form: 'text', type: 'string' },
);

/** `command` and `entrypoint`: an array of words, or one string that is split as a shell would. */
export const CommandWords = formed(
  z.unknown().transform((value, context): SecretableText[] => {
    const refuse = (message: string, more: { readonly path?: number[]; readonly params?: typeof notOdd } = {}) => {
      context.issues.push({ code: 'custom', message, input: undefined, ...more });
      return z.NEVER;
    };
    if (value instanceof TaintedText) return refuse(oneTextWithVariable);
    if (typeof value === 'string') {
      const split = splitCommandLine(value);
      if (value.includes('\0')) return refuse(nulForm, { params: notOdd });
      return split.ok ? [...split.words] : refuse(split.message);
    }
    if (!Array.isArray(value)) return refuse('must be an array of words, or one string');
    const words = value.map((word) => SecretText.safeParse(word));
    for (const [index, word] of words.entries()) if (!word.success) refuse('must be text in quotes', { path: [index] });
    return words.flatMap((word) => (word.success ? [word.data] : []));
  }),
  { form: 'array of texts, or one text', anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
);

const memoryForm = /^(\d+(?:\.\d+)?)(b|k|kb|m|mb|g|gb)?$/;
const amountForm = 'must be an amount such as "512m", "256mb", "1.5g" or a number of bytes';
const memoryUnit: Readonly<Record<string, number>> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };
/** The engine refuses less (moby, `linuxMinMemory`). */
const leastMemory = 6 * 1024 ** 2;
/** The engine counts in 64 bits, and JSON does not carry all of them. */
const mostMemory = Number.MAX_SAFE_INTEGER;

/** `512m`, `256mb`, `1.5g` or bytes, the latter also as a number. */
function amount({ isEnough, tooLittle }: { readonly isEnough: (bytes: number) => boolean; readonly tooLittle: string }) {
  return z.union([z.string().trim(), z.int().transform(String)], { error: amountForm }).superRefine((text, context) => {
    const bytes = bytesOf(text);
    const refuse = (message: string) => context.addIssue({ code: 'custom', message });
    if (bytes === null) refuse(amountForm);
    else if (!isEnough(bytes)) refuse(tooLittle);
    else if (bytes > mostMemory) refuse('is more than any machine has');
  });
}

function bytesOf(text: string): number | null {
  const [, number = '', unit = 'b'] = memoryForm.exec(text.toLowerCase()) ?? [];
  if (number === '' || (unit === 'b' && number.includes('.'))) return null;
  return Number(number) * (memoryUnit[unit.charAt(0)] ?? Number.NaN);
}

const memory = amount({
  isEnough: (bytes) => bytes === 0 || bytes >= leastMemory,
  tooLittle: 'must be at least "6m", or "0" for no limit; the engine refuses less',
});

/** Nothing is no limit, as it is without the key. */
export const Memory = formed(
  memory.transform((text) => (bytesOf(text) === 0 ? undefined : text)),
  'amount',
);
/** As `Memory`, but nothing is no size: the engine would take its own. */
export const Size = formed(amount({ isEnough: (bytes) => bytes >= 1, tooLittle: 'must be more than nothing' }), 'amount');

const cpusForm = /^(\d+(\.\d*)?|\.\d+)$/;

const processors = 'must be a number of processors from 0.01 on, such as "0.5" or "2"; or "0" for no limit';

/** A number of processors, with or without quotes; none is no limit, as it is without the key. The engine refuses less than a hundredth. */
export const Cpus = formed(
  z.unknown().transform((value, context): string | undefined => {
    const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '';
    const cpus = cpusForm.test(text) ? Number(text) : Number.NaN;
    if (cpus === 0) return undefined;
    if (cpus >= 0.01 && cpus < 100_000) return text;
    context.issues.push({ code: 'custom', message: processors, input: undefined });
    return z.NEVER;
  }),
  { form: 'number or text', anyOf: [{ type: 'number', minimum: 0 }, { type: 'string' }] },
);

const portForm = 'must be a port number from 1 to 65535';
/** Without quotes; 0, which asks the system for any port, is none. */
export const Port = formed(z.int().min(1, portForm).max(65_535, portForm), '1 to 65535');

const durationForm = 'must be a duration such as "500ms", "10s" or "1m30s"';

/** Only what is allowed is proposed. */
function secondsOf(value: number): string | undefined {
  const ms = millisecondsOf(`${value}s`) ?? 0;
  return ms <= 0 || ms > longestTimerMs ? undefined : `write "${value}s" for seconds`;
}

/** A number alone could be of any unit. */
const noNumber = z.unknown().transform((value, context) => {
  if (typeof value !== 'number') return value;
  const params = { quoting: secondsOf(value) };
  context.issues.push({ code: 'custom', message: `${durationForm}, with its unit and in quotes`, params, input: undefined });
  return z.NEVER;
});

/** From nothing on. */
export const Duration = formed(
  noNumber
    .pipe(z.string())
    .refine((text) => millisecondsOf(text) !== null, durationForm)
    .refine((text) => (millisecondsOf(text) ?? 0) <= longestTimerMs, 'must not be longer than "596h"'),
  { form: 'duration', type: 'string', pattern: '^\\s*(\\d+(\\.\\d+)?(ms|s|m|h))+\\s*$' },
);

/** More than nothing: an attempt of no time fails, and without a pause nothing else gets done. */
export const PositiveDuration = Duration.refine((text) => millisecondsOf(text) !== 0, 'must be longer than nothing');

/** Of a rate, which is told in whole seconds. */
export const RateWindow = Duration.refine((text) => (millisecondsOf(text) ?? 1_000) >= 1_000, 'must be at least "1s"');

function millisecondsOf(text: string): number | null {
  try {
    return parseDurationMs(text);
  } catch {
    return null;
  }
}

/** Before there was Kedge. What has no instant afterwards never fires; what was due once and is over stays valid. */
const beginning = new Date(Date.UTC(2026, 0, 1));

/** The zone is a setting of the scheduler, and no matter of the grammar. */
export const CronExpression = formed(
  z.string().superRefine((text, context) => {
    const parsed = parseCron(text, 'UTC');
    const refuse = (message: string, quoting?: string) => context.addIssue({ code: 'custom', message, params: { quoting } });
    if (!parsed.ok) refuse('is not a cron expression', parsed.reason);
    else if (parsed.clock.nextAfter(beginning) === null) refuse('never comes: no day fits all of its fields, or its year is over');
  }),
  'cron expression',
);
