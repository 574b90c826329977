import { Buffer } from 'node:buffer';
import { createCurve, fromCurveSeed, fromPublic, type KeyPair } from '@nats-io/nkeys';
import type { z } from 'zod';
import type { SealedBox } from '../contracts/index.ts';
import { TerminalError } from '../kernel/index.ts';
import type { Bus } from './bus.ts';

type SealedSubject = 'secrets.resolve' | 'secrets.passwords' | 'secrets.mask' | 'secrets.registry' | 'config.render';

interface SealedQuestion<Schema extends z.ZodType> {
  readonly subject: SealedSubject;
  readonly question: unknown;
  /** What must be in the answer. */
  readonly answer: Schema;
  /** The public curve key of the component that answers. */
  readonly recipient: string;
  /** Default 10 s. */
  readonly timeoutMs?: number;
}

/**
 * Asks with both directions sealed: the question to the component's public key, the answer to a one-time key. Rejects as `Bus.request`
 * does, and with SEAL_BROKEN when the answer cannot be opened.
 */
export async function askSealed<Schema extends z.ZodType>(
  bus: Pick<Bus, 'request'>,
  { subject, question, answer, recipient, timeoutMs = 10_000 }: SealedQuestion<Schema>,
): Promise<z.infer<Schema>> {
  const oneTime = createCurve();
  try {
    const sealed = sealFor({ recipient, sender: oneTime, value: question });
    const reply = await bus.request(subject, sealed, { timeoutMs });
    return openBox({ own: oneTime, box: reply, schema: answer });
  } finally {
    oneTime.clear();
  }
}

interface SealedAnswers<Schema extends z.ZodType> {
  readonly subject: SealedSubject;
  /** Of the component's own curve key. */
  readonly seed: Uint8Array;
  /** What must be in the question. */
  readonly question: Schema;
  readonly answer: (asked: z.infer<Schema>) => Promise<unknown>;
}

/** Answers sealed questions with sealed answers, until the bus is closed. One that cannot be opened is refused with SEAL_BROKEN. */
export function serveSealed<Schema extends z.ZodType>(
  bus: Pick<Bus, 'serve'>,
  { subject, seed, question, answer }: SealedAnswers<Schema>,
): void {
  const own = fromCurveSeed(seed);
  bus.serve(subject, async (box) => {
    const value = await answer(openBox({ own, box, schema: question }));
    return sealFor({ recipient: box.sender, sender: own, value });
  });
}

interface Letter {
  /** Public curve key, `X…`. */
  readonly recipient: string;
  readonly sender: KeyPair;
  readonly value: unknown;
}

/** Seals a JSON value (X25519, XSalsa20-Poly1305 as nkeys' `xkv1`) from `sender` to the public curve key `recipient`. */
export function sealFor({ recipient, sender, value }: Letter): SealedBox {
  fromPublic(recipient); // throws for anything but a public key
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return { recipient, sender: sender.getPublicKey(), box: Buffer.from(sender.seal(bytes, recipient)).toString('base64') };
}

interface SealedLetter<Schema extends z.ZodType> {
  /** The pair that the box is for. */
  readonly own: KeyPair;
  readonly box: SealedBox;
  readonly schema: Schema;
}

/**
 * Opens a box and parses what is in it.
 * @throws {TerminalError} SEAL_BROKEN when the box is for another key, was changed, or holds something else
 */
export function openBox<Schema extends z.ZodType>({ own, box, schema }: SealedLetter<Schema>): z.infer<Schema> {
  const parsed = schema.safeParse(unsealed(own, box));
  if (!parsed.success) throw new TerminalError('SEAL_BROKEN', 'the sealed message holds something else than expected');
  return parsed.data;
}

/** The library throws for what is no box at all, and gives null for one that is for another key. */
function unsealed(own: KeyPair, { sender, box }: SealedBox): unknown {
  try {
    const bytes = own.open(Buffer.from(box, 'base64'), sender);
    if (bytes) return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw unreadable(cause);
  }
  throw unreadable();
}

function unreadable(cause?: unknown): TerminalError {
  const message = 'the sealed message cannot be opened with this key; check that both sides use keys of the same installation';
  return new TerminalError('SEAL_BROKEN', message, { cause });
}
