import { type Bus, sayWhatIsOwed } from '@kedge/shared/bus';
import { buckets, ImageEntry, type ImageReference, type ReplyOf, type ServiceName } from '@kedge/shared/contracts';
import {
  backOffMs,
  createWorkQueue,
  errorCode,
  errorMessage,
  type PassResult,
  type Periodic,
  startPeriodic,
  TerminalError,
} from '@kedge/shared/kernel';
import type { ServiceContext } from '@kedge/shared/service';
import { isRejectionKey } from '../core/configuration/first-rejection.ts';
import { isStagedKey } from '../core/configuration/staged-specs.ts';
import { type DeclaredImage, declaredImages } from '../core/images/declared-images.ts';
import { knownPauses } from '../core/images/known-pauses.ts';
import { type Asker, countFailures, isAnswered } from '../core/images/next-look.ts';
import { needsLooks, type PlannedLook, planLooks } from '../core/images/plan-looks.ts';
import type { Look, LookAtImage } from '../look-at-image.ts';
import type { Clock, ImageRegistry, Members } from '../ports.ts';

/** Newly declared images of other nodes are noticed within this time. */
const refreshEveryMs = 10_000;
/** Images looked at once by the plan, and by each check; one image is never asked for twice at the same time. */
const looksAtOnce = 6;
const faultWaits = [1_000, 2_000, 5_000, 10_000, 30_000] as const;

interface LoopPorts extends Pick<ServiceContext, 'log' | 'ready'> {
  readonly bus: Bus;
  readonly lookAtImage: LookAtImage;
  readonly registry: Pick<ImageRegistry, 'pauseFor'>;
  readonly members: Members;
  readonly clock: Clock;
  readonly watching: (images: number) => void;
}

export interface RegistryLoop extends Periodic {
  /** Like `wake`, says again whatever entries still owe, and looks at what waited for the bus: after a start, a reconnect, or on request. */
  resync(): void;
  /** Looks now: at one image, at that of one service, or at all. */
  check(request: {
    readonly reference?: ImageReference | undefined;
    readonly service?: ServiceName | undefined;
  }): Promise<ReplyOf<'watcher.check'>>;
}

