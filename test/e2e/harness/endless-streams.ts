import { WebSocket } from 'ws';
import { open, patienceMs } from './open.ts';
import { listenForSilence } from './silence.ts';

export interface StreamOptions {
  readonly port: number;
  readonly host: string;
  /** Every version that may serve. */
  readonly versions: readonly string[];
  /** How long an open stream may say nothing. */
  readonly silenceMs: number;
  /** Ends the stream from this side. */
  readonly signal: AbortSignal;
  /** Something arrived that was expected. */
  readonly onHeard: () => void;
}

/** One stream of events, from its first to its good-bye; rejects when it ends otherwise, goes mute, or says what nobody expects. */
export async function listenOnce({ port, host, versions, silenceMs, signal, onHeard }: StreamOptions): Promise<void> {
  const response = await open({ port, host, method: 'GET', path: '/events', agent: false });
  if (response.statusCode !== 200 || signal.aborted) {
    response.destroy();
    if (signal.aborted) return;
    throw new Error(`GET /events answered ${response.statusCode}`);
  }
  const silence = listenForSilence(silenceMs, () => response.destroy(new Error(`the event stream said nothing for ${silenceMs} ms`)));
  const leave = () => void response.destroy();
  signal.addEventListener('abort', leave, { once: true });
  let unread = '';
  let isOver = false;
  try {
    for await (const chunk of response) {
      silence.broken();
      const events = (unread + String(chunk)).split('\n\n');
      unread = events.pop() ?? '';
      for (const event of events) {
        if (event === 'event: end\ndata: bye') isOver = true;
        else if (versions.some((version) => event === `data: ${version}`)) onHeard();
        else throw new Error(`the event stream said ${JSON.stringify(event.slice(0, 100))}`);
      }
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  } finally {
    silence.stop();
    signal.removeEventListener('abort', leave);
  }
  if (!isOver && !signal.aborted) throw new Error('the event stream ended without its good-bye');
}

/**
 * One WebSocket: says something, waits for the echo, again, until the other side says good-bye; rejects when it ends otherwise, when an
 * echo stays out, or when it is another one.
 */
export async function talkOnce({ port, host, silenceMs, signal, onHeard }: Omit<StreamOptions, 'versions'>): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers: { host }, handshakeTimeout: patienceMs });
  const closed = Promise.withResolvers<number>();
  const endBy = (reason: string) => {
    closed.reject(new Error(reason));
    socket.terminate();
  };
  let waitingFor = '';
  let said = 0;
  const speak = () => {
    if (socket.readyState !== WebSocket.OPEN) return;
    waitingFor = `message ${said}`;
    said += 1;
    socket.send(waitingFor);
  };
  socket.on('error', closed.reject);
  socket.on('close', (code) => closed.resolve(code));
  socket.on('open', () => {
    const silence = listenForSilence(silenceMs, () => endBy(`no echo of "${waitingFor}" for ${silenceMs} ms`));
    socket.on('close', () => silence.stop());
    socket.on('message', (data) => {
      silence.broken();
      if (String(data) !== waitingFor) return endBy(`said "${waitingFor}", heard ${JSON.stringify(String(data))}`);
      onHeard();
      setTimeout(speak, 50);
    });
    speak();
  });
  const leave = () => socket.close(1000);
  signal.addEventListener('abort', leave, { once: true });
  try {
    const code = await closed.promise;
    if (code !== 1001 && code !== 1012 && !signal.aborted) throw new Error(`the WebSocket closed with ${code}`);
  } catch (thrown) {
    // Who leaves in the middle of a handshake is told so.
    if (!signal.aborted) throw thrown;
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
