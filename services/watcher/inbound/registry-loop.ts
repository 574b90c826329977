import { type Bus, sayWhatIsOwed } from '@kedge/shared/bus';
import { ImageEntry, type ImageReference, type ReplyOf, type ServiceName } from '@kedge/shared/contracts';
import { createTurns, errorCode, errorMessage, type Periodic, startPeriodic, TerminalError } from '@kedge/shared/kernel';
import type { ServiceContext } from '@kedge/shared/service';
import { type DeclaredImage, declaredImages } from '../core/images/declared-images.ts';
import { knownPauses } from '../core/images/known-pauses.ts';
import { planLooks } from '../core/images/plan-looks.ts';
import type { LookAtImage } from '../look-at-image.ts';
import type { Clock, ImageRegistry, Members } from '../ports.ts';
import { createReadDeclared } from '../read-declared.ts';
import { createKnownImagesReader, type KnownImages } from '../read-known-images.ts';
import { createPlannedLooks, looksAtOnce } from './planned-looks.ts';

/** Everything is read about this often: then images of nodes that are new are noticed, and those that nobody declares any more. */
const refreshEveryMs = 10_000;
/** Until then a wake, which a change gives, reads what changed. A little less, because timers are not exact. */
const trustMs = refreshEveryMs - 1_000;

interface LoopPorts extends Pick<ServiceContext, 'log' | 'ready'> {
  readonly bus: Bus;
  readonly lookAtImage: LookAtImage;
  readonly registry: Pick<ImageRegistry, 'pauseFor'>;
  readonly members: Members;
  readonly clock: Clock;
  readonly watching: (images: number) => void;
}

interface CheckRequest {
  readonly reference?: ImageReference | undefined;
  readonly service?: ServiceName | undefined;
}

/** Looks at registries for as long as it is not closed. */
export interface RegistryLoop extends Periodic {
  /** Like `wake`, reads everything, says again whatever entries still owe, and looks at what waited for the bus: after a reconnect, or on request. */
  resync(): void;
  /**
   * Looks now: at one image, at that of one service, or at all.
   * @throws {TerminalError} IMAGE_NOT_DECLARED when nobody declares what is named
   */
  check(request: CheckRequest): Promise<ReplyOf<'watcher.check'>>;
}

/** Plans a look for each image that is ours to look at, whenever what is declared or who looks has changed. */
export function startRegistryLoop({ bus, lookAtImage, registry, members, clock, watching, log, ready }: LoopPorts): RegistryLoop {
  const images = bus.bucket('images', ImageEntry);
  const readDeclared = createReadDeclared(bus);
  const knownImages = createKnownImagesReader(bus);
  const looks = createPlannedLooks({ lookAtImage, clock, log });
  /** The loop and checks take turns: what one remembers the next one adds to. */
  const inTurn = createTurns();
  let declared: ReadonlyMap<ImageReference, DeclaredImage> = new Map();
  /** Images that the last whole refresh found undeclared: the second time their entries go. */
  let undeclared: ReadonlySet<string> = new Set();
  let wholeAtMs = Number.NEGATIVE_INFINITY;
  let owesChecked = false;
  let trouble: string | null = null;

  /** A whole refresh that fails is due again; one that is asked for meanwhile comes afterwards. */
  async function refresh(): Promise<void> {
    const nowMs = clock.monotonicMs();
    const afresh = nowMs - wholeAtMs >= trustMs;
    if (afresh) wholeAtMs = nowMs;
    try {
      await plan(afresh);
    } catch (thrown) {
      wholeAtMs = Number.NEGATIVE_INFINITY;
      throw thrown;
    }
  }

  /** Reads what is declared, by whom and who else looks; then plans. */
  async function plan(afresh: boolean): Promise<void> {
    if (!owesChecked) await sayWhatIsOwed(bus, images);
    owesChecked = true;
    const doubtful = looks.troubled();
    const [nodes, alive] = await Promise.all([readDeclared({ afresh }), members.list()]);
    const inForce = [...nodes.values()].flatMap(({ manifest, specs }) => [manifest, ...specs.values()]);
    declared = declaredImages(inForce, bus.node);
    const known = await knownImages.read({ afresh, declared: declared.keys(), doubtful });
    const entries = new Map([...known].map(([reference, { value }]) => [reference, value]));
    for (const [host, ms] of knownPauses(entries.values(), clock.now())) registry.pauseFor(host, ms);
    looks.follow(planLooks({ declared, known: entries, planned: looks.planned, members: alive, self: members.self }), declared);
    // Another member was asked to check, and got an answer: our back-off is over.
    for (const reference of doubtful) if (entries.get(reference)?.state === 'present') looks.lookSoon(reference);
    watching(declared.size);
    // Without a manifest nothing is known to be unwanted.
    if (afresh && nodes.size > 0) await removeUndeclared(known);
    trouble = null;
    ready('registry', true);
  }

  /** An entry outlives its last declaration by one whole refresh: while specs are being written an image may be missing for a moment. */
  async function removeUndeclared(known: KnownImages): Promise<void> {
    const gone = [...known.values()].filter(({ value }) => !declared.has(value.reference));
    for (const { key, revision, value } of gone) {
      if (!undeclared.has(key) || !(await images.delete(key, revision))) continue;
      knownImages.forget(value.reference);
      log.info({ reference: value.reference }, 'image no longer declared');
    }
    undeclared = new Set(gone.map(({ key }) => key));
  }

  async function findWanted({ reference, service }: CheckRequest): Promise<readonly DeclaredImage[]> {
    await inTurn(refresh);
    return [...declared.values()].filter(
      (image) => (reference === undefined || image.reference === reference) && (service === undefined || image.services.includes(service)),
    );
  }

  async function checkOne(image: DeclaredImage): Promise<ReplyOf<'watcher.check'>['checked'][number]> {
    const { entry, trouble } = await looks.check(image);
    return {
      reference: image.reference,
      state: entry?.state ?? 'unreachable',
      digest: entry?.accepted?.digest ?? null,
      ...(trouble && { trouble }),
    };
  }

  const loop = startPeriodic({
    everyMs: refreshEveryMs,
    work: async () => await inTurn(refresh),
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
      wholeAtMs = Number.NEGATIVE_INFINITY;
      owesChecked = false;
      looks.lookAtUnasked();
      loop.wake();
    },
    async check(request) {
      const wanted = await findWanted(request);
      const named = request.service ?? request.reference;
      if (wanted.length === 0 && named !== undefined) throw notDeclared(request);
      const checked: ReplyOf<'watcher.check'>['checked'] = [];
      for (let first = 0; first < wanted.length; first += looksAtOnce) {
        checked.push(...(await Promise.all(wanted.slice(first, first + looksAtOnce).map(checkOne))));
      }
      return { checked };
    },
    async close() {
      await Promise.all([looks.close(), loop.close()]);
    },
  };
}

function notDeclared({ reference, service }: CheckRequest): TerminalError {
  return new TerminalError(
    'IMAGE_NOT_DECLARED',
    `no service ${service ?? ''} declares ${reference ?? 'an image'}; check the configuration`,
  );
}
