import type { Target } from '@kedge/shared/contracts';
import { errorMessage } from '@kedge/shared/kernel';
import type { UpstreamClient } from '../ports.ts';
import { H2cExchange } from './h2c-exchange.ts';
import { H2cSession } from './h2c-session.ts';
import type { PoolSettings } from './upstream-pool.ts';

/** The connections to one target. */
interface Sessions {
  readonly target: Target;
  readonly all: Set<H2cSession>;
}

/** Speaks HTTP/2 without TLS: many requests share a connection, and another one is made where the target takes no more on those there are. */
export function createH2cClient({ connectTimeoutMs, answerTimeoutMs, connections }: PoolSettings): UpstreamClient {
  const byTarget = new Map<string, Sessions>();
  const leaving = new Set<H2cSession>();

  function sessionsOf(target: Target): Sessions {
    const known = byTarget.get(target.id);
    if (known?.target.address === target.address && known.target.port === target.port) return known;
    if (known) retire(known);
    const made = { target, all: new Set<H2cSession>() };
    byTarget.set(target.id, made);
    return made;
  }

  function retire({ target, all }: Sessions): void {
    byTarget.delete(target.id);
    for (const session of all) {
      leaving.add(session);
      session.leave();
    }
  }

  function open({ target, all }: Sessions): H2cSession {
    const session: H2cSession = new H2cSession({
      target,
      connectTimeoutMs,
      onClosed: () => {
        all.delete(session);
        leaving.delete(session);
      },
    });
    all.add(session);
    return session;
  }

  async function submit(exchange: H2cExchange): Promise<void> {
    const { target } = exchange.request;
    const sessions = sessionsOf(target);
    const known = [...sessions.all].find(({ hasRoom }) => hasRoom);
    if (!known && sessions.all.size >= connections) {
      exchange.fail({ kind: 'busy', reason: `${sessions.all.size} connections taken` });
      return;
    }
    const session = known ?? open(sessions);
    const obstacle = await session.ready();
    if (exchange.over) return;
    if (obstacle !== null) exchange.fail({ kind: 'unreachable', reason: obstacle });
    else if (byTarget.get(target.id) !== sessions) exchange.fail({ kind: 'retired', reason: 'the target left service' });
    else if (session.hasRoom) start(exchange, session);
    else await submit(exchange);
  }

  function start(exchange: H2cExchange, session: H2cSession): void {
    try {
      exchange.begin(session);
    } catch (thrown) {
      exchange.fail({ kind: 'busy', reason: errorMessage(thrown) });
    }
  }

  return {
    send(request, listener) {
      const exchange = new H2cExchange(request, listener, answerTimeoutMs);
      // Not within this call, so that the caller holds the exchange before it hears anything of it.
      queueMicrotask(() => void submit(exchange));
      return exchange;
    },
    keepOnly(targets) {
      for (const sessions of [...byTarget.values()]) if (!targets.has(sessions.target.id)) retire(sessions);
    },
    endBeyond(targets) {
      for (const session of leaving) if (!targets.has(session.target.id)) session.destroy();
    },
    connections() {
      return [...byTarget.values()].reduce((sum, { all }) => sum + all.size, leaving.size);
    },
    async close() {
      for (const { all } of byTarget.values()) for (const session of all) session.destroy();
      for (const session of leaving) session.destroy();
    },
  };
}
