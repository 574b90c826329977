import type { ServiceName, StatusReply, ValidateReply } from '@kedge/shared/contracts';
import { nameList } from '@kedge/shared/kernel';
import type { CliBus } from './connect.ts';
import { applyQuestion } from './core/apply-question.ts';
import { heldLines, heldServices } from './core/held-services.ts';
import { type HeldReply, putInForce } from './put-in-force.ts';
import { relativeTime } from './terminal/relative-time.ts';
import type { Terminal } from './terminal/terminal.ts';

interface HeldBeside {
  readonly reply: HeldReply;
  /** Of the configuration in force; null where nobody told it. */
  readonly status: StatusReply | null;
}

/** Says what a configuration that waits for a yes would remove, and what it has beside that. */
export function printHeld({ print, paint, now }: Terminal, { reply, status }: HeldBeside): void {
  const { services } = reply;
  const { since, removes } = reply.held;
  const [what, them] = removes.length === 1 ? ['this service', 'it'] : ['these services', 'them'];
  print(`Held since ${relativeTime(since, now())}: the configuration in the folder no longer declares ${what}, and would remove ${them}:`);
  for (const service of removes) print(`  ${paint('bad', '-')} ${paint('bad', service)}`);
  for (const line of heldLines(services, status && heldServices({ reply, status }))) print(line);
}

interface HeldOfOne {
  readonly service: ServiceName;
  readonly reply: HeldReply;
  /** What it means for that service, behind "the configuration in the folder". */
  readonly meaning: string;
}

/** Says what a configuration that waits for a yes means for one service, and what it waits for, where that is another one. */
export function printHeldOfOne({ print, now }: Terminal, { service, reply, meaning }: HeldOfOne): void {
  const { since, removes } = reply.held;
  print(`Held since ${relativeTime(since, now())}: the configuration in the folder ${meaning}.`);
  const others = removes.filter((each) => each !== service);
  if (others.length > 0)
    print(`It would remove ${nameList(others)}${others.length < removes.length ? ', too' : ', and waits for a yes to that'}.`);
}

interface AgreedTo {
  readonly held: HeldReply['held'];
  readonly status: StatusReply | null;
  readonly asking: Pick<CliBus, 'request'>;
  readonly agree: (question: string) => Promise<boolean>;
}

/** What came of a held configuration that somebody agreed to. */
type Taken =
  | { readonly kind: 'in-force'; readonly removes: readonly ServiceName[] }
  /** By the watcher, with its answer; null: by a person. */
  | { readonly kind: 'refused'; readonly reply: ValidateReply | null };

/** Puts in force what was agreed to; what is held by then, if it is another one, is shown and asked about once more. */
export async function putHeldInForce(say: Terminal, { held, status, asking, agree }: AgreedTo): Promise<Taken> {
  let { removes } = held;
  const agreeToNewer = async (newer: HeldReply) => {
    say.print('The folder changed meanwhile, and nothing was put in force yet.');
    printHeld(say, { reply: newer, status });
    ({ removes } = newer.held);
    return await agree(applyQuestion({ held: newer.held, adopted: [] }) ?? '');
  };
  const reply = await putInForce(asking, { agreed: held, agree: agreeToNewer });
  if (!reply?.ok) return { kind: 'refused', reply };
  say.print(`In force: ${reply.services.length === 0 ? 'no service is declared any more' : nameList(reply.services)}.`);
  return { kind: 'in-force', removes };
}
