import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { PasswordHash, SecretRef, Target } from '@kedge/shared/contracts';
import type { Closable, Sealed } from '@kedge/shared/kernel';
import type { KnownEndpoints, ObservedEndpoints } from './core/adopt-endpoints.ts';
import type { AnswerHead } from './core/answer-head.ts';
import type { Resolved } from './core/examination.ts';
import type { CertificatePlan, CertificateTerms } from './core/self-signed.ts';

/**
 * How a target is spoken to: `h2c` is HTTP/2 over a plain connection, without asking first (RFC 9113 §3.3); `https` is HTTP/1.1 over TLS, whatever
 * certificate is shown with `https-unverified`.
 */
export type UpstreamScheme = 'http' | 'h2c' | 'https' | 'https-unverified';

/** A request on its way to a target. */
export interface UpstreamRequest {
  readonly target: Target;
  readonly scheme: UpstreamScheme;
  readonly method: string;
  readonly path: string;
  /** As HTTP/1.1 has them; names and values take turns. The client may add what belongs to its connection. */
  readonly headers: readonly string[];
  /** `chunked`: the client frames each written piece; `length`: the headers name the length. */
  readonly body: 'none' | 'length' | 'chunked';
  /**
   * True when sending it twice does no harm (safe or idempotent, and without a body). Only such requests travel on a connection that was
   * used before: an upstream may close that one in the very moment, and then nobody knows whether it read the request.
   */
  readonly repeatable: boolean;
}

/** Why there is no (complete) answer. In the first three nothing was sent: another target may be asked. */
export type UpstreamFailure =
  /** No connection to the target came about. */
  | { readonly kind: 'unreachable'; readonly reason: string }
  /** All connections to the target are taken and too many requests wait for one. */
  | { readonly kind: 'busy'; readonly reason: string }
  /** The target left service while the request waited for a connection, or for one to come about. */
  | { readonly kind: 'retired'; readonly reason: string }
  /** The request was sent, and no byte of an answer came. */
  | { readonly kind: 'no-answer'; readonly reason: string }
  /** What came is not an answer. */
  | { readonly kind: 'bad-answer'; readonly reason: string }
  /** No head of an answer within the time that the settings allow, counted from the last piece of the request. */
  | { readonly kind: 'too-slow'; readonly reason: string }
  /** The answer broke off after its head. */
  | { readonly kind: 'broken'; readonly reason: string };

/** Hears what becomes of a request. Called only after `send` has returned; after `onEnd`, `onFailure` or a whole answer, never again. */
export interface AnswerListener {
  /** There is a connection: the body may be written from now on. Called once, and only for requests with a body. */
  onReady(): void;
  /** An interim answer (1xx, but never 101). */
  onInformation(head: AnswerHead): void;
  /** The head; `whole` is the complete body as latin1 text when it came along with it, and then nothing else follows. */
  onHead(head: AnswerHead, whole: string | null): void;
  /** A piece of the body, a view that is valid only during the call. False: no more until `resume`. */
  onData(bytes: Buffer): boolean;
  /** The upstream takes more of the body after `write` returned false. */
  onDrain(): void;
  /** Names and values of the trailers take turns. */
  onEnd(trailers: readonly string[]): void;
  onFailure(failure: UpstreamFailure): void;
}

/** The sender's side of a request that is under way. All calls are harmless after it ended. */
export interface UpstreamExchange {
  /** False: wait for `onDrain`. */
  write(bytes: Buffer): boolean;
  /** The body is complete. */
  end(trailers: readonly string[]): void;
  /** Lets the answer flow again. */
  resume(): void;
  /** Nobody waits for the answer any more; the listener hears nothing further. */
  abort(): void;
}

/** Sends requests to targets. Implementations differ in cost, not in meaning. */
export interface UpstreamClient extends Closable {
  send(request: UpstreamRequest, listener: AnswerListener): UpstreamExchange;
  /**
   * Only these targets (by id) are in service: idle connections to others close at once, busy ones with their request; requests that have
   * no connection yet fail as `retired`.
   */
  keepOnly(targets: ReadonlySet<string>): void;
  /** Requests that targets beyond these have are broken off: nobody there is going to end them. */
  endBeyond(targets: ReadonlySet<string>): void;
  /** Open connections, idle ones included. */
  connections(): number;
}

