import type { ContainerEngine, GateProbe, HostPorts } from '../ports.ts';
import type { SimulatedEngine } from './simulated-engine.ts';

/** Thrown into the reconciler at a chosen call: the process dies there. */
export class SimulatedCrash extends Error {}

export interface CrashPoint {
  /** The how manieth call of a port ends the process. */
  readonly call: number;
  /** Counts only calls of this name. */
  readonly of?: string;
  /** Whether the call still had its effect; `within`: half of it, where a call has halves. */
  readonly effect: 'before' | 'within' | 'after';
}

export interface CrashingCalls {
  /** Does the call, or dies before, within or after it; a dead process calls nothing any more. */
  readonly around: Around;
  /** How many calls there were in all lives. */
  count(): number;
  /** Plans crashes, counted from the next call on. */
  plan(points: readonly CrashPoint[]): void;
  planned(): number;
  forget(): void;
  /** It died, perhaps where the process itself made nothing of it. */
  isDead(): boolean;
  /** A new process. */
  revive(): void;
}

export type Around = <Result>(name: string, call: () => Result | Promise<Result>, half?: () => unknown) => Promise<Result>;

/** Counts the calls of a process and ends it where it was told to. */
export function createCrashingCalls(onCalled: () => void): CrashingCalls {
  let calls = 0;
  let isDead = false;
  let pending: { readonly point: CrashPoint; left: number }[] = [];

  /** Counts the call down; gives the crash that it was planned for. */
  function due(name: string): CrashPoint | undefined {
    if (pending.length === 0) return undefined;
    for (const each of pending) if (each.point.of === undefined || each.point.of === name) each.left -= 1;
    const first = pending.find(({ left }) => left <= 0);
    pending = pending.filter(({ left }) => left > 0);
    return first?.point;
  }

  return {
    async around<Result>(name: string, call: () => Result | Promise<Result>, half: () => unknown = call): Promise<Result> {
      if (isDead) throw new SimulatedCrash();
      calls += 1;
      const point = due(name);
      if (point) isDead = true;
      if (point?.effect === 'before') throw new SimulatedCrash();
      if (point?.effect === 'within') {
        await half();
        throw new SimulatedCrash();
      }
      const called = call();
      // Most calls are answered at once, and there are millions of them.
      const result = called instanceof Promise ? await called : called;
      onCalled();
      if (point) throw new SimulatedCrash();
      return result;
    },
    count: () => calls,
    plan(points) {
      pending = points.map((point) => ({ point, left: point.call }));
    },
    planned: () => pending.length,
    forget() {
      pending = [];
    },
    isDead: () => isDead,
    revive() {
      isDead = false;
    },
  };
}

/** Every method of the engine becomes a call at which the process may die. */
export function throughCrashes(engine: SimulatedEngine, around: Around): ContainerEngine & GateProbe & HostPorts {
  return {
    info: () => around('info', () => engine.info()),
    apiVersion: () => around('apiVersion', () => engine.apiVersion()),
    list: (...given) => around('list', () => engine.list(...given)),
    inspect: (...given) => around('inspect', () => engine.inspect(...given)),
    givenSecrets: (...given) => around('givenSecrets', () => engine.givenSecrets(...given)),
    writable: (...given) => around('writable', () => engine.writable(...given)),
    published: (...given) => around('published', () => engine.published(...given)),
    unseen: (...given) => around('unseen', () => engine.unseen(...given)),
    image: (...given) => around('image', () => engine.image(...given)),
    pull: (...given) => around('pull', () => engine.pull(...given)),
    create: (...given) => around('create', () => engine.create(...given)),
    start: (...given) => around('start', () => engine.start(...given)),
    stop: (...given) => around('stop', () => engine.stop(...given)),
    remove: (...given) => around('remove', () => engine.remove(...given)),
    removeForeign: (...given) => around('removeForeign', () => engine.removeForeign(...given)),
    rename: (...given) => around('rename', () => engine.rename(...given)),
    setAliases: (...given) =>
      around(
        'setAliases',
        () => engine.setAliases(...given),
        () => engine.interruptAliases(given[0], given[1].aliases),
      ),
    thaw: (...given) => around('thaw', () => engine.thaw(...given)),
    logs: (...given) => around('logs', () => engine.logs(...given)),
    waitForExit: (...given) => around('waitForExit', () => engine.waitForExit(...given)),
    ensureDefaultNetwork: (...given) => around('ensureDefaultNetwork', () => engine.ensureDefaultNetwork(...given)),
    networks: () => around('networks', () => engine.networks()),
    ensureNetwork: (...given) => around('ensureNetwork', () => engine.ensureNetwork(...given)),
    remakeNetwork: (...given) =>
      around(
        'remakeNetwork',
        () => engine.remakeNetwork(...given),
        () => engine.declaredNetworks.interruptRemake(given[0].name),
      ),
    removeNetwork: (...given) => around('removeNetwork', () => engine.removeNetwork(...given)),
    hostPathOfOwnMount: (...given) => around('hostPathOfOwnMount', () => engine.hostPathOfOwnMount(...given)),
    sharesHostNetwork: (...given) => around('sharesHostNetwork', () => engine.sharesHostNetwork(...given)),
    follow: (listener) => engine.follow(listener),
    check: (...given) => around('check', () => engine.check(...given)),
    http: (...given) => around('http', () => engine.http(...given)),
    tcp: (...given) => around('tcp', () => engine.tcp(...given)),
  };
}
