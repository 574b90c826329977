// The application that the stories deploy. What it does is baked into its image: VERSION and MODE.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as timer } from 'node:timers/promises';

const version = process.env.VERSION ?? 'v0';
const mode = process.env.MODE ?? 'good';
const open = new Set();
let stopping = false;

if (mode === 'crash') {
  console.log(`${version} begins`);
  // Careless programs print what they were given: in a line, line by line, or as they were called.
  for (const line of (process.env.KEY ?? '').split('\n')) console.error(line);
  console.error(`${version} was called with ${process.argv.slice(2).join(' ')}`);
  console.error(`${version} cannot find its database ${process.env.DB ?? ''}`);
  process.exit(3);
}

// Whoever goes away in the middle of an upload ends that request, and not the program.
const server = createServer((request, response) => handle(request, response).catch(() => response.destroy()));

async function handle(request, response) {
  const url = new URL(request.url ?? '/', 'http://app');
  // Who goes away says so, or a client that asks again and again over one connection keeps it alive.
  if (stopping) response.setHeader('connection', 'close');
  const answer = (status, body) => response.writeHead(status, { 'content-type': 'text/plain', 'x-version': version }).end(body);
  if (url.pathname === '/health') return answer(mode === 'unhealthy' ? 503 : 200, version);
  if (url.pathname === '/env') return answer(200, process.env[url.searchParams.get('name') ?? ''] ?? '');
  if (url.pathname === '/arguments') return answer(200, process.argv.slice(2).join(' '));
  if (url.pathname === '/headers') return answer(200, JSON.stringify(request.headers));
  if (url.pathname === '/slow') {
    await timer(Number(url.searchParams.get('ms') ?? 5_000));
    return answer(200, `slow ${version}`);
  }
  if (url.pathname === '/echo') {
    const hash = createHash('sha256');
    let length = 0;
    for await (const chunk of request) {
      hash.update(chunk);
      length += chunk.length;
    }
    return answer(200, `${length} ${hash.digest('hex')}`);
  }
  if (url.pathname === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const tick = setInterval(() => response.write(`data: ${version}\n\n`), 100);
    const end = () => {
      clearInterval(tick);
      open.delete(end);
      response.end('event: end\ndata: bye\n\n');
    };
    open.add(end);
    response.on('close', () => {
      clearInterval(tick);
      open.delete(end);
    });
    // Who came by a connection that was open already is told to go, too.
    if (stopping) end();
    return;
  }
  return answer(200, version);
}

// A WebSocket echo (RFC 6455) for single, short, masked text frames: all that the load client sends.
server.on('upgrade', (request, socket) => {
  const key = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`);
  let buffered = Buffer.alloc(0);
  const end = () => {
    open.delete(end);
    socket.end(Buffer.from([0x88, 0x02, 0x03, 0xe9])); // close, 1001: going away
  };
  open.add(end);
  if (stopping) end();
  socket.on('error', () => socket.destroy());
  socket.on('close', () => open.delete(end));
  socket.on('data', (chunk) => {
    buffered = Buffer.concat([buffered, chunk]);
    while (buffered.length >= 6) {
      const length = buffered[1] & 0x7f;
      if (buffered.length < 6 + length) return;
      const mask = buffered.subarray(2, 6);
      const payload = buffered.subarray(6, 6 + length).map((byte, index) => byte ^ mask[index % 4]);
      const isClose = (buffered[0] & 0x0f) === 8;
      buffered = buffered.subarray(6 + length);
      if (isClose) return end();
      socket.write(Buffer.concat([Buffer.from([0x81, payload.length]), payload]));
    }
  });
});

server.listen(8080, () => console.log(`${version} listens`));
process.on('SIGTERM', () => {
  stopping = true;
  for (const end of open) end();
  server.close(() => process.exit(0));
});
