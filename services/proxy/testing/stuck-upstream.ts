import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** An upstream that neither takes nor refuses connections until it wakes; then it answers `awake`. */
export interface StuckUpstream {
  readonly port: number;
  wake(): void;
  close(): Promise<void>;
}

const program = `
  const server = require('node:http').createServer((request, response) => response.end('awake'));
  server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => console.log(server.address().port));
`;
/** A backlog of one takes one more, and then the kernel drops whoever knocks. */
const backlogHolds = 2;

export async function startStuckUpstream(): Promise<StuckUpstream> {
  const child: ChildProcess = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout ?? process.stdin });
  const [line] = await once(lines, 'line');
  const port = Number(line);
  child.kill('SIGSTOP');
  const waiting: Socket[] = [];
  for (let count = 0; count < backlogHolds; count += 1) {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('error', () => socket.destroy());
    waiting.push(socket);
    await once(socket, 'connect');
  }
  return {
    port,
    wake: () => void child.kill('SIGCONT'),
    async close() {
      for (const socket of waiting) socket.destroy();
      child.kill('SIGKILL');
      await exited;
    },
  };
}
