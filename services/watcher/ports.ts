import type { Digest, ImageParts } from '@kedge/shared/contracts';
import type { Closable, Sealed } from '@kedge/shared/kernel';
import type { ManifestAnswer, TagAnswer } from './core/images/registry-answer.ts';

/** Which manifest is asked for. */
export interface ManifestQuestion {
  readonly image: ImageParts;
  readonly digest: Digest;
  readonly signal: AbortSignal;
}

/** A registry of images (OCI Distribution). Never rejects for what the registry does or fails to do: that is an answer. */
export interface ImageRegistry {
  /** Which manifest the tag names now. Costs one HEAD where the registry plays along. */
  digestOf(image: ImageParts, signal: AbortSignal): Promise<TagAnswer>;
  /** The manifest of that digest, reduced to what the platform would pull. */
  manifestOf(question: ManifestQuestion): Promise<ManifestAnswer>;
  /** How long the registry asked not to be asked again; 0 when it did not. */
  pausedForMs(registry: string): number;
  /** It asked for a pause, of somebody else or before a restart. A longer one that is known already stays. */
  pauseFor(registry: string, ms: number): void;
}

/** What `docker login` left for a registry. */
export interface Credentials {
  readonly username: string;
  readonly password: Sealed;
}

/** Who we are at a registry. */
export interface CredentialSource {
  /** Null when access is anonymous; rejects when nobody can tell. */
  find(registry: string): Promise<Credentials | null>;
  /** What `find` gave was refused: the next call asks afresh, because somebody may have logged in anew. */
  drop(registry: string): void;
}

/** The watchers that live now and share the work. */
export interface Members extends Closable {
  readonly self: string;
  /** At least ourselves. Rejects when the bus is away. */
  list(): Promise<readonly string[]>;
  /** Calls back when somebody came or was lost. */
  onChange(listener: () => void): void;
}

/** Time, handed in so that decisions can be repeated. */
export interface Clock {
  now(): Date;
  /** Milliseconds that never jump. */
  monotonicMs(): number;
  /** A number in [0, 1). */
  random(): number;
}
