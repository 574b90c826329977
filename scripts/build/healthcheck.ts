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
  // Docker keeps the output of the last checks: "docker inspect" then says which part is not ready.
  console.log(await answer.text());
  process.exitCode = answer.ok ? 0 : 1;
} catch (thrown) {
  console.log(thrown instanceof Error ? thrown.message : String(thrown));
  process.exitCode = 1;
}
