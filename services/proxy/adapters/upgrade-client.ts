import { Agent, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Target } from '@kedge/shared/contracts';
import { errorMessage } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { ProxyServer } from 'http-proxy-3';
import { dialReason, placeOf, type TlsTerms, tlsOptions, tlsTerms } from '../core/dial.ts';
import { errorPage, rawAnswer } from '../core/error-page.ts';
import { groupHeaders } from '../core/group-headers.ts';
import type { UpgradeClient, UpgradeRequest } from '../ports.ts';
import { Goodbye } from './websocket-goodbye.ts';

interface UpgradeSettings {
  readonly connectTimeoutMs: number;
  readonly log: Logger;
}

/** What is to be done with the answer of a target. */
interface Asked extends Pick<UpgradeRequest, 'editAnswer' | 'onAnswer'> {
  /** It came, and the client gets it. */
  isAnswered: boolean;
}

/**
 * Joins WebSocket clients with their targets through http-proxy-3. The connection is made here first, so that a target that does not
 * answer leaves the client's request untouched for the next one, and so that both ends are in our hands when one of them goes.
 */
export function createUpgradeClient({ connectTimeoutMs, log }: UpgradeSettings): UpgradeClient {
  const proxy = new ProxyServer({});
  proxy.on('error', (error) => log.debug({ reason: errorMessage(error) }, 'upgraded connection ended with an error'));

  const asked = new WeakMap<IncomingMessage, Asked>();
  const goodbyes = new WeakMap<Socket, Goodbye>();
  proxy.on('open', (upstream: Socket) => goodbyes.get(upstream)?.begin());
  // Before those of http-proxy-3, which writes what it finds in `headers`.
  proxy.on('proxyReqWs', (sent: ClientRequest, request: IncomingMessage) => {
    const hear = (answer: IncomingMessage) => {
      const known = asked.get(request);
      if (!known) return;
      known.isAnswered = true;
      if (known.editAnswer) answer.headers = groupHeaders(known.editAnswer(answer.rawHeaders));
      known.onAnswer(answer.statusCode ?? 502);
    };
    sent.once('upgrade', hear);
    sent.once('response', hear);
  });

  async function join({
    target,
    scheme,
    request,
    socket,
    head,
    headers,
    editAnswer,
    onAnswer,
  }: UpgradeRequest): ReturnType<UpgradeClient['join']> {
    const opened = await open({ target, tls: tlsTerms(scheme), headers }, connectTimeoutMs);
    if (typeof opened === 'string') return { kind: 'unreachable', reason: opened };
    const upstream = opened;
    socket.once('close', () => upstream.destroySoon());
    upstream.once('close', () => {
      // A turn later, because what came last is still being passed on.
      setImmediate(() => (socket.writable ? socket.end(() => socket.destroy()) : socket.destroy()));
    });
    // Who has nothing more to say before the target answered is gone; afterwards it is one half of the connection that ends.
    socket.once('end', () => {
      if (upstream.bytesRead === 0) socket.destroy();
    });
    const goodbye = new Goodbye(upstream, socket);
    goodbyes.set(upstream, goodbye);
    const joined = { kind: 'joined', sayGoodbye: () => goodbye.say() } as const;
    if (socket.destroyed || socket.readableEnded) {
      socket.destroy();
      upstream.destroy();
      return joined;
    }
    request.headers = groupHeaders(headers);
    const known: Asked = { editAnswer, onAnswer, isAnswered: false };
    asked.set(request, known);
    // Of the connection that is there already, this is only what to call it.
    const options = { target: { host: 'localhost', port: target.port }, toProxy: true, agent: agentFor(upstream), proxyTimeout: 0 };
    proxy.ws(request, socket, head, options, (error) => {
      log.warn({ target: target.id, reason: errorMessage(error) }, 'upgrade failed');
      onAnswer(502);
      if (socket.writable && !known.isAnswered) socket.write(rawAnswer(errorPage(502)));
    });
    return joined;
  }

  return { join };
}

interface Opening {
  readonly target: Target;
  readonly tls: TlsTerms | null;
  readonly headers: readonly string[];
}

/** Resolves to the connection, or to the reason why there is none. */
async function open({ target, tls, headers }: Opening, connectTimeoutMs: number): Promise<Socket | string> {
  return await new Promise((resolve) => {
    const place = { ...placeOf(target), noDelay: true, allowHalfOpen: true };
    const socket = tls ? connectTls({ ...place, ...tlsOptions(tls, headers) }) : connect(place);
    let reason = 'the connection was closed';
    const onTimeout = () => {
      reason = 'connecting took too long';
      socket.destroy();
    };
    const onError = (error: Error) => {
      reason = dialReason(error);
    };
    const onClose = () => resolve(reason);
    socket.setTimeout(connectTimeoutMs, onTimeout);
    socket.on('error', onError);
    socket.once('close', onClose);
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      socket.setTimeout(0, onTimeout);
      socket.off('close', onClose);
      resolve(socket);
    });
  });
}

/** An agent that knows one connection, which is open already. */
function agentFor(socket: Socket): Agent {
  const agent = new Agent({ keepAlive: false, maxSockets: 1 });
  agent.createConnection = () => socket;
  return agent;
}
