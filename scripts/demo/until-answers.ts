/**
 * Waits until a URL answers with a status below 400 (and, where a text is given, with that text in its body).
 * Usage: node scripts/demo/until-answers.ts URL SECONDS [TEXT]
 */
const [url, seconds, text = ''] = process.argv.slice(2);
if (!url || !seconds) throw new Error('usage: node scripts/demo/until-answers.ts URL SECONDS [TEXT]');

const deadline = performance.now() + Number(seconds) * 1_000;
let last = 'no answer';
do {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    const body = await answer.text();
    if (answer.ok && body.includes(text)) process.exit(0);
    last = `${answer.status} ${body.slice(0, 200)}`;
  } catch (thrown) {
    last = describe(thrown);
  }
  await new Promise((resolve) => setTimeout(resolve, 200));
} while (performance.now() < deadline);
console.error(`${url}: ${last}`);
process.exit(1);

/** What fetch throws hides the reason in its cause. */
function describe(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return thrown.cause instanceof Error ? thrown.cause.message : thrown.message;
}
