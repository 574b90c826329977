/**
 * What the engine asks each container: is every part ready? Runs inside it, so that no port has to be opened.
 * The component wrote the port of its health server into a file, because several may share one host's loopback.
 */
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const timeoutMs = 2_000;

try {
  const port = (await readFile(join(tmpdir(), 'kedge-health-port'), 'utf8')).trim();
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(timeoutMs) });
  const told = await answer.text();
  // Docker keeps the output of the last checks: "docker inspect" then says which part is not ready.
  console.log(told);
  process.exitCode = answer.ok || hasLostTheBus(told) ? 0 : 1;
} catch (thrown) {
  console.log(thrown instanceof Error ? thrown.message : String(thrown));
  process.exitCode = 1;
}

/**
 * It started, and is as well as it can be: the bus is unwell, and says so itself. "docker compose up --wait" gives up on whatever is unhealthy
 * at that moment, and has to bring the bus back first. Other parts may have to do with that.
 */
function hasLostTheBus(told: string): boolean {
  const { parts }: { readonly parts?: { readonly start?: unknown; readonly bus?: unknown } } = JSON.parse(told);
  return parts?.start === true && parts.bus !== undefined && parts.bus !== true;
}
