import { type Logger, pino } from 'pino';
import type { Identity } from '../contracts/index.ts';
import { KedgeError } from '../kernel/index.ts';

/** Fields that must never be printed, wherever they stand; `Sealed` values print as `[sealed]` by themselves. */
const redacted = ['password', '*.password', 'secret', '*.secret', 'seed', '*.seed', 'authorization', '*.authorization', 'env', '*.env'];

/** JSON logs on standard output: a constant sentence, the facts beside it. */
export function createLogger({
  identity,
  instance,
  level,
}: {
  readonly identity: Identity;
  readonly instance: string;
  readonly level: string;
}): Logger {
  return pino({
    level,
    base: { component: identity, instance },
    redact: { paths: redacted, censor: '[redacted]' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: describeError },
  });
}

function describeError(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown;
  const code = thrown instanceof KedgeError ? { code: thrown.code, details: thrown.details } : {};
  return { type: thrown.name, message: thrown.message, stack: thrown.stack, ...code };
}
