import { isIP } from 'node:net';
import type { SecretableText, SecretRef } from '@kedge/shared/contracts';
import { parseDurationMs } from '@kedge/shared/kernel';
import { z } from 'zod';
import { splitCommandLine } from './command-line.ts';

/** Stands in the parsed file where a value from a variable stood; the value itself is gone. */
export class TaintedText {
  readonly secret: SecretRef;

  constructor(secret: SecretRef) {
    this.secret = secret;
  }
}

/** Text, or the reference to text that a variable filled. */
export const SecretText = z.union([z.string(), z.instanceof(TaintedText).transform(({ secret }): SecretableText => secret)], {
  error: 'must be text in quotes',
});

/** `command` and `entrypoint`: an array of words, or one string that is split as a shell would. */
export const CommandWords = z.unknown().transform((value, context): SecretableText[] => {
  const refuse = (message: string, path: (string | number)[] = []) => {
    context.issues.push({ code: 'custom', message, input: undefined, path });
    return z.NEVER;
  };
  if (value instanceof TaintedText)
    return refuse('must be an array of words when a variable stands in it: how to split it depends on the value');
  if (typeof value === 'string') {
    const split = splitCommandLine(value);
    return split.ok ? [...split.words] : refuse(split.message);
  }
  if (!Array.isArray(value)) return refuse('must be an array of words, or one string');
  const words = value.map((word) => SecretText.safeParse(word));
  for (const [index, word] of words.entries()) if (!word.success) refuse('must be text in quotes', [index]);
  return words.flatMap((word) => (word.success ? [word.data] : []));
});

const memoryForm = /^(\d+(?:\.\d+)?)(b|k|kb|m|mb|g|gb)?$/;
const memoryUnit: Readonly<Record<string, number>> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };
/** The engine refuses less (moby, `linuxMinMemory`). */
const leastMemory = 6 * 1024 ** 2;

/** `512m`, `256mb`, `1.5g` or bytes. */
export const Memory = z
  .string()
  .trim()
  .superRefine((text, context) => {
    const [, amount = '', unit = 'b'] = memoryForm.exec(text.toLowerCase()) ?? [];
    const bytes = Number(amount) * (memoryUnit[unit.charAt(0)] ?? Number.NaN);
    const refuse = (message: string) => context.addIssue({ code: 'custom', message });
    if (amount === '' || (unit === 'b' && amount.includes('.')))
      refuse('must be an amount such as "512m", "256mb", "1.5g" or a number of bytes');
    else if (bytes < leastMemory) refuse('must be at least "6m"; the engine refuses less');
  });

/** A number of processors, with or without quotes. */
export const Cpus = z.unknown().transform((value, context): string => {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text === 'string' && /^\d+(\.\d+)?$/.test(text.trim()) && Number(text) > 0) return text.trim();
  context.issues.push({ code: 'custom', message: 'must be a number of processors above 0, such as "0.5" or "2"', input: undefined });
  return z.NEVER;
});

const portForm = 'must be a port number from 1 to 65535';
export const Port = z.int().min(1, portForm).max(65_535, portForm);

export const Duration = z.string().refine(isDuration, 'must be a duration such as "500ms", "10s" or "1m30s"');

function isDuration(text: string): boolean {
  try {
    return parseDurationMs(text) >= 0;
  } catch {
    return false;
  }
}

const shorthands = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly', '@minutely', '@secondly'];

/** Only the shape: the scheduler owns the grammar. */
export const CronShape = z
  .string()
  .refine(
    (text) => shorthands.includes(text.trim().toLowerCase()) || [5, 6, 7].includes(text.trim().split(/\s+/).length),
    'must have 5 fields (minute hour day month weekday), 6 with seconds in front, 7 with a year behind, or be a word such as "@daily"',
  );

/** A bare host name: what stands in the `Host` header, without a port. */
export const HostName = z
  .string()
  .regex(
    /^[a-zA-Z0-9_]([a-zA-Z0-9_.-]*[a-zA-Z0-9_])?$/,
    'must be a bare host name such as "app.example.com": no scheme, port, path or "*"',
  );

export const Ipv4 = z.string().refine((text) => isIP(text) === 4, 'must be an IPv4 address such as "10.0.0.7"');
export const IpAddress = z.string().refine((text) => isIP(text) !== 0, 'must be an IP address such as "127.0.0.1" or "::1"');
export const SlashPath = z.string().startsWith('/', 'must begin with "/"');
