/** Of tables within tables; no key that is known lies deeper than this. */
export const mostLevels = 64;

/** Whether values lie in more tables and arrays than `levels`. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null || value instanceof Date) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
