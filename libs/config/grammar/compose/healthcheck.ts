import type { HealthcheckSpec, SecretableText } from '@kedge/shared/contracts';
import { z } from 'zod';
import { Duration, PositiveDuration, SecretText, TaintedText } from '../leaf-forms.ts';
import { formed, told } from '../told.ts';
import { wholeNumber } from './numbers.ts';

const testForm = 'must be one text for a shell, or an array that begins with "CMD", "CMD-SHELL" or "NONE"';

const kindForm = 'must be "CMD", "CMD-SHELL" or "NONE" as it is, without a variable';

/** A variable may fill the words behind the first, or all of the text for the shell. */
const Test = formed(
  z
    .union([z.string().min(1, testForm), z.instanceof(TaintedText), z.array(SecretText)], { error: testForm })
    .transform((given, context): SecretableText[] => {
      const test = Array.isArray(given) ? given : ['CMD-SHELL', given instanceof TaintedText ? given.secret : given];
      const [kind, ...words] = test;
      if (typeof kind === 'object') {
        context.issues.push({ code: 'custom', message: kindForm, input: undefined, path: [0] });
        return z.NEVER;
      }
      const fits = kind === 'NONE' ? words.length === 0 : kind === 'CMD-SHELL' ? words.length === 1 : kind === 'CMD' && words.length > 0;
      if (!fits) context.issues.push({ code: 'custom', message: `${testForm}, each with what belongs to it`, input: undefined });
      return test;
    }),
  'array of texts, or one text',
);

/** `[service.healthcheck]`; `disable = true` and `test = ["NONE"]` are the same. */
export const Healthcheck = z
  .strictObject({
    test: told(Test, {
      description:
        '`["CMD", "curl", …]`, `["CMD-SHELL", "…"]` or one text for `/bin/sh`; exit 0 is healthy. `["NONE"]` switches the check of the image off',
      fallback: "the image's",
    }).optional(),
    interval: told(PositiveDuration, { description: 'between two checks', default: '30s' }).optional(),
    timeout: told(PositiveDuration, { description: 'of one check', default: '30s' }).optional(),
    retries: told(wholeNumber(1), { description: 'failures in a row that make it unhealthy', default: 3 }).optional(),
    start_period: told(Duration, { description: 'in which failures do not count', default: '0s' }).optional(),
    start_interval: told(PositiveDuration, { description: 'between two checks within the `start_period`', default: '5s' }).optional(),
    disable: told(z.boolean(), { description: '`true` is the same as `test = ["NONE"]`', default: false }).optional(),
  })
  .transform(({ disable, ...check }, context): HealthcheckSpec => {
    const { test, ...settings } = check;
    const isNone = test?.[0] === 'NONE';
    if (disable !== true && !isNone) return check;
    const given = Object.keys(test === undefined || isNone ? settings : check);
    for (const key of given) {
      const message = 'has no meaning while the check is switched off; take one of the two out';
      context.issues.push({ code: 'custom', message, input: undefined, path: [key] });
    }
    return { test: ['NONE'] };
  });
