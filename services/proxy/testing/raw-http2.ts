import type { Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';

/** Types of frames (RFC 9113 §6). */
export const frame = { data: 0, headers: 1, rstStream: 3, settings: 4, ping: 6, goaway: 7, windowUpdate: 8, continuation: 9 } as const;
export const flag = { endStream: 0x1, ack: 0x1, endHeaders: 0x4 } as const;

/** A frame that the server sent. */
export interface SeenFrame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** A connection on which frames are written by hand. */
export interface RawHttp2 {
  readonly socket: TLSSocket;
  readonly seen: readonly SeenFrame[];
  /** Resolves with the first frame that passes; rejects when the connection ends before. */
  next(passes: (frame: SeenFrame) => boolean): Promise<SeenFrame>;
  send(...frames: readonly Buffer[]): void;
}

/** One frame (RFC 9113 §4.1). */
export function frameOf(
  [type, flags, stream]: readonly [type: number, flags: number, stream: number],
  payload: Buffer | string = '',
): Buffer {
  const body = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload;
  const head = Buffer.alloc(9);
  head.writeUIntBE(body.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, body]);
}

/** A field block in which nothing is compressed or remembered (RFC 7541 §6.2.2); names and values take turns. */
export function fieldBlock(fields: readonly string[]): Buffer {
  return Buffer.concat(
    fields.flatMap((text, index) => {
      const bytes = Buffer.from(text, 'latin1');
      return [...(index % 2 === 0 ? [Buffer.from([0])] : []), integer(bytes.length), bytes];
    }),
  );
}

/** RFC 7541 §5.1, with a prefix of seven bits. */
function integer(value: number): Buffer {
  if (value < 127) return Buffer.from([value]);
  const bytes = [127];
  let rest = value - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/** Takes whole frames off the front of what came; returns the rest. */
function takeFrames(bytes: Buffer, onFrame: (frame: SeenFrame) => void): Buffer {
  let rest = bytes;
  while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
    const length = rest.readUIntBE(0, 3);
    onFrame({ type: rest.readUInt8(3), flags: rest.readUInt8(4), stream: rest.readUInt32BE(5), payload: rest.subarray(9, 9 + length) });
    rest = rest.subarray(9 + length);
  }
  return rest;
}

/** What a connection says as an upstream that writes its frames by hand; `answer` is sent when the head of a request came. */
export function speakRawHttp2(socket: Socket, answer: (stream: number) => readonly Buffer[]): void {
  let bytes: Buffer = Buffer.alloc(0);
  let begun = false;
  socket.write(frameOf([frame.settings, 0, 0]));
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    if (!begun && bytes.length < preface.length) return;
    if (!begun) bytes = bytes.subarray(preface.length);
    begun = true;
    bytes = takeFrames(bytes, ({ type, stream }) => {
      if (type === frame.headers) socket.write(Buffer.concat([...answer(stream)]));
    });
  });
}

/** Agrees on HTTP/2 by TLS and sends the preface (RFC 9113 §3.4). */
export async function openRawHttp2(port: number, host = 'web.test'): Promise<RawHttp2> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'], servername: host });
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => socket.destroy());
  const seen: SeenFrame[] = [];
  const waiting = new Set<() => void>();
  let bytes: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    bytes = takeFrames(bytes, (each) => seen.push(each));
    for (const look of waiting) look();
  });
  socket.on('close', () => {
    for (const look of waiting) look();
  });
  socket.write(preface);
  socket.write(frameOf([frame.settings, 0, 0]));
  return {
    socket,
    seen,
    send: (...frames) => void socket.write(Buffer.concat(frames)),
    async next(passes) {
      return await new Promise((resolve, reject) => {
        const look = () => {
          const found = seen.find(passes);
          if (!found && !socket.destroyed) return;
          waiting.delete(look);
          if (found) resolve(found);
          else reject(new Error('the connection ended'));
        };
        waiting.add(look);
        look();
      });
    },
  };
}
