/** Facts that belong to an error: shown to people and logs, so never a secret. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

interface KedgeErrorOptions {
  readonly details?: ErrorDetails;
  readonly cause?: unknown;
}

/** An error with a stable code in capitals. The message says what happened, why, and what to do next. */
export class KedgeError extends Error {
  readonly code: string;
  readonly details: ErrorDetails;

  constructor(code: string, message: string, { details = {}, cause }: KedgeErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.details = details;
  }
}

/** Retrying cannot help: the input, the configuration or the code has to change first. */
export class TerminalError extends KedgeError {}

/** The world may answer differently later (registry, engine or bus away): try again with back-off. */
export class RetryableError extends KedgeError {
  /** When the other side asked for a pause (`Retry-After`), in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, options: KedgeErrorOptions & { readonly retryAfterMs?: number } = {}) {
    super(code, message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The stable code of a Kedge error, or `UNEXPECTED` for anything else that was thrown. */
export function errorCode(thrown: unknown): string {
  return thrown instanceof KedgeError ? thrown.code : 'UNEXPECTED';
}

/** The message of whatever was thrown, for a person. */
export function errorMessage(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
