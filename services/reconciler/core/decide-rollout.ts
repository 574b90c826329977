import {
  type BarRecord,
  type Digest,
  type ReleaseName,
  type ReleaseRecord,
  type RolloutCause,
  releaseName,
  type ServiceSpec,
  shortDigest,
} from '@kedge/shared/contracts';
import type { ChosenImage, ImageChoice, UnresolvedImage } from './choose-image.ts';
import { isLookedAtOften } from './obstacles.ts';
import { isMeantToEnd, mayEnd } from './purpose.ts';
import { barAgainst } from './standing-bars.ts';

/** A release that can be made: what is declared, and the image that was chosen for it. */
export interface DesiredRelease {
  readonly release: ReleaseName;
  readonly image: string;
  readonly digest: Digest;
  readonly source: 'registry' | 'local';
}

/** What a pass over a declared service does. */
export type Decision =
  /** Nothing runs and nothing shall. `pin`: what the image is now, so that a change can be told later. */
  | { readonly kind: 'rest'; readonly reason: string; readonly pin?: DesiredRelease; readonly unresolved?: UnresolvedImage }
  /** Nothing can run yet. */
  | { readonly kind: 'wait'; readonly code: string; readonly message: string }
  | { readonly kind: 'begin'; readonly desired: DesiredRelease; readonly cause: RolloutCause; readonly reason: string }
  /** Go on with the rollout that the record holds. */
  | { readonly kind: 'roll' }
  /** A rollout that failed, or cannot go on, took the old release down: bring it back. */
  | { readonly kind: 'restore' }
  /** The rollout under way was judged, and a crash kept the verdict from being written down and told. */
  | { readonly kind: 'judged'; readonly bar: BarRecord['bars'][number] }
  /** The rollout under way is not wanted any more, and what is wanted serves already. */
  | { readonly kind: 'abandon'; readonly reason: string }
  /** Keep the serving release as it is. `unresolved`: it is not of the declared image, which nobody is known to have. */
  | { readonly kind: 'maintain'; readonly reason: string; readonly unresolved?: UnresolvedImage };

