import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

/**
 * Writes these pieces so that a reader in this process gets each in a read of its own: loopback hands a piece over at once, and in the
 * turns of the event loop between two of them it is read. Ends early when the other one is gone.
 */
export async function writePieces(socket: Socket, pieces: readonly (string | Buffer)[]): Promise<void> {
  socket.setNoDelay(true);
  for (const piece of pieces) {
    if (socket.destroyed || socket.writableEnded) return;
    socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece);
    await turn();
    await turn();
  }
}

/**
 * Sends the pieces on a connection of their own, and resolves to what came back until it closed. No more of them once something came,
 * unless `all` are wanted: who writes to somebody that hung up is reset.
 */
export async function sendPieces(port: number, pieces: readonly (string | Buffer)[], all = false): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
  // Who keeps it open is waited for so long only.
  socket.setTimeout(20_000, () => socket.destroy());
  let received = '';
  const closed = once(socket, 'close').catch(() => undefined);
  socket.on('data', (bytes: Buffer) => {
    received += bytes.toString('latin1');
  });
  socket.on('error', () => socket.destroy());
  const connected = once(socket, 'connect').catch(() => undefined);
  await Promise.race([connected, closed]);
  for (const piece of pieces) {
    if (received !== '' && !all) break;
    await writePieces(socket, [piece]);
  }
  await closed;
  return received;
}

/** Each byte a piece. */
export function eachByte(bytes: string): readonly string[] {
  return [...bytes];
}

/** Cut into two pieces behind so many bytes. */
export function cutAt(bytes: string, at: number): readonly string[] {
  return [bytes.slice(0, at), bytes.slice(at)];
}

/** Does the work for all, a bounded number of them at a time. */
export async function forAll<Value>(values: readonly Value[], work: (value: Value) => Promise<void>, atOnce = 16): Promise<void> {
  const rest = values[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let next = rest.next(); !next.done; next = rest.next()) await work(next.value);
    }),
  );
}
