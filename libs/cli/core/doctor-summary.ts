import { counted } from '@kedge/shared/kernel';
import type { FoundState } from './diagnose.ts';

/** The last line of a page of findings: `1 thing does not work, 2 warnings; all else is well.` */
export function doctorSummary(states: readonly FoundState[]): string {
  const failed = states.filter((state) => state === 'failed').length;
  const warnings = states.filter((state) => state === 'warning').length;
  const notAsked = states.filter((state) => state === 'not-asked').length;
  const parts = [
    ...(failed === 0 ? [] : [`${counted(failed, 'thing')} ${failed === 1 ? 'does' : 'do'} not work`]),
    ...(warnings === 0 ? [] : [counted(warnings, 'warning')]),
    ...(notAsked === 0 ? [] : [`${notAsked} ${notAsked === 1 ? 'was' : 'were'} not asked`]),
  ];
  if (parts.length === 0) return 'All is well.';
  const rest = states.length === failed + warnings + notAsked ? '' : '; all else is well';
  return `${parts.join(', ')}${rest}. What to do stands below each.`;
}
