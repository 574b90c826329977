/**
 * Between `/`, or what some take for it; up to `;`, behind which some read parameters and leave them out. Percent-encoded too (RFC 3986 §6.2.2.2), once:
 * who decodes twice decodes what the client means as text.
 */
const dotSegment = /^[^?#]*?(?:[/\\]|%2f|%5c)(?:\.|%2e){1,2}(?:[/\\;?#]|%2f|%5c|%3b|$)/i;

/** Whether some part of the path is `.` or `..`: others resolve those, and would then serve another place than the one whose rules were asked. */
export function hasDotSegment(target: string): boolean {
  return dotSegment.test(target);
}
