import type { ImageReference } from '@kedge/shared/contracts';
import { backOffMs, type Closable, createWorkQueue, errorCode, errorMessage, type PassResult } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import type { DeclaredImage } from '../core/images/declared-images.ts';
import { type Asker, countFailures, isAnswered } from '../core/images/next-look.ts';
import { type LookPlan, needsLooks, type PlannedLook } from '../core/images/plan-looks.ts';
import type { Look, LookAtImage } from '../look-at-image.ts';
import type { Clock } from '../ports.ts';

/** Images looked at at the same time by the plan; a check takes as many again. */
export const looksAtOnce = 6;
const faultWaits = [1_000, 2_000, 5_000, 10_000, 30_000] as const;

interface LooksPorts {
  readonly lookAtImage: LookAtImage;
  readonly clock: Pick<Clock, 'monotonicMs' | 'random'>;
  readonly log: Logger;
}

/** Looks that come by themselves, each image's again after its time, and those that somebody asks for. One image is never asked for twice at the same time. */
export interface PlannedLooks extends Closable {
  /** Images that are looked at or wait for their next look here. */
  readonly planned: ReadonlyMap<ImageReference, PlannedLook>;
  /** Begins and forgets as the plan says; `declared` is what it was made from. */
  follow(plan: LookPlan, declared: ReadonlyMap<ImageReference, DeclaredImage>): void;
  /** Looks now, or joins the look in flight. Rejects when the bus is away. */
  check(image: DeclaredImage): Promise<Look>;
  /** Images whose last look found their registry in trouble. */
  troubled(): readonly ImageReference[];
  /** The next planned look is due now, however far away it was. */
  lookSoon(reference: ImageReference): void;
  /** However long the bus was away: what waits for it only is looked at as soon as it is back. */
  lookAtUnasked(): void;
}

export function createPlannedLooks({ lookAtImage, clock, log }: LooksPorts): PlannedLooks {
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
    const isFirst = reasons.get(reference) !== reason;
    report({ reference, look, isFirst });
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

  /** What repeats itself is told once at its level, then only to who debugs. */
  function report({ reference, look, isFirst }: { reference: ImageReference; look: Look; isFirst: boolean }): void {
    const { reason, entry, afterMs } = look;
    const facts = { reference, reason, digest: entry?.accepted?.digest ?? null, afterMs };
    if (reason === 'accepted') log.info(facts, 'image accepted');
    else if (reason === 'trouble' && isFirst)
      log.warn({ ...facts, code: entry?.trouble?.code, message: entry?.trouble?.message }, 'registry in trouble');
    else if (reason === 'postponed' && isFirst) log.warn(facts, 'credentials cannot be asked for; the image is looked at later');
    else if (reason === 'absent' && isFirst) log.info(facts, 'image not in the registry');
    else log.debug({ ...facts, seen: entry?.seen }, 'image looked at');
  }

  function lookSoon(reference: ImageReference): void {
    notBeforeMs.delete(reference);
    queue.add(reference);
  }

  return {
    planned,
    follow({ begin, forget }, from) {
      declared = from;
      for (const reference of forget) {
        for (const each of [planned, failures, reasons, notBeforeMs, unasked]) each.delete(reference);
        queue.forget(reference);
      }
      for (const look of begin) {
        planned.set(look.reference, look);
        lookSoon(look.reference);
      }
    },
    check: async (image) => await shareLook(image, 'check'),
    troubled: () => [...reasons].flatMap(([reference, reason]) => (reason === 'trouble' ? [reference] : [])),
    lookSoon,
    lookAtUnasked() {
      for (const reference of unasked) {
        failures.delete(reference);
        lookSoon(reference);
      }
    },
    async close() {
      closing.abort();
      await queue.close();
    },
  };
}
