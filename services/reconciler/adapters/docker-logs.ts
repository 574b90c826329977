import type { DockerApi } from './docker-api.ts';
import { inspectPresent, shortId } from './docker-inspect.ts';
import { lastLines, outputPieces } from './log-lines.ts';

const mostLines = 5_000;
const mostBytes = 1024 * 1024;
const logsTimeoutMs = 30_000;

/** The last lines that a container wrote, at most 5,000 and 1 MiB. */
export async function readLogs(
  api: DockerApi,
  { id, lines, since }: { readonly id: string; readonly lines: number; readonly since?: Date },
): Promise<string[]> {
  const what = `read the output of container ${shortId(id)}`;
  const container = await inspectPresent(api, { id, what });
  const wanted = Math.min(Math.max(0, lines), mostLines);
  if (wanted === 0) return [];
  const query = {
    stdout: true,
    stderr: true,
    tail: wanted,
    ...(since ? { since: (since.getTime() / 1_000).toFixed(3) } : {}),
  };
  const call = { what, method: 'GET', path: `/containers/${container.Id}/logs`, query, timeoutMs: logsTimeoutMs } as const;
  const terminal = container.Config.Tty;
  return await api.read(call, (answer) => lastLines(outputPieces(answer, { terminal }), { lines: wanted, bytes: mostBytes }));
}
