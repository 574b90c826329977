import type { Digest } from '@kedge/shared/contracts';

/** Why a registry could not be asked, or did not answer sensibly. */
export type TroubleCode = 'REGISTRY_UNREACHABLE' | 'REGISTRY_DENIED' | 'REGISTRY_RATE_LIMITED' | 'REGISTRY_ERROR' | 'REGISTRY_BAD_ANSWER';

/** It says nothing about the image. */
export interface Trouble {
  readonly kind: 'trouble';
  readonly code: TroubleCode;
  /** Says the same as long as the trouble is the same: it is stored and compared. */
  readonly message: string;
  /** When the registry said how long to wait. */
  readonly retryAfterMs?: number;
}

/** The registry answered: there is no such image. */
export interface Absent {
  readonly kind: 'absent';
}

/** Nobody could tell who we are, so the registry was not asked to the end; says nothing about the image. */
export interface Postponed {
  readonly kind: 'postponed';
  readonly message: string;
}

/** What the registry said about a tag. */
export type TagAnswer = { readonly kind: 'digest'; readonly digest: Digest } | Absent | Trouble | Postponed;

/** What the registry said about a manifest. */
export type ManifestAnswer =
  | {
      readonly kind: 'manifest';
      readonly digest: Digest;
      /** Null when the index has no variant for the platform. */
      readonly platformDigest: Digest | null;
      /** The platforms that it has. */
      readonly platforms: readonly string[];
    }
  | Absent
  | Trouble
  | Postponed;