/** A connection upgrade (RFC 9110 §7.8) on its way to a target. */
export interface UpgradeRequest {
  readonly target: Target;
  /** `h2c` is spoken to by HTTP/1.1 here. */
  readonly scheme: UpstreamScheme;
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** Bytes that came after the request head. */
  readonly head: Buffer;
  /** Names and values take turns. */
  readonly headers: readonly string[];
  /** What becomes of the headers of the answer, whichever that is; null: nothing. */
  readonly editAnswer: ((headers: readonly string[]) => readonly string[]) | null;
  /**
   * Called with the status that the client is given: 101, any other when the target would not be upgraded, or 502 when it did not answer. Only the
   * first call counts, and none comes when the client leaves before.
   */
  readonly onAnswer: (status: number) => void;
}

/** How opening an upgraded connection ended. */
export type UpgradeOutcome =
  /** The request went out; from here on both sides are joined until one of them closes. */
  | {
      readonly kind: 'joined';
      /** Tells the client that its target goes away, and ends with that. */
      readonly sayGoodbye: () => void;
    }
  /** Nothing was sent: another target may be asked. */
  | { readonly kind: 'unreachable'; readonly reason: string };

/** Opens upgraded connections. */
export interface UpgradeClient {
  /** Connects, sends the request and joins both sides. Never rejects. */
  join(upgrade: UpgradeRequest): Promise<UpgradeOutcome>;
}

/** Where the endpoints of this node are read. */
export interface EndpointsSource {
  /** One full, fresh read; rejects when the store cannot be asked. The very same object as last time stands for the same in every respect. */
  read(): Promise<ObservedEndpoints & { readonly settling: boolean }>;
}

/** Writes one line about a request: a constant sentence, and these facts beside it. */
export type WriteAccess = (facts: Readonly<Record<string, string | number | null>>) => void;

/** Hashes of passwords, by `ref`. */
export interface PasswordHashes {
  /** Resolves to those that can be told now; rejects when nobody answers. */
  find(secrets: readonly SecretRef[]): Promise<ReadonlyMap<string, Sealed>>;
}

/** Whether this is the password of the hash. It takes a while, and much of a processor. */
export type VerifyPassword = (password: string, hash: PasswordHash) => Promise<boolean>;

/** The last endpoints on disk, for a restart while the bus is away. */
export interface EndpointsSnapshot {
  /** Resolves to null when there is none that can be used; never rejects. */
  load(): Promise<KnownEndpoints | null>;
  /** Atomic: a reader sees the old or the new one, never half of one. */
  save(known: KnownEndpoints): Promise<void>;
}

/** Looks up the addresses of a host; never rejects. */
export type ResolveHost = (host: string) => Promise<Resolved>;

/** The sockets that listen on a port of this machine, by a name that no other has. */
export type PortListeners = (port: number) => Promise<ReadonlySet<string>>;

/** Where a connection begins and ends. */
export type ConnectionEnds = Pick<Socket, 'localAddress' | 'localPort' | 'remoteAddress' | 'remotePort'>;

/**
 * How many bytes the kernel keeps for each of these connections of this process until the other side confirms them, sent or not. Missing are
 * those of which it knows nothing; never rejects.
 */
export type SendQueues = (connections: readonly ConnectionEnds[]) => Promise<ReadonlyMap<ConnectionEnds, number>>;

/** A certificate and its key, both as PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly privateKey: Sealed;
}

/** Where certificates for TLS come from. */
export interface CertificateSource {
  /** One that holds now, for exactly this host; who asks at the same time gets the same one. Rejects only when none can be made. */
  certificateFor(host: string): Promise<Certificate>;
}

/** A certificate that was found, and for whom and for how long it holds. */
export interface FoundCertificate extends Certificate {
  readonly terms: CertificateTerms;
}

/** Self-signed certificates, which stay on this machine and apart from those that somebody vouches for. */
export interface SelfSignedStore {
  /** Resolves to null when there is none, or none that is self-signed and whole; rejects only when the store cannot be read. */
  load(host: string): Promise<FoundCertificate | null>;
  /** Atomic: a reader sees the old or the new one, never half of one. Of two that save at the same time the last one stays. */
  save(host: string, certificate: Certificate): Promise<void>;
}

/** Makes a new key and a certificate that it signs itself. */
export type MakeSelfSigned = (plan: CertificatePlan) => Promise<Certificate>;
