import { Buffer } from 'node:buffer';

/** A piece of a container's output; `stdout` and `stderr` are cut into lines each on their own. */
export interface OutputPiece {
  readonly source: 'stdout' | 'stderr';
  readonly bytes: Buffer;
}

interface Bounds {
  readonly lines: number;
  readonly bytes: number;
}

/**
 * Takes apart the engine's frames (`stream type, 0, 0, 0, length`: API reference, "Attach to a container"). A frame may come in any number
 * of pieces. Output of a container with a terminal has no frames: then every byte is stdout.
 */
export async function* outputPieces(
  answer: AsyncIterable<Uint8Array>,
  { terminal }: { readonly terminal: boolean },
): AsyncGenerator<OutputPiece> {
  let pending = Buffer.alloc(0);
  for await (const bytes of answer) {
    if (terminal) {
      yield { source: 'stdout', bytes: Buffer.from(bytes) };
      continue;
    }
    pending = Buffer.concat([pending, bytes]);
    while (pending.length >= headerLength) {
      const end = headerLength + pending.readUInt32BE(4);
      if (pending.length < end) break;
      yield { source: pending[0] === 2 ? 'stderr' : 'stdout', bytes: pending.subarray(headerLength, end) };
      pending = pending.subarray(end);
    }
  }
}

/** The last lines, oldest first, decoded as UTF-8. Keeps at most `lines` of them and `bytes` in all; of a longer line its end. */
export async function lastLines(pieces: AsyncIterable<OutputPiece>, bounds: Bounds): Promise<string[]> {
  const kept: Buffer[] = [];
  let keptBytes = 0;
  const open = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };

  function keep(line: Buffer): void {
    kept.push(line);
    keptBytes += line.length;
    while (kept.length > bounds.lines || (keptBytes > bounds.bytes && kept.length > 1)) keptBytes -= kept.shift()?.length ?? 0;
  }

  for await (const { source, bytes } of pieces) {
    let rest = Buffer.concat([open[source], bytes]);
    for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
      keep(lastBytes(rest.subarray(0, end), bounds.bytes));
      rest = rest.subarray(end + 1);
    }
    // A copy: a view would hold on to everything that was read so far.
    open[source] = Buffer.from(lastBytes(rest, bounds.bytes));
  }
  for (const unfinished of [open.stdout, open.stderr]) if (unfinished.length > 0) keep(unfinished);
  return kept.map((line) => line.toString('utf8'));
}

const headerLength = 8;
const newline = 0x0a;

function lastBytes(line: Buffer, limit: number): Buffer {
  return line.subarray(Math.max(0, line.length - limit));
}
