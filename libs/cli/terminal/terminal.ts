import type { Readable, Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { confirm } from '@clack/prompts';
import { askPlainly } from './ask-plainly.ts';
import { createPaint, type Paint } from './style.ts';
import { type Cell, formatTable } from './table.ts';

/** A stream that may be a terminal. */
type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };
type InputStream = Readable & { readonly isTTY?: boolean };

/** What a process has of its surroundings; tests bring their own. */
export interface TerminalStreams {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly stdin: InputStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
}

/** Everything a command says to a person or a program goes through here. */
export interface Terminal {
  readonly streams: TerminalStreams;
  /** True when standard output is a terminal: lines may be rewritten. */
  readonly isTerminal: boolean;
  /** True when a person can be asked. */
  readonly canAsk: boolean;
  readonly paint: Paint;
  readonly now: () => Date;
  /** A line of the result, on standard output. */
  print(line?: string): void;
  /** A remark beside the result, on standard error. */
  note(line: string): void;
  /** One JSON document; `compact` puts it on one line, for streams of them. */
  json(value: unknown, options?: { readonly compact?: boolean }): void;
  /** `fits`: on a terminal the columns of these headings give way, and the last one is cut, to the width of that; elsewhere all is told. */
  table(headings: readonly string[], rows: readonly (readonly Cell[])[], options?: { readonly fits?: readonly string[] }): void;
  /** One that says on standard error what this one says on standard output: what is told beside a result for programs. */
  aside(): Terminal;
  /** Clears the screen, on a terminal only. */
  clear(): void;
  /** Asks once; anything but a yes is a no. Only when `canAsk`. */
  confirm(question: string): Promise<boolean>;
}

/** Colours and changing lines only where `stdout` is a terminal, and one that can do that. */
export function createTerminal(streams: TerminalStreams): Terminal {
  const { stdout, stderr, stdin, environment, now } = streams;
  const isDumb = environment.TERM === 'dumb';
  const isTerminal = stdout.isTTY === true && !isDumb;
  const paint = createPaint({ isTerminal, noColor: environment.NO_COLOR });
  const print = (line = '') => void stdout.write(`${line}\n`);
  return {
    streams,
    isTerminal,
    canAsk: stdout.isTTY === true && stdin.isTTY === true,
    paint,
    now,
    print,
    // Painted for standard output, which may be a terminal where this is a file.
    note: (line) => void stderr.write(`${stderr.isTTY === true && !isDumb ? line : stripVTControlCharacters(line)}\n`),
    json: (value, { compact = false } = {}) => print(compact ? JSON.stringify(value) : JSON.stringify(value, null, 2)),
    table(headings, rows, { fits } = {}) {
      // A pseudo-terminal whose size nobody set has 0 columns.
      const columns = fits && isTerminal && stdout.columns ? stdout.columns : undefined;
      for (const line of formatTable({ headings, rows, paint, columns, gives: fits })) print(line);
    },
    aside: () => createTerminal({ ...streams, stdout: stderr }),
    clear() {
      if (isTerminal) stdout.write('\u001b[2J\u001b[3J\u001b[H');
    },
    async confirm(question) {
      if (isDumb) return await askPlainly({ question, input: stdin, output: stdout });
      return (await confirm({ message: question, initialValue: false, input: stdin, output: stdout })) === true;
    },
  };
}
