import type { ValidateReply } from '@kedge/shared/contracts';
import { counted, nameList } from '@kedge/shared/kernel';
import { countProblems } from './describe-problem.ts';

/**
 * The last line of a check: what it came to. Scripts written for Dispenser look for its sentence, so a folder of Dispenser gets no other,
 * and neither does a check that was asked for as Dispenser spells it, unless the main file is Kedge's own.
 */
export function verdictLine(reply: ValidateReply, test: boolean): string {
  const { ok, problems, reason, warnings = [], entry, services, held } = reply;
  const beside = warnings.length === 0 ? '' : `, ${counted(warnings.length, 'warning')}`;
  const behind = warnings.length === 0 ? '' : ` ${counted(warnings.length, 'warning')}.`;
  if (held) {
    const removes = nameList(held.removes);
    return `${entry ?? 'The configuration'} is fine, but held, because it would remove ${removes}: "kedge apply" shows that, and asks.${behind}`;
  }
  if (!ok && reason !== undefined) return `Nothing was put in force: ${reason}.${behind}`;
  if (!ok) return `${countProblems(problems)}${behind}`;
  if (entry === 'dispenser.toml' || (test && entry !== 'kedge.toml')) return 'Dispenser config is ok.';
  return `${entry ?? 'The configuration'} is fine: ${services.length === 0 ? 'no service' : counted(services.length, 'service')}${beside}.`;
}
