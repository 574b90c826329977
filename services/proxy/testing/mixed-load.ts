import { Agent } from 'node:http';
import { WebSocket } from 'ws';
import { ask } from './http-client.ts';

/** Clients of all kinds that go on asking, and connections that go on talking. */
export interface MixedLoad {
  answered(): number;
  /** Messages that came back, and connections that were closed properly. */
  echoed(): number;
  closed(): number;
  /** Lets everybody finish; resolves to what went wrong. */
  stop(): Promise<readonly string[]>;
}

interface Failed {
  readonly what: string;
  readonly startedAt: number;
}

interface LoadOptions {
  readonly port: number;
  /** Clients of each kind. */
  readonly each: number;
  /** Whom requests are for, and whom WebSockets. */
  readonly hosts?: readonly [web: string, sockets: string];
  /** Called with what went wrong, and when it was asked. */
  readonly onFailure?: (failed: Failed) => void;
}

const events = Array.from({ length: 10 }, (_, index) => `data: ${index}\n\n`).join('');
/** Who goes away without a reason says 1000, a proxy that lets its target go 1001. */
const clean = new Set([1_000, 1_001]);
const messagesEach = 200;

export function startMixedLoad({ port, each, hosts = ['web.test', 'ws.test'], onFailure }: LoadOptions): MixedLoad {
  const [host, socketHost] = hosts;
  const failures: string[] = [];
  let going = true;
  let answered = 0;
  let echoed = 0;
  let closed = 0;

  function fail(failed: Failed): void {
    failures.push(failed.what);
    onFailure?.(failed);
  }

  async function goOn(what: string, work: (mark: string) => Promise<string>): Promise<void> {
    for (let count = 0; going; count += 1) {
      const mark = `${what} ${count}`;
      const startedAt = performance.now();
      const wrong = await work(mark).catch((error: unknown) => String(error));
      if (wrong === '') answered += 1;
      else fail({ what: `${mark}: ${wrong}`, startedAt });
    }
  }

  const unlike = (said: { readonly status: number; readonly body: string }, wanted: string) =>
    said.status === 200 && said.body === wanted ? '' : `${said.status} ${JSON.stringify(said.body.slice(0, 60))}`;

  function client(name: string): readonly Promise<void>[] {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const upload = 'x'.repeat(100_000);
    return [
      goOn(`keep-alive ${name}`, async (mark) => unlike(await ask({ port, host, agent, headers: { 'x-mark': mark } }), mark)).finally(() =>
        agent.destroy(),
      ),
      goOn(`fresh ${name}`, async (mark) => unlike(await ask({ port, host, headers: { 'x-mark': mark, connection: 'close' } }), mark)),
      goOn(`upload ${name}`, async () =>
        unlike(await ask({ port, host, method: 'POST', path: '/upload', body: upload }), String(upload.length)),
      ),
      goOn(`events ${name}`, async () => unlike(await ask({ port, host, path: '/sse' }), events)),
      talkOn(`socket ${name}`),
    ];
  }

  async function talkOn(name: string): Promise<void> {
    while (going) {
      const startedAt = performance.now();
      const wrong = await talk(name);
      closed += 1;
      if (wrong !== '') fail({ what: `${name}: ${wrong}`, startedAt });
    }
  }

  /** Says one thing after another on one connection, each when the one before came back. */
  async function talk(name: string): Promise<string> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { host: socketHost } });
    let wrong = '';
    let said = 0;
    const next = () => (going && said < messagesEach ? socket.send(`${name} ${said}`) : socket.close(1_000));
    socket.on('open', next);
    socket.on('error', (error) => {
      wrong = error.message;
    });
    socket.on('message', (data: Buffer) => {
      if (data.toString() !== `${name} ${said}`) wrong = `${data.toString()} came back`;
      said += 1;
      echoed += 1;
      next();
    });
    const code = await new Promise<number>((resolve) => socket.on('close', resolve));
    return wrong === '' && !clean.has(code) ? `closed with ${code}` : wrong;
  }

  const all = Array.from({ length: each }, (_, index) => client(String(index))).flat();
  return {
    answered: () => answered,
    echoed: () => echoed,
    closed: () => closed,
    async stop() {
      going = false;
      await Promise.all(all);
      return failures;
    },
  };
}
