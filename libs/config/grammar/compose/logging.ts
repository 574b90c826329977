import type { SecretableText } from '@kedge/shared/contracts';
import { nearest } from '@kedge/shared/kernel';
import { z } from 'zod';
import { told } from '../told.ts';
import { OptionMap } from './text-maps.ts';

/** What every driver takes (moby, `daemon/logger`). */
const common = ['mode', 'max-buffer-size', 'cache-disabled', 'cache-max-size', 'cache-max-file', 'cache-compress'];
const rotation = ['max-size', 'max-file', 'compress'];
/** Drivers that are part of every engine and keep what is printed; what others take is theirs to say. */
const known: Readonly<Record<string, readonly string[]>> = {
  'json-file': [...rotation, 'labels', 'labels-regex', 'env', 'env-regex', 'tag', ...common],
  local: [...rotation, ...common],
};

const sizeForm = 'must be a size such as "10m" or "1g"';
const size = /^\d+(?:\.\d+)? ?(?:[kmgtp]i?)?b?$/i;
const forms: Readonly<Record<string, readonly [form: RegExp, said: string]>> = {
  'max-size': [size, sizeForm],
  'max-file': [/^\+?0*[1-9]\d*$/, 'must be a whole number from 1 on'],
  compress: [/^(?:1|t|true|0|f|false)$/i, 'must be "true" or "false"'],
  mode: [/^(?:(?:non-)?blocking)?$/, 'must be "blocking" or "non-blocking"'],
  'max-buffer-size': [size, sizeForm],
};

const none = { fallback: 'none' };
const engines = { fallback: "the engine's" };

/** `[service.logging]`. Options that the engine would refuse are told where it is known which the driver takes. */
export const Logging = z
  .strictObject({
    driver: told(z.string().min(1, 'must not be empty'), { description: '`json-file`, `local`, `journald`, …', ...engines }).optional(),
    options: told(OptionMap, { description: 'of the driver, such as `max-size = "10m"`', ...none }).optional(),
  })
  .superRefine(({ driver = '', options = {} }, context) => {
    const taken = Object.hasOwn(known, driver) ? known[driver] : undefined;
    if (!taken) return;
    for (const [name, value] of Object.entries(options)) {
      const message = optionProblem(name, { value, taken, options });
      if (message !== null) context.addIssue({ code: 'custom', message, path: ['options', name] });
    }
  });

interface Option {
  readonly value: SecretableText;
  readonly taken: readonly string[];
  readonly options: Readonly<Record<string, SecretableText>>;
}

function optionProblem(name: string, { value, taken, options }: Option): string | null {
  if (!taken.includes(name)) {
    const near = nearest(name, taken);
    return `is no option of this driver${near === null ? '' : ` (the nearest is "${near}")`}; there are ${taken.join(', ')}`;
  }
  // A mode that nobody can read here is left to the engine.
  if (name === 'max-buffer-size' && (options.mode === undefined || options.mode === '' || options.mode === 'blocking'))
    return 'needs mode = "non-blocking" beside it';
  const [form, said] = forms[name] ?? [];
  return form && said !== undefined && typeof value === 'string' && !form.test(value) ? said : null;
}
