import type { ServiceName, ValidateReply } from '@kedge/shared/contracts';
import { nameList } from '@kedge/shared/kernel';
import type { ForeignContainer } from './describe-plan.ts';

interface Decided {
  /** The configuration that waits for a yes; absent when the newest one is in force. */
  readonly held?: Pick<NonNullable<ValidateReply['held']>, 'removes'> | undefined;
  /** Containers that Kedge did not make, and that services are to take the place of. */
  readonly adopted: readonly Pick<ForeignContainer, 'service' | 'container' | 'image'>[];
}

/** More names than a line has room for; all of them are listed above the question. */
const mostNamed = 20;

/** What exactly a yes does, what it removes first; null where nothing needs a yes. */
export function applyQuestion({ held, adopted }: Decided): string | null {
  const parts = [...(held ? whatHoldsBack(held.removes) : []), ...(adopted.length === 0 ? [] : [whatIsTaken(adopted)])];
  if (parts.length === 0) return null;
  const [last = '', ...before] = parts.toReversed();
  const text = before.length === 0 ? last : `${before.toReversed().join(', ')}, and ${last}`;
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}?`;
}

function whatHoldsBack(removes: readonly ServiceName[]): string[] {
  const services = `service${removes.length === 1 ? '' : 's'} ${nameList(removes, mostNamed)}`;
  return [...(removes.length === 0 ? [] : [`remove ${services}`]), 'put the configuration of the folder in force'];
}

/** Its container goes only when the service serves in its place. */
function whatIsTaken(adopted: Decided['adopted']): string {
  const containers = adopted.map(
    ({ service, container, image }) => `container ${container} (${image}) as soon as ${service} serves in its place`,
  );
  return `remove ${nameList(containers, mostNamed)}`;
}