interface DecideRollout {
  readonly spec: ServiceSpec;
  readonly choice: ImageChoice;
  readonly record: ReleaseRecord | null;
  readonly bars: BarRecord['bars'];
  /** Hash of the declaration in force. */
  readonly declaration: string | undefined;
  /** Containers of the release that the rollout under way leads to, in any state. */
  readonly rolling: number;
  /** Those of them that were started. */
  readonly started: number;
  /** What was taken down comes up again, and is not there yet, or was started not long ago. */
  readonly returning: boolean;
  /** A person or hook asked for this service since its last rollout. */
  readonly requested: boolean;
  /** A run of the job is under way: its container must not be replaced now. */
  readonly busy: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What a pass does with a declared service; the same input is always the same decision, and a repetition does no harm. */
export function decideRollout(input: DecideRollout): Decision {
  const { spec, choice, record } = input;
  const serving = record?.serving ?? null;
  const rollout = record?.rollout ?? null;

  if (rollout?.step === restoringStep || mayOnlyRestore(input)) return { kind: 'restore' };
  const verdict = rollout && !isUndone(record) && input.bars.find((bar) => bar.rollout === rollout.id);
  if (verdict) return { kind: 'judged', bar: verdict };
  if (isTriggeredJob(spec)) {
    if (rollout) return { kind: 'abandon', reason: 'it became a job' };
    return { kind: 'rest', reason: 'it runs when its schedule says so', ...(choice.kind === 'waiting' ? { unresolved: choice } : {}) };
  }
  // While a run is open the containers are its own.
  if (input.busy && !rollout && !startsAgain(spec)) return { kind: 'rest', reason: 'a run is under way' };
  // A rollout that has switched is finished first: each rollout ends once, and the old release is as good as gone.
  const hasSwitched = rollout?.switchedAt !== undefined && input.rolling >= (spec.service.replicas ?? 1);
  if (hasSwitched && !isUndone(record)) return { kind: 'roll' };
  if (choice.kind === 'waiting')
    return serving
      ? { kind: 'maintain', reason: choice.message, unresolved: choice }
      : { kind: 'wait', code: choice.code, message: choice.message };

  const desired: DesiredRelease = {
    release: releaseName(spec, choice.digest),
    image: spec.service.image,
    digest: choice.digest,
    source: choice.source,
  };
  const bar = barAgainst(desired.release, input.bars, input.declaration);
  if (rollout) {
    if (rollout.release === desired.release && !bar && !isUndone(record)) return whileRolling(input);
    if (bar || serving?.release === desired.release)
      return { kind: 'abandon', reason: bar ? 'the release was judged' : 'what is wanted serves already' };
  }
  if (serving?.release === desired.release && !runsAnew(record)) return { kind: 'maintain', reason: digestWords(choice, serving) };
  if (bar)
    return serving
      ? { kind: 'maintain', reason: `the newest release is barred: ${bar.message}` }
      : { kind: 'rest', reason: `barred: ${bar.message}` };
  const cause = causeOf(input, desired);
  if (comesUpFirst(input)) return { kind: 'maintain', reason: 'what served comes up before something newer takes its place' };
  return mayBegin(input, desired) ?? { kind: 'begin', desired, cause, reason: `${causeWords[cause]}${digestWords(choice, serving)}` };
}

/** What served cannot come back, and nothing else is wanted than that, or what a verdict is against. */
function mayOnlyRestore({ spec, choice, record, bars, declaration }: DecideRollout): boolean {
  if (!isUndone(record)) return false;
  const release = choice.kind === 'chosen' ? releaseName(spec, choice.digest) : null;
  const isServing = release === record?.serving?.release;
  return release === null || isServing || isTriggeredJob(spec) || barAgainst(release, bars, declaration) !== null;
}

/** The rollout has had its end, and what served cannot come back. */
function isUndone(record: ReleaseRecord | null): boolean {
  return record?.rollout?.step === stuckStep && record.last?.rollout === record.rollout.id;
}

/** While an obstacle is in the way, what serves is looked after instead; but where all that may end by itself is at work, nothing is stopped for that. */
function whileRolling({ spec, record, started, now }: DecideRollout): Decision {
  const waiting = record?.waiting;
  const blocked = waiting !== undefined && !isLookedAtOften(waiting.code) && Date.parse(waiting.retryAt) > now;
  if (!blocked || !record?.serving) return { kind: 'roll' };
  if (record.rollout?.step === stuckStep) return { kind: 'restore' };
  return started >= (spec.service.replicas ?? 1) && mayEnd(spec) ? { kind: 'roll' } : { kind: 'maintain', reason: waiting.message };
}

/** Nobody waits for what may fail, unless what served cannot come; something that ends is not run twice. */
function comesUpFirst({ spec, record, returning }: DecideRollout): boolean {
  const { waiting } = record ?? {};
  return returning && !isMeantToEnd(spec) && (waiting === undefined || isLookedAtOften(waiting.code));
}

/** Somebody asked for it while nothing of it ran; what is taken down, and comes up, does so unasked. */
function runsAnew(record: ReleaseRecord | null): boolean {
  return record?.requested !== undefined && record.comingUp === undefined;
}

/** Why a rollout that is due does not begin; null when it does. */
function mayBegin({ spec, record, choice, requested, busy }: DecideRollout, desired: DesiredRelease): Decision | null {
  const serving = record?.serving ?? null;
  // What takes over from a rollout was triggered with that, and a run that was claimed meanwhile waits for the end of either.
  if (record?.rollout) return null;
  if (busy) return { kind: serving ? 'maintain' : 'rest', reason: 'the new release waits until the run under way has ended' };
  if (serving) return null;
  const last = record?.last;
  if (last?.outcome === 'failed' && last.release === desired.release) return { kind: 'rest', reason: last.reason };
  if (spec.dispenser.initialize !== 'on-trigger' || requested || record?.requested) return null;
  const reason = 'it starts when its image changes or somebody asks for it';
  if (record?.pinned === undefined) return { kind: 'rest', reason, pin: desired };
  return choice.kind === 'chosen' && record.pinned.digest !== choice.digest ? null : { kind: 'rest', reason };
}

/** A job that only its schedule starts: its containers belong to its runs. */
export function isTriggeredJob(spec: ServiceSpec): boolean {
  return spec.dispenser.cron !== undefined && spec.dispenser.initialize === 'on-trigger';
}

/** What ended is started again whatever it ended with: it is a service, and a schedule finds it running. */
function startsAgain({ service }: ServiceSpec): boolean {
  return service.restart === 'always' || service.restart === 'unless-stopped';
}

/** What makes a rollout begin, as far as declarations and images tell. */
type Beginning = Extract<RolloutCause, 'requested' | 'first-start' | 'image-updated' | 'config-changed'>;

const causeWords: Readonly<Record<Beginning, string>> = {
  requested: 'somebody asked for it; ',
  'first-start': 'it has no release yet; ',
  'image-updated': '',
  'config-changed': 'its configuration changed; ',
};

/** Where the image comes from is no reason while it is the one that serves. */
function digestWords({ digest, reason }: ChosenImage, serving: ReleaseRecord['serving']): string {
  const now = shortDigest(digest);
  if (serving?.digest === digest) return `its digest stays ${now}`;
  return `its digest ${serving ? `was ${shortDigest(serving.digest)} and ` : ''}is ${now}: ${reason}`;
}

function causeOf({ spec, record, requested }: DecideRollout, desired: DesiredRelease): Beginning {
  if (requested || record?.requested) return 'requested';
  const serving = record?.serving;
  if (!serving) return 'first-start';
  return releaseName(spec, serving.digest) === serving.release && serving.digest !== desired.digest ? 'image-updated' : 'config-changed';
}

/** Name of the planner's step while what a rollout stopped is brought back. */
export const restoringStep = 'restoring';

/** Name of the planner's step once what the rollout replaces was seen to listen where its image says. */
export const listeningStep = 'must-listen';

/** Name of the planner's step where what served cannot come back either: what is wanted is tried instead, as soon as it may be. */
export const stuckStep = 'cannot-restore';

/** The old release is to come back. */
export function isRestoring(step: string): boolean {
  return step === restoringStep || step === stuckStep;
}
