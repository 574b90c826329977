import { Buffer } from 'node:buffer';
import { createCurve, fromCurveSeed, fromPublic, type KeyPair } from '@nats-io/nkeys';
import type { z } from 'zod';
import type { SealedBox } from '../contracts/index.ts';
import { TerminalError } from '../kernel/index.ts';
import type { Bus } from './bus.ts';

type SealedSubject = 'secrets.resolve' | 'secrets.mask' | 'secrets.registry' | 'config.render';

/** Asks with both directions sealed: the question to the component's public key, the answer to a one-time key. */
export async function askSealed<Schema extends z.ZodType>(
  bus: Bus,
  subject: SealedSubject,
  {
    question,
    answer,
    recipient,
    timeoutMs = 10_000,
  }: { readonly question: unknown; readonly answer: Schema; readonly recipient: string; readonly timeoutMs?: number },
): Promise<z.infer<Schema>> {
  const oneTime = createCurve();
  try {
    const reply = await bus.request(subject, sealFor(recipient, oneTime, question), { timeoutMs });
    return openBox(oneTime, reply, answer);
  } finally {
    oneTime.clear();
  }
}

/** Answers a sealed question with a sealed answer. */
export function serveSealed<Schema extends z.ZodType>(
  bus: Bus,
  subject: SealedSubject,
  {
    seed,
    question,
    answer,
  }: { readonly seed: Uint8Array; readonly question: Schema; readonly answer: (asked: z.infer<Schema>) => Promise<unknown> },
): void {
  const own = fromCurveSeed(seed);
  bus.serve(subject, async (box) => sealFor(box.sender, own, await answer(openBox(own, box, question))));
}

/** Seals a JSON value (X25519, XSalsa20-Poly1305 as nkeys' `xkv1`) from `sender` to the public curve key `recipient`. */
export function sealFor(recipient: string, sender: KeyPair, value: unknown): SealedBox {
  fromPublic(recipient); // throws for anything but a public key
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return { recipient, sender: sender.getPublicKey(), box: Buffer.from(sender.seal(bytes, recipient)).toString('base64') };
}

/**
 * Opens a box and parses what is in it.
 * @throws {TerminalError} SEAL_BROKEN when the box is for another key, was changed, or holds something else
 */
export function openBox<Schema extends z.ZodType>(own: KeyPair, sealed: SealedBox, schema: Schema): z.infer<Schema> {
  const parsed = schema.safeParse(unsealed(own, sealed));
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
