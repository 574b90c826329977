import { DefaultRenderer, Listr, ListrLogger, ProcessOutput } from 'listr2';
import { oneLine } from './table.ts';
import type { Terminal } from './terminal.ts';

/** How shown work ended: the last line that is said of it. */
export interface Ending {
  readonly ok: boolean;
  readonly line: string;
}

/**
 * Says how far something is. `isNews` is false where only a time in the line is another one: a line that changes shows it, elsewhere it is
 * not said again. Default: true.
 */
export type Tell = (line: string, options?: { readonly isNews?: boolean }) => void;
type Work<Result> = (tell: Tell) => Promise<Result>;

interface Shown<Result> {
  readonly terminal: Terminal;
  readonly title: string;
  readonly work: Work<Result>;
}

/**
 * Shows work that takes a while: one line that keeps changing on a terminal, a line for each change elsewhere. `work` says its steps with
 * `tell`; saying the same twice in a row is saying it once.
 */
export async function showProgress<Result extends Ending>({ terminal, title, work }: Shown<Result>): Promise<Result> {
  const harmless: Work<Result> = async (tell) => {
    const result = await work((line, options) => tell(oneLine(line), options));
    return { ...result, line: oneLine(result.line) };
  };
  return terminal.isTerminal && columnsOf(terminal) >= fewestColumns
    ? await asChangingLine({ terminal, title, work: harmless })
    : await asLines({ terminal, title, work: harmless });
}

async function asLines<Result extends Ending>({ terminal, title, work }: Shown<Result>): Promise<Result> {
  let last = title;
  terminal.print(title);
  const result = await work((line, { isNews = true } = {}) => {
    if (line === last || !isNews) return;
    last = line;
    terminal.print(`  ${line}`);
  });
  terminal.print(result.line);
  return result;
}

/** A pseudo-terminal whose size nobody set has 0 columns, and a line that changes would break after each letter. */
const fewestColumns = 20;

function columnsOf({ streams: { stdout } }: Terminal): number {
  return stdout.columns ?? 0;
}

/** The terminal layer has already decided that its stream is a terminal; listr2 would look at the process's own. */
class StreamRenderer extends DefaultRenderer {
  static override nonTTY = true;
}

async function asChangingLine<Result extends Ending>({ terminal: { streams }, title, work }: Shown<Result>): Promise<Result> {
  const ended: Result[] = [];
  const processOutput = new ProcessOutput(streams.stdout as NodeJS.WriteStream, streams.stderr as NodeJS.WriteStream, {
    leaveEmptyLine: false,
  });
  const list = new Listr(
    {
      title,
      task: async (_context, task) => {
        const result = await work((line) => {
          task.output = line;
        });
        ended.push(result);
        task.title = result.line;
        // Only a task that throws gets the cross instead of the tick.
        if (!result.ok) throw new NotOk(result.line);
      },
    },
    {
      renderer: StreamRenderer,
      // The front door decides what an interrupt means.
      registerSignalListeners: false,
      rendererOptions: { logger: new ListrLogger({ processOutput }) },
    },
  );
  try {
    await list.run();
  } catch (thrown) {
    if (!(thrown instanceof NotOk)) throw thrown;
  }
  const [result] = ended;
  if (!result) throw new Error(`"${title}" ended without a result`);
  return result;
}

class NotOk extends Error {}
