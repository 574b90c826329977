import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import type { Identity } from '../contracts/index.ts';
import { KedgeError, logContext } from '../kernel/index.ts';

/** Fields that must never be printed, wherever they stand; `Sealed` values print as `[sealed]` by themselves. */
const redacted = ['password', '*.password', 'secret', '*.secret', 'seed', '*.seed', 'authorization', '*.authorization', 'env', '*.env'];

/** JSON logs: a constant sentence, the facts beside it, and what `inLogContext` says of the work that is done meanwhile. */
export function createLogger({
  identity,
  instance,
  level,
  to = pino.destination(1),
}: {
  readonly identity: Identity;
  readonly instance: string;
  readonly level: string;
  /** Default: standard output. */
  readonly to?: DestinationStream;
}): Logger {
  const options: LoggerOptions = {
    level,
    base: { component: identity, instance },
    redact: { paths: redacted, censor: '[redacted]' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: describeError },
    // What a line says itself goes before.
    mixin: () => ({ ...logContext() }),
  };
  return pino(options, to);
}

function describeError(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown;
  const code = thrown instanceof KedgeError ? { code: thrown.code, details: thrown.details } : {};
  return { type: thrown.name, message: thrown.message, stack: thrown.stack, ...code };
}
