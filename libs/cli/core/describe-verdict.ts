import type { ValidateReply } from '@kedge/shared/contracts';
import { counted, countProblems } from './describe-problem.ts';

/**
 * The last line of a check: what it came to. Scripts written for Dispenser look for its sentence, so a folder of Dispenser gets no other,
 * and neither does a check that was asked for as Dispenser spells it, unless the main file is Kedge's own.
 */
export function verdictLine(reply: ValidateReply, test: boolean): string {
  const { ok, problems, warnings = [], entry, services } = reply;
  const beside = warnings.length === 0 ? '' : `, ${counted(warnings.length, 'warning')}`;
  if (!ok) return `${countProblems(problems)}${beside === '' ? '' : ` ${counted(warnings.length, 'warning')}.`}`;
  if (entry === 'dispenser.toml' || (test && entry !== 'kedge.toml')) return 'Dispenser config is ok.';
  return `${entry ?? 'The configuration'} is fine: ${services.length === 0 ? 'no service' : counted(services.length, 'service')}${beside}.`;
}
