import { PassThrough, Writable } from 'node:stream';
import { createTerminal, type Terminal } from '../terminal/terminal.ts';

/** A terminal whose words can be read afterwards. */
export interface RecordingTerminal extends Terminal {
  /** All of standard output so far. */
  out(): string;
  /** All of standard error so far. */
  err(): string;
}

interface RecordingOptions {
  /** True: behaves like a terminal (colours, changing lines). Default false. */
  readonly isTerminal?: boolean;
  /** Default 120. */
  readonly columns?: number;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The time it is. Default noon on 1 March 2026, UTC. */
  readonly now?: Date;
  /** What the person answers; without it there is nobody to ask. */
  readonly answer?: boolean;
}

export const noon = new Date('2026-03-01T12:00:00.000Z');

export function createRecordingTerminal({
  isTerminal = false,
  columns = 120,
  environment = {},
  now = noon,
  answer,
}: RecordingOptions = {}): RecordingTerminal {
  const stdout = recorder(isTerminal, columns);
  const stderr = recorder(isTerminal, columns);
  const terminal = createTerminal({ stdout: stdout.stream, stderr: stderr.stream, stdin: new PassThrough(), environment, now: () => now });
  return { ...answering(terminal, answer), out: stdout.text, err: stderr.text };
}

function answering(terminal: Terminal, answer: boolean | undefined): Terminal {
  return {
    ...terminal,
    canAsk: answer !== undefined,
    async confirm(question) {
      terminal.print(`? ${question}`);
      return answer ?? false;
    },
    aside: () => answering(terminal.aside(), answer),
  };
}

function recorder(
  isTTY: boolean,
  columns: number,
): {
  readonly stream: Writable & { readonly isTTY: boolean; readonly columns: number; readonly rows: number };
  readonly text: () => string;
} {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk.toString());
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY, columns, rows: 40 }), text: () => chunks.join('') };
}
