import { spawn } from 'node:child_process';
import type { Logger } from '@kedge/shared/service';
import { z } from 'zod';
import type { CredentialHelpers } from '../ports.ts';

/** What `docker-credential-<name> get` prints. */
const HelperAnswer = z.object({ Username: z.string(), Secret: z.string().min(1) });

const mostBytes = 1024 * 1024;
/** A name, never a path: the file may not choose which program of the disk runs. */
const helperName = /^[a-zA-Z0-9][a-zA-Z0-9._-]*$/;

interface HelperOptions {
  readonly log: Logger;
  readonly timeoutMs?: number;
}

/** Runs Docker's credential helpers from PATH. What they print is never logged. */
export function createCredentialHelpers({ log, timeoutMs = 10_000 }: HelperOptions): CredentialHelpers {
  return {
    async get(helper, server) {
      if (!helperName.test(helper)) {
        log.warn({ helper }, 'the credential helper has no valid name');
        return null;
      }
      const ended = await run({ program: `docker-credential-${helper}`, input: server, timeoutMs });
      const answer = ended.reason === 'answered' ? HelperAnswer.safeParse(parseJson(ended.output)) : null;
      if (answer?.success) return { username: answer.data.Username, password: answer.data.Secret };
      // The protocol's way to say "I do not know that server" is this sentence and exit code 1.
      if (!ended.output.includes('credentials not found')) {
        const { code, reason } = answer ? { code: undefined, reason: 'not an answer of the protocol' } : explain(helper, ended);
        log.warn({ helper, server, code, reason }, 'the credential helper gave no credentials');
      }
      return null;
    },
  };
}

/** The commonest reason by its name: Docker's configuration names a program of the host, which is not in this container. */
function explain(helper: string, { reason }: Ended): { readonly code: string | undefined; readonly reason: string } {
  if (reason !== 'ENOENT') return { code: undefined, reason };
  return {
    code: 'REGISTRY_HELPER_MISSING',
    reason: `config.json names it, and there is no docker-credential-${helper} on PATH in this container; put it there, or keep the login in the file: take "credsStore" or the entry in "credHelpers" out and run docker login again`,
  };
}

interface Ended {
  /** `answered`, or why not. */
  readonly reason: string;
  readonly output: string;
}

async function run({ program, input, timeoutMs }: { program: string; input: string; timeoutMs: number }): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const child = spawn(program, ['get'], { stdio: ['pipe', 'pipe', 'ignore'], timeout: timeoutMs, killSignal: 'SIGKILL' });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
    if (output.length > mostBytes) child.kill('SIGKILL');
  });
  child.on('error', (error) => resolve({ reason: 'code' in error ? String(error.code) : 'not started', output: '' }));
  child.on('close', (code, signal) => resolve({ reason: code === 0 ? 'answered' : `ended with ${signal ?? code}`, output }));
  // A helper may end without reading its input; how it ended is what counts.
  child.stdin.on('error', () => child.stdin.destroy());
  child.stdin.end(input);
  return await promise;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
