import type { Balancing, Target } from '@kedge/shared/contracts';
import { type Closable, startPeriodic } from '@kedge/shared/kernel';
import { afterCheck, type CheckStanding, unchecked } from './core/check-standing.ts';
import type { CheckedService } from './core/route-table.ts';
import type { Ejections } from './ejections.ts';
import type { AnswerListener, UpstreamClient } from './ports.ts';
import type { Routes } from './routes.ts';

interface CheckPorts {
  readonly routes: Pick<Routes, 'current'>;
  readonly upstream: Pick<UpstreamClient, 'send'>;
  readonly ejections: Pick<Ejections, 'checked'>;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
}

type Check = NonNullable<Balancing['check']>;

interface Checked {
  standing: CheckStanding;
  nextMs: number;
}

/** How exactly intervals are kept. */
const lookEveryMs = 200;

/** Asks the targets of services that want it whether they serve. Each is asked by itself: a slow one delays nobody. */
export function startChecking({ routes, upstream, ejections, now }: CheckPorts): Closable {
  const known = new Map<string, Checked>();

  async function look(): Promise<void> {
    const services = routes.current()?.checked ?? [];
    const listed = new Set<string>();
    for (const service of services) {
      for (const target of service.ready) {
        const key = keyOf(service, target);
        listed.add(key);
        const checked = known.get(key) ?? { standing: unchecked, nextMs: 0 };
        known.set(key, checked);
        if (now() < checked.nextMs) continue;
        checked.nextMs = now() + Math.max(service.check.interval_ms, service.check.timeout_ms);
        void note(service, { target, checked });
      }
    }
    for (const key of known.keys()) if (!listed.has(key)) known.delete(key);
    await Promise.resolve();
  }

  async function note(service: CheckedService, { target, checked }: { readonly target: Target; readonly checked: Checked }) {
    const { name, check, host, scheme } = service;
    const problem = await askOnce(upstream, { target, check, host, scheme });
    // It left meanwhile.
    if (known.get(keyOf(service, target)) !== checked) return;
    const before = checked.standing;
    checked.standing = afterCheck(before, { isWell: problem === null, check });
    checked.nextMs = Math.min(checked.nextMs, now() + check.interval_ms);
    const { isWell, streak: failures } = checked.standing;
    if (isWell !== before.isWell)
      ejections.checked({ service: name, target, isWell, reason: `check: ${problem ?? 'it serves'}`, failures });
  }

  return startPeriodic({ everyMs: lookEveryMs, work: look, onError: () => undefined });
}

/** A target of two services is asked by both, each in its way. */
function keyOf({ name }: CheckedService, { id }: Target): string {
  return `${name} ${id}`;
}

interface Question extends Pick<CheckedService, 'host' | 'scheme'> {
  readonly target: Target;
  readonly check: Check;
}

/** Resolves to what was wrong, or to null. */
async function askOnce(upstream: Pick<UpstreamClient, 'send'>, { target, check, host, scheme }: Question): Promise<string | null> {
  return await new Promise((resolve) => {
    const end = (problem: string | null) => {
      clearTimeout(late);
      resolve(problem);
    };
    const judge = (status: number) => end(status >= 200 && status < 400 ? null : `it answered ${status}`);
    const listener: AnswerListener = {
      onReady: () => undefined,
      onInformation: () => undefined,
      onDrain: () => undefined,
      onData: () => true,
      onEnd: () => undefined,
      onHead(head, whole) {
        judge(head.status);
        if (whole === null) exchange.abort();
      },
      onFailure: ({ reason }) => end(reason),
    };
    const headers = ['Host', host, 'User-Agent', 'kedge-check', 'Accept', '*/*'];
    const request = { target, scheme, method: 'GET', path: check.path, headers, body: 'none', repeatable: true } as const;
    const exchange = upstream.send(request, listener);
    const late = setTimeout(() => {
      exchange.abort();
      end(`no answer within ${check.timeout_ms} ms`);
    }, check.timeout_ms).unref();
  });
}
