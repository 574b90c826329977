/**
 * What the engine asks each container: is every part ready? Runs inside it, so that no port has to be opened.
 * The component wrote the port of its health server into a file, because several may share one host's loopback.
 * Once it was ready, a component that lacks nothing but the bus is as well as it can be: what is unwell then is the bus, and says so itself, and
 * "docker compose up --wait", which gives up on whatever is unhealthy at that moment, brings it back.
 */
import { access, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const timeoutMs = 2_000;
/** Lost with the container's temporary files, at its next start. */
const readyFile = join(tmpdir(), 'kedge-was-ready');

try {
  const port = (await readFile(join(tmpdir(), 'kedge-health-port'), 'utf8')).trim();
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(timeoutMs) });
  const told = await answer.text();
  // Docker keeps the output of the last checks: "docker inspect" then says which part is not ready.
  console.log(told);
  if (answer.ok) await writeFile(readyFile, '');
  process.exitCode = answer.ok || (lacksBus(told) && (await wasReady())) ? 0 : 1;
} catch (thrown) {
  console.log(thrown instanceof Error ? thrown.message : String(thrown));
  process.exitCode = 1;
}

/** Other parts may have to do with that. */
function lacksBus(told: string): boolean {
  const { parts }: { readonly parts?: { readonly bus?: unknown } } = JSON.parse(told);
  return parts?.bus !== undefined && parts.bus !== true;
}

async function wasReady(): Promise<boolean> {
  return await access(readyFile).then(
    () => true,
    () => false,
  );
}
