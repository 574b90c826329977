import { Socket } from 'node:net';

/** How long a socket that can no longer be written to is still listened to. */
const lastWordsMs = 250;

/**
 * A socket that hears the other side out. A server may answer early (413, 401) and close although more of the body is on its way; the
 * next write fails then, and Node would destroy the socket together with the answer that lies in it unread. This one stops writing and
 * reads on for a moment, if it is told that there may be something to hear.
 */
export class PatientSocket extends Socket {
  /** True while more is being sent than the other side may want to read. */
  patient = false;
  #lastWords: NodeJS.Timeout | null = null;

  override destroy(error?: Error): this {
    if (!this.patient || !isWriteFailure(error)) {
      if (this.#lastWords) clearTimeout(this.#lastWords);
      return super.destroy(error);
    }
    this.#lastWords ??= setTimeout(() => super.destroy(error), lastWordsMs);
    return this;
  }
}

function isWriteFailure(error: Error | undefined): boolean {
  return error !== undefined && 'syscall' in error && error.syscall === 'write';
}
