import { nearest } from '@kedge/shared/kernel';
import { z } from 'zod';
import { formed } from '../told.ts';

/** Signals of Linux (signal(7)). */
const names = [
  ...['ABRT', 'ALRM', 'BUS', 'CHLD', 'CLD', 'CONT', 'FPE', 'HUP', 'ILL', 'INT', 'IO', 'IOT', 'KILL', 'PIPE', 'POLL', 'PROF', 'PWR', 'QUIT'],
  ...['SEGV', 'STKFLT', 'STOP', 'SYS', 'TERM', 'TRAP', 'TSTP', 'TTIN', 'TTOU', 'URG', 'USR1', 'USR2', 'VTALRM', 'WINCH', 'XCPU', 'XFSZ'],
];
const realTime = /^RTM(?:IN(?:\+(?:[1-9]|1[0-5]))?|AX(?:-(?:[1-9]|1[0-4]))?)$/;
const number = /^(?:[1-9]|[1-5]\d|6[0-4])$/;

/** `SIGQUIT`, `quit`, `SIGRTMIN+3` or a number: told with `SIG` in front and in capitals. */
export const StopSignal = formed(
  z
    .union([z.string(), z.int().transform(String)], { error: 'must be the name or number of a signal, such as "SIGQUIT"' })
    .transform((given, context) => {
      const text = given.trim().toUpperCase();
      const name = text.startsWith('SIG') ? text.slice(3) : text;
      if (number.test(text)) return text;
      if (names.includes(name) || realTime.test(name)) return `SIG${name}`;
      const near = nearest(name, names);
      const hint = near === null ? '' : `; the nearest is "SIG${near}"`;
      context.issues.push({
        code: 'custom',
        message: 'is no signal of Linux; write one such as "SIGTERM", "SIGQUIT", "SIGRTMIN+3" or a number from 1 to 64',
        params: { quoting: near === null ? undefined : hint.slice(2) },
        input: undefined,
      });
      return z.NEVER;
    }),
  'signal',
);
