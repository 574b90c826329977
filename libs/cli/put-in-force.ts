import type { ValidateReply } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { askVerdict } from './ask-verdict.ts';
import type { CliBus } from './connect.ts';

type Held = NonNullable<ValidateReply['held']>;
/** An answer that tells of a held configuration. */
export type HeldReply = ValidateReply & { readonly held: Held };

/** How often the folder may change between what was shown and the yes to it, before somebody should look at who changes it. */
const mostAttempts = 5;

interface Agreement {
  readonly agreed: Held;
  /** Asks about another one. */
  readonly agree: (newer: HeldReply) => Promise<boolean>;
}

/**
 * Puts exactly the held configuration in force that was agreed to; when another one is held by then, asks about that with `agree`. What was
 * agreed to and is held all the same is answered as the watcher answers it. Null when the answer was no.
 * @throws {RetryableError} CONFIG_CHANGES
 */
export async function putInForce(bus: Pick<CliBus, 'request'>, { agreed, agree }: Agreement): Promise<ValidateReply | null> {
  const shown = new Set<string>();
  let next: Held | undefined = agreed;
  for (;;) {
    shown.add(next.revision);
    const reply: ValidateReply = await askVerdict(bus, { apply: true, revision: next.revision });
    if (!reply.held || shown.has(reply.held.revision)) return reply;
    if (shown.size === mostAttempts) throw folderKeepsChanging();
    next = reply.held;
    if (!(await agree({ ...reply, held: next }))) return null;
  }
}

function folderKeepsChanging(): RetryableError {
  return new RetryableError(
    'CONFIG_CHANGES',
    'the configuration folder changed at every attempt; apply again when whatever writes it is done',
  );
}
