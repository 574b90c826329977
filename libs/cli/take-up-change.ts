import type { PlanReply, ServiceName, ValidateReply } from '@kedge/shared/contracts';
import { askPlan } from './ask-plan.ts';
import { askVerdict } from './ask-verdict.ts';
import type { CliWithBus } from './cli.ts';
import { blockedServices } from './core/choose-adoptions.ts';
import { type ConfigChange, chooseFollowed } from './core/choose-followed.ts';
import { findConfigChanges } from './find-config-changes.ts';
import { plannedServices } from './show-plan-progress.ts';

/** What came of a look at the folder. */
export type TakenUp =
  /** Wrong, or held: nothing changed. */
  | { readonly kind: 'refused'; readonly reply: ValidateReply }
  | {
      readonly kind: 'taken-up';
      readonly reply: ValidateReply;
      /** The newest one; null where nothing in the folder changed. */
      readonly change: ConfigChange | null;
      readonly plan: PlanReply;
      /** Those that it is about: see `chooseFollowed`. */
      readonly services: readonly ServiceName[];
      /** Those that are to change for another reason. */
      readonly others: readonly ServiceName[];
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
  const found = await findConfigChanges({ bus: cli.bus, since });
  if (cli.signal.aborted) return { kind: 'interrupted' };
  const plan = await askPlan(cli.bus);
  const planned = plannedServices(plan);
  const services = chooseFollowed(found, plan);
  const others = planned.filter((service) => !services.includes(service));
  const change = found.own.at(-1) ?? found.earlier.at(-1) ?? null;
  return { kind: 'taken-up', reply, change, plan, services, others, blocked: blockedServices(plan, []) };
}
