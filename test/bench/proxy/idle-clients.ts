import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/**
 * Opens so many connections, has one request answered on each, says `open`, and keeps them until its standard input ends; run as a process
 * of its own. Arguments: `plain` or `tls`, the port on 127.0.0.1, how many.
 */
const [, , protocol = 'plain', port = '0', count = '0'] = process.argv;
const atOnce = 50;
const request = 'GET /200 HTTP/1.1\r\nHost: localhost\r\n\r\n';

async function open(): Promise<Socket> {
  const where = { host: '127.0.0.1', port: Number(port) };
  const socket = protocol === 'tls' ? connectTls({ ...where, servername: 'localhost', rejectUnauthorized: false }) : connect(where);
  socket.once('close', () => {
    process.stderr.write('the proxy closed an idle connection\n');
    process.exit(1);
  });
  await once(socket, protocol === 'tls' ? 'secureConnect' : 'connect');
  socket.write(request);
  let answer = '';
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    answer += String(chunk);
    const head = answer.indexOf('\r\n\r\n');
    if (head >= 0 && answer.length >= head + 4 + 200) break;
  }
  if (!answer.startsWith('HTTP/1.1 200')) throw new Error(`not answered with 200: ${answer.slice(0, 100)}`);
  return socket;
}

const sockets: Socket[] = [];
while (sockets.length < Number(count)) {
  const some = Math.min(atOnce, Number(count) - sockets.length);
  sockets.push(...(await Promise.all(Array.from({ length: some }, open))));
}
process.stdout.write('open\n');
process.stdin.resume().once('end', () => process.exit(0));
