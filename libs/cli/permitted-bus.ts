import { accessTable } from '@kedge/shared/bus/setup';
import type { Identity, Subject } from '@kedge/shared/contracts';
import { TerminalError } from '@kedge/shared/kernel';
import type { CliBus } from './connect.ts';

/**
 * A bus that refuses what the server would refuse this identity, and says who may: the server's own refusal looks as if nobody answered.
 * @throws {TerminalError} NOT_PERMITTED, from `request` and `publish`
 */
export function permittedBus(bus: CliBus): CliBus {
  const request: CliBus['request'] = async (subject, data, options) => {
    refuseForbidden({ identity: bus.identity, verb: 'ask', subject });
    return await bus.request(subject, data, options);
  };
  const publish: CliBus['publish'] = async (subject, data, options) => {
    refuseForbidden({ identity: bus.identity, verb: 'say', subject });
    await bus.publish(subject, data, options);
  };
  return { ...bus, request, publish };
}

/** Whose keys the stack leaves for use on the host. */
const people: readonly Identity[] = ['cli', 'hooks'];

interface Attempt {
  readonly identity: Identity;
  readonly verb: 'ask' | 'say';
  readonly subject: Subject;
}

function refuseForbidden({ identity, verb, subject }: Attempt): void {
  const able = accessTable([])
    .filter(({ calls, publishes }) => (verb === 'ask' ? calls.some((call) => call.subject === subject) : publishes.includes(subject)))
    .map((access) => access.identity);
  if (able.includes(identity)) return;
  const others = people.filter((each) => able.includes(each)).map((each) => `"${each}"`);
  throw new TerminalError(
    'NOT_PERMITTED',
    `the key of "${identity}" may not ${verb} ${subject}; ${others.join(' and ') || 'nobody but components'} may: use --as or KEDGE_IDENTITY`,
  );
}
