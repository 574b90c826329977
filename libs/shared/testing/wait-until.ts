import { setTimeout as timer } from 'node:timers/promises';

/** Asks again and again (every 20 ms) until the answer is neither false, null nor undefined; what it threw last explains a time-out (default 10 s). */
export async function waitUntil<Value>(
  condition: () => Value | Promise<Value>,
  { timeoutMs = 10_000, what = 'the condition' }: { readonly timeoutMs?: number; readonly what?: string } = {},
): Promise<Exclude<Value, false | null | undefined>> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown = null;
  while (performance.now() < deadline) {
    try {
      const value = await condition();
      if (value !== false && value !== null && value !== undefined) return value as Exclude<Value, false | null | undefined>;
      last = value;
    } catch (thrown) {
      last = thrown;
    }
    await timer(20);
  }
  throw new Error(`${what} did not come true within ${timeoutMs} ms; the last answer was ${String(last)}`, { cause: last });
}
