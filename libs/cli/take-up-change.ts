import type { PlanReply, ServiceName, ValidateReply } from '@kedge/shared/contracts';
import { askVerdict } from './ask-verdict.ts';
import type { CliWithBus } from './cli.ts';
import { blockedServices } from './core/choose-adoptions.ts';
import { type ConfigChange, findConfigChange } from './find-config-change.ts';
import { plannedServices } from './show-plan-progress.ts';

/** What came of a look at the folder. */
export type TakenUp =
  /** Wrong, or held: nothing changed. */
  | { readonly kind: 'refused'; readonly reply: ValidateReply }
  | {
      readonly kind: 'taken-up';
      readonly reply: ValidateReply;
      readonly change: ConfigChange | null;
      readonly plan: PlanReply;
      /** Those that change, of the configuration or for another reason. */
      readonly services: readonly ServiceName[];
      /** Those of them that cannot come before somebody makes room. */
      readonly blocked: readonly ServiceName[];
    }
  /** Nobody waits any more. */
  | { readonly kind: 'interrupted' };

/**
 * Lets the stack read its folder and take up what is right, and says what that changes. `answer` may put in force what it holds.
 */
export async function takeUpChange(
  cli: Pick<CliWithBus<'request' | 'recent'>, 'bus' | 'terminal' | 'signal'>,
  answer: (reply: ValidateReply) => Promise<ValidateReply> = async (reply) => reply,
): Promise<TakenUp> {
  const since = cli.terminal.now();
  const reply = await answer(await askVerdict(cli.bus, { reload: true }));
  if (!reply.ok) return { kind: 'refused', reply };
  const change = await findConfigChange({ bus: cli.bus, since });
  if (cli.signal.aborted) return { kind: 'interrupted' };
  const plan = await cli.bus.request('deploy.plan', {});
  const services = [...new Set([...changedServices(change), ...plannedServices(plan)])];
  return { kind: 'taken-up', reply, change, plan, services, blocked: blockedServices(plan, []) };
}

function changedServices(change: ConfigChange | null): ConfigChange['added'] {
  return change ? [...change.removed, ...change.changed, ...change.added] : [];
}
