import { connect } from 'node:net';
import type { Bus } from '@kedge/shared/bus';
import { type Component, components } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import { run } from '../../e2e/harness/shell.ts';
import { compose, type StackFacts } from '../../e2e/harness/stack.ts';

/** Resolves to the moment at which the server takes clients again: whoever has to come back cannot come earlier. */
export async function untilBusAnswers({ natsPort }: Pick<StackFacts, 'natsPort'>): Promise<Date> {
  return await waitUntil(async () => ((await greets(natsPort)) ? new Date() : null), { timeoutMs: 60_000, what: 'the bus answers' });
}

/** The engine takes connections for a server that does not listen yet; only the server itself sends a greeting. */
async function greets(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  socket.setTimeout(1_000, () => socket.destroy());
  try {
    for await (const text of socket) return String(text).startsWith('INFO');
    return false;
  } catch {
    return false; // refused, or cut off
  } finally {
    socket.destroy();
  }
}

/** When a one-shot container of the stack last ended. */
export async function endOf(facts: StackFacts, service: 'provision'): Promise<Date> {
  const id = (await compose(facts, ['ps', '-a', '-q', service])).trim();
  const { stdout } = await run('docker', ['inspect', '--format', '{{.State.FinishedAt}}', id]);
  return new Date(stdout.trim());
}

/**
 * For each component the end of the first look at everything that it tells of after `since`, by its own word. `secrets` has nothing to read
 * again: it reads its files for each question, and its evidence is that it answers.
 */
export async function passesAfter(bus: Bus, since: Date): Promise<ReadonlyMap<Component, Date>> {
  const ends = components.map(async (component): Promise<readonly [Component, Date]> => {
    const end = async () => {
      const { now, lastPassAt } = await bus.request(`doctor.${component}`, {}, { timeoutMs: 2_000 });
      const at = new Date((component === 'secrets' ? now : lastPassAt) ?? 0);
      return at > since ? at : null;
    };
    return [component, await waitUntil(end, { timeoutMs: 60_000, what: `${component} looks at everything` })];
  });
  return new Map(await Promise.all(ends));
}

/** How long after a moment each came, in milliseconds, and in words. */
export function delaysFrom(moment: Date, ends: ReadonlyMap<string, Date>): { readonly told: string; readonly longestMs: number } {
  const delays = [...ends].map(([what, at]) => [what, at.getTime() - moment.getTime()] as const);
  return { told: delays.map(([what, ms]) => `${what} ${ms} ms`).join(', '), longestMs: Math.max(...delays.map(([, ms]) => ms)) };
}
