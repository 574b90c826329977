import { RetryableError } from '@kedge/shared/kernel';

/** The values of a stream of JSON lines. A line may come in any number of pieces, a piece may hold many lines. */
export async function* jsonLines(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  const decoder = new TextDecoder();
  let pending = '';
  for await (const piece of pieces) {
    pending += decoder.decode(piece, { stream: true });
    const lines = pending.split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield parseLine(line);
  }
  pending += decoder.decode();
  if (pending.trim() !== '') yield parseLine(pending);
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new RetryableError('ENGINE_ERROR', 'the container engine sent a line that is not JSON; the stream was cut or the engine failed', {
      cause,
    });
  }
}
