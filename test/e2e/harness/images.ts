import { run } from './shell.ts';
import type { StackFacts } from './stack.ts';

interface AppImage {
  readonly repository: string;
  readonly tag?: string;
  readonly version: string;
  readonly mode?: 'good' | 'crash' | 'unhealthy';
  readonly entry?: 'server.js' | 'job.js' | 'caller.js';
  /** Whether the image brings a health check. Default false. */
  readonly checked?: boolean;
}

/** The reference under which a service declares an image of the stack's registry. */
export function reference({ registryPort }: Pick<StackFacts, 'registryPort'>, repository: string, tag = 'latest'): string {
  return `localhost:${registryPort}/${repository}:${tag}`;
}

/** Builds the application in a version and pushes it; resolves to when the push had ended. */
export async function push(
  facts: StackFacts,
  { repository, tag, version, mode = 'good', entry = 'server.js', checked = false }: AppImage,
): Promise<Date> {
  const name = reference(facts, repository, tag);
  // Built under a name of its own: what the declared name means in the engine is the reconciler's business.
  const built = `kedge-e2e/${repository}:${version}-${mode}`;
  const args = [`VERSION=${version}`, `MODE=${mode}`, `ENTRY=${entry}`].flatMap((arg) => ['--build-arg', arg]);
  const target = checked ? 'checked' : 'plain';
  await run('docker', ['build', '-q', '--provenance=false', '--target', target, '-t', built, ...args, 'test/e2e/app']);
  await run('docker', ['tag', built, name]);
  await run('docker', ['push', '-q', name]);
  return new Date();
}

/** Removes an image from the engine, so that only the registry has it; resolves to its id (the digest of its configuration). */
export async function forgetImage(facts: StackFacts, { repository, tag, version, mode = 'good' }: AppImage): Promise<string> {
  const built = `kedge-e2e/${repository}:${version}-${mode}`;
  const { stdout } = await run('docker', ['image', 'inspect', '--format', '{{.Id}}', built]);
  await run('docker', ['rmi', '-f', built, reference(facts, repository, tag)]);
  return stdout.trim();
}