/** Keeps one planned look for each image that is ours to look at. What is declared is read from KV each time. */
export function startRegistryLoop({ bus, lookAtImage, registry, members, clock, watching, log, ready }: LoopPorts): RegistryLoop {
  const specs = bus.bucket('services', buckets.services.value);
  const images = bus.bucket('images', ImageEntry);
  const closing = new AbortController();
  const planned = new Map<ImageReference, PlannedLook>();
  /** Looks in a row that did not find the image. */
  const failures = new Map<ImageReference, number>();
  /** Images whose last look came to nothing, because what it needs on the bus did not answer. */
  const unasked = new Set<ImageReference>();
  /** What the last look came to. */
  const reasons = new Map<ImageReference, Look['reason']>();
  /** Before this time, in monotonic milliseconds, no planned look is due: a check was answered meanwhile. */
  const notBeforeMs = new Map<ImageReference, number>();
  /** Looks in flight, of the plan and of checks. */
  const looking = new Map<ImageReference, Promise<Look>>();
  let declared: ReadonlyMap<ImageReference, DeclaredImage> = new Map();
  /** Images that the last refresh found undeclared: the second time their entries go. */
  let undeclared: ReadonlySet<string> = new Set();
  let owesChecked = false;
  let trouble: string | null = null;

  const queue = createWorkQueue<ImageReference>({
    concurrency: looksAtOnce,
    work: async (reference) => {
      // A check may look with the settings of before: the plan needs a look of its own, afterwards.
      while (looking.has(reference)) await Promise.allSettled([looking.get(reference)]);
      const image = declared.get(reference);
      if (!image || !planned.has(reference)) return {};
      const earlyByMs = (notBeforeMs.get(reference) ?? 0) - clock.monotonicMs();
      if (earlyByMs > 0) return { requeueAfterMs: earlyByMs };
      const look = await shareLook(image, 'plan');
      return planned.get(reference)?.owned && needsLooks(image, look.entry) ? { requeueAfterMs: look.afterMs } : {};
    },
    onError: (reference, thrown) => lookFailed(reference, thrown),
  });

  /** Joins the look in flight at the image, or begins one. */
  async function shareLook(image: DeclaredImage, by: Asker): Promise<Look> {
    const { reference } = image;
    const look = looking.get(reference) ?? lookOnce(image, by).finally(() => looking.delete(reference));
    looking.set(reference, look);
    return await look;
  }

  async function lookOnce(image: DeclaredImage, by: Asker): Promise<Look> {
    const { reference, watched } = image;
    const before = failures.get(reference) ?? 0;
    const look = await lookAtImage({ image, failures: before, signal: closing.signal });
    const { end, reason } = look;
    if (reason === 'postponed') unasked.add(reference);
    else unasked.delete(reference);
    if (reason !== 'paused') failures.set(reference, countFailures(before, { end, watched, by }));
    if (by === 'check' && isAnswered({ end, watched })) planAfterCheck(image, look);
    report(reference, look, reasons.get(reference) !== reason);
    reasons.set(reference, reason);
    return look;
  }

  /** An answered check takes the place of the planned look, unless that is wanted with other settings. */
  function planAfterCheck(image: DeclaredImage, { entry, afterMs }: Look): void {
    const { reference, delay, watched } = image;
    const plan = planned.get(reference);
    if (plan?.delay !== delay || plan.watched !== watched || !needsLooks(image, entry)) return;
    notBeforeMs.set(reference, clock.monotonicMs() + afterMs);
    queue.add(reference);
  }

  function lookFailed(reference: ImageReference, thrown: unknown): PassResult {
    if (closing.signal.aborted) return {};
    const count = (failures.get(reference) ?? 0) + 1;
    failures.set(reference, count);
    unasked.add(reference);
    log.warn({ reference, code: errorCode(thrown), reason: errorMessage(thrown) }, 'look at an image failed');
    return { requeueAfterMs: backOffMs({ table: faultWaits, failures: count, random: clock.random() }) };
  }

  async function checkOne(image: DeclaredImage): Promise<ReplyOf<'watcher.check'>['checked'][number]> {
    const { entry, trouble } = await shareLook(image, 'check');
    return {
      reference: image.reference,
      state: entry?.state ?? 'unreachable',
      digest: entry?.accepted?.digest ?? null,
      ...(trouble && { trouble }),
    };
  }

  /** What repeats itself is told once at its level, then only to who debugs. */
  function report(reference: ImageReference, { reason, entry, afterMs }: Look, isFirst: boolean): void {
    const facts = { reference, reason, digest: entry?.accepted?.digest ?? null, afterMs };
    if (reason === 'accepted') log.info(facts, 'image accepted');
    else if (reason === 'trouble' && isFirst)
      log.warn({ ...facts, code: entry?.trouble?.code, message: entry?.trouble?.message }, 'registry in trouble');
    else if (reason === 'postponed' && isFirst) log.warn(facts, 'credentials cannot be asked for; the image is looked at later');
    else if (reason === 'absent' && isFirst) log.info(facts, 'image not in the registry');
    else log.debug({ ...facts, seen: entry?.seen }, 'image looked at');
  }

  /** Reads what is declared, by whom and who else looks; then plans. */
  async function refresh(): Promise<void> {
    if (!owesChecked) await sayWhatIsOwed(bus, images);
    owesChecked = true;
    const troubled = [...reasons.keys()].filter((reference) => reasons.get(reference) === 'trouble');
    const [stored, known, alive] = await Promise.all([specs.readEverything(), images.readEverything(), members.list()]);
    const inPlace = [...stored.values()].filter(({ key }) => !isStagedKey(key) && !isRejectionKey(key));
    declared = declaredImages(
      inPlace.map(({ value }) => value),
      bus.node,
    );
    const entries = new Map([...known.values()].map(({ value }) => [value.reference, value]));
    for (const [host, ms] of knownPauses(entries.values(), clock.now())) registry.pauseFor(host, ms);
    const plan = planLooks({ declared, known: entries, planned, members: alive, self: members.self });
    for (const reference of plan.forget) {
      for (const each of [planned, failures, reasons, notBeforeMs, unasked]) each.delete(reference);
      queue.forget(reference);
    }
    for (const look of plan.begin) {
      planned.set(look.reference, look);
      lookSoon(look.reference);
    }
    // Another member was asked to check, and got an answer: our back-off is over.
    for (const reference of troubled) if (entries.get(reference)?.state === 'present') lookSoon(reference);
    watching(declared.size);
    if (inPlace.length > 0) await removeUndeclared(known);
    trouble = null;
    ready('registry', true);
  }

  /** However long the bus was away: what waits for it only is looked at as soon as it is back. */
  function lookAtUnasked(): void {
    for (const reference of unasked) {
      failures.delete(reference);
      lookSoon(reference);
    }
  }

  function lookSoon(reference: ImageReference): void {
    notBeforeMs.delete(reference);
    queue.add(reference);
  }

  /** An entry outlives its last declaration by one refresh: while specs are being written an image may be missing for a moment. */
  async function removeUndeclared(known: Awaited<ReturnType<typeof images.readEverything>>): Promise<void> {
    const gone = [...known.values()].filter(({ value }) => !declared.has(value.reference));
    for (const { key, revision, value } of gone) {
      if (undeclared.has(key) && (await images.delete(key, revision))) log.info({ reference: value.reference }, 'image no longer declared');
    }
    undeclared = new Set(gone.map(({ key }) => key));
  }

  const loop = startPeriodic({
    everyMs: refreshEveryMs,
    work: refresh,
    onError: (thrown) => {
      const reason = `${errorMessage(thrown)} (${errorCode(thrown)})`;
      if (trouble !== reason) log.warn({ code: errorCode(thrown), reason }, 'images not planned');
      trouble = reason;
      ready('registry', reason);
    },
  });

  members.onChange(() => loop.wake());
  return {
    wake: () => loop.wake(),
    resync() {
      owesChecked = false;
      lookAtUnasked();
      loop.wake();
    },
    async check({ reference, service }) {
      await refresh();
      const wanted = [...declared.values()].filter(
        (image) =>
          (reference === undefined || image.reference === reference) && (service === undefined || image.services.includes(service)),
      );
      if (wanted.length === 0 && (reference ?? service) !== undefined) {
        throw new TerminalError(
          'IMAGE_NOT_DECLARED',
          `no service ${service ?? ''} declares ${reference ?? 'an image'}; check the configuration`,
        );
      }
      const checked: ReplyOf<'watcher.check'>['checked'] = [];
      for (let first = 0; first < wanted.length; first += looksAtOnce) {
        checked.push(...(await Promise.all(wanted.slice(first, first + looksAtOnce).map(checkOne))));
      }
      return { checked };
    },
    async close() {
      closing.abort();
      await loop.close();
      await queue.close();
    },
  };
}
