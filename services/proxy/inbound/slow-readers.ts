import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket, Server as TlsServer } from 'node:tls';
import type { Closable } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { isGivenUp, isInDoubt, judgeIntake, looksToEach, type SeenIntake } from '../core/judge-intake.ts';
import type { SendQueues } from '../ports.ts';
import { kernelEnds } from './kernel-ends.ts';

interface SlowReaderOptions {
  /** How long a client may take nothing of an answer that waits for it, in milliseconds; 0: for ever. */
  readonly idleMs: number;
  readonly sendQueues: SendQueues;
  readonly log: Logger;
}

/**
 * Ends connections whose clients take nothing: their answers would hold memory, and draining targets, for ever. Knows those that begin from now
 * on; upgraded ones are left to those who speak on them. Whoever takes something stays, as soon as its kernel confirms it (in steps of up to some
 * hundred KB), and so does everybody where our kernel does not tell.
 */
export function watchSlowReaders(server: Server, { idleMs, sendQueues, log }: SlowReaderOptions): Closable {
  const connections = new Map<Socket, SeenIntake | null>();
  let looking: Promise<void> | null = null;

  function begun(socket: Socket): void {
    connections.set(socket, null);
    socket.once('close', () => connections.delete(socket));
  }

  async function look(): Promise<void> {
    const inDoubt = [...connections].flatMap(([socket, before]) => (isInDoubt(before, intakeOf(socket)) ? [socket] : []));
    const ends = new Map(inDoubt.map((socket) => [socket, kernelEnds(socket)]));
    const queues = await sendQueues([...ends.values()]);
    const queuedBytes = (socket: Socket) => {
      const asked = ends.get(socket);
      return (asked && queues.get(asked)) ?? null;
    };
    for (const [socket, before] of connections) {
      const seen = judgeIntake(before, { ...intakeOf(socket), queuedBytes: queuedBytes(socket) });
      connections.set(socket, seen);
      if (!isGivenUp(seen)) continue;
      const { waitingBytes, queuedBytes: left } = seen;
      log.debug({ waitingBytes, queuedBytes: left }, 'a client takes nothing of its answer: its connection is ended');
      breakOff(socket);
    }
  }

  if (idleMs === 0) return { close: async () => await Promise.resolve() };
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', begun);
  server.on('upgrade', ({ socket }) => connections.delete(socket));
  const timer = setInterval(() => {
    looking ??= look().finally(() => {
      looking = null;
    });
  }, idleMs / looksToEach).unref();
  return {
    close: async () => {
      clearInterval(timer);
      await looking;
    },
  };
}

function intakeOf(socket: Socket): { readonly takenBytes: number; readonly waitingBytes: number } {
  const waitingBytes = socket.writableLength;
  return { takenBytes: socket.bytesWritten - waitingBytes, waitingBytes };
}

/** The end of a connection may be the end of a body: only a reset tells the truth. TLS has a farewell, which is left out (RFC 8446 §6.1). */
function breakOff(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}
