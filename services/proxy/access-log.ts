import { type AccessPlan, loggedPath } from './core/access-line.ts';
import type { Admitted } from './core/admitted.ts';
import { clientAddress } from './core/client-address.ts';
import { headerIn } from './core/header-edits.ts';
import type { Ending } from './core/tally.ts';
import type { WriteAccess } from './ports.ts';
import type { Routes } from './routes.ts';

/** A request that ended. */
export interface Ended {
  readonly asked: Admitted;
  readonly protocol: string;
  readonly service: string;
  readonly release: string | null;
  readonly target: string | null;
  readonly ending: Ending;
  /** The answer broke off after its head. */
  readonly broken: boolean;
  readonly ms: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly retries: number;
}

/** A request that was answered before it was anybody's: not sound, or to be asked elsewhere. */
export interface Refused {
  readonly status: number;
  /** As much of it as is known. */
  readonly protocol: string;
  readonly method: string | null;
  readonly path: string | null;
  readonly client: string | null;
  readonly reason: string | null;
}

/** One line for each request that is to be written down. */
export interface AccessLog {
  /** Whether this one is; it need not be put together otherwise. */
  wants(ending: Ending): boolean;
  /** The same of one that is `Refused`: what is not sound counts as failed. */
  wantsRefused(status: number): boolean;
  ended(request: Ended): void;
  refused(request: Refused): void;
}

interface AccessPorts {
  readonly routes: Pick<Routes, 'current'>;
  readonly write: WriteAccess;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** Follows the settings as they are in force now. */
export function createAccessLog({ routes, write, random }: AccessPorts): AccessLog {
  const planNow = (): AccessPlan | null => routes.current()?.access ?? null;

  function sampled(): boolean {
    const share = planNow()?.share ?? 0;
    return share === 1 || random() < share;
  }

  return {
    wants(ending) {
      if (planNow() === null) return false;
      return ending === 'aborted' || ending >= 500 || sampled();
    },
    wantsRefused: (status) => planNow() !== null && (status >= 400 || sampled()),
    ended({ asked, protocol, service, release, target, ending, broken, ms, receivedBytes, sentBytes, retries }) {
      const plan = planNow();
      if (plan === null) return;
      const { method, facts, rawHeaders, headers } = asked;
      const traceparent = headerIn(headers, 'traceparent');
      // One object with all in it, always in the same order: there may be very many of them.
      write({
        protocol,
        method,
        host: facts.authority,
        path: loggedPath(facts.path, plan),
        service,
        release,
        target,
        status: ending === 'aborted' ? null : ending,
        ended: ending === 'aborted' ? 'aborted' : broken ? 'broken' : 'whole',
        ms: Math.round(ms * 1_000) / 1_000,
        receivedBytes,
        sentBytes,
        retries,
        client: clientAddress(asked),
        agent: headerIn(rawHeaders, 'user-agent') ?? null,
        requestId: headerIn(headers, 'x-request-id') ?? null,
        trace: traceparent?.split('-')[1] ?? null,
      });
    },
    refused({ path, ...rest }) {
      const plan = planNow();
      if (plan === null) return;
      write({ ...rest, path: path === null ? null : loggedPath(path, plan), ended: rest.status < 400 ? 'whole' : 'refused' });
    },
  };
}
