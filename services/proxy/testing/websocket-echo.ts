import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** RFC 6455 §1.3. */
const magic = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Accepts a WebSocket and sends every short text frame back (RFC 6455 §5.2); for tests. */
export function echoWebSocket(request: IncomingMessage, socket: Duplex): void {
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key'] ?? ''}${magic}`)
    .digest('base64');
  socket.on('error', () => socket.destroy());
  socket.on('end', () => socket.end());
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  let pending = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    for (let frame = takeFrame(pending); frame; frame = takeFrame(pending)) {
      pending = pending.subarray(frame.length);
      socket.write(Buffer.concat([Buffer.from([frame.first, frame.payload.length]), frame.payload]));
      if ((frame.first & 0x0f) === 8) socket.end();
    }
  });
}

/** One masked frame of at most 125 bytes; null while it is not complete. */
function takeFrame(bytes: Buffer): { readonly first: number; readonly payload: Buffer; readonly length: number } | null {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return null;
  const size = second & 0x7f;
  if (bytes.length < 6 + size) return null;
  const mask = bytes.subarray(2, 6);
  return { first, length: 6 + size, payload: Buffer.from(bytes.subarray(6, 6 + size).map((byte, index) => byte ^ (mask[index % 4] ?? 0))) };
}
