import { ServiceName } from '@kedge/shared/contracts';
import { forgetImage, push } from '../../e2e/harness/images.ts';
import { joinBus, type StackFacts } from '../../e2e/harness/stack.ts';

interface Releases {
  /** Also the name of the service. */
  readonly repository: string;
  readonly entry?: 'server.js' | 'job.js';
  readonly mode?: 'good' | 'crash';
}

const manifestType = 'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json';

/** Puts a version into the registry alone, under a tag of its own: nobody notices, and the engine has to pull it. */
export async function prepareVersion(
  facts: StackFacts,
  { repository, entry = 'server.js', mode = 'good' }: Releases,
  version: string,
): Promise<void> {
  await push(facts, { repository, tag: version, version, entry, mode });
  await forgetImage(facts, { repository, tag: version, version, mode });
}

/** Gives a prepared version the tag that services declare: from now on it is what the registry says. */
export async function release(facts: StackFacts, repository: string, version: string): Promise<void> {
  const manifests = `http://localhost:${facts.registryPort}/v2/${repository}/manifests`;
  const found = await fetch(`${manifests}/${version}`, { headers: { accept: manifestType } });
  if (!found.ok) throw new Error(`the registry does not know ${repository}:${version} (${found.status})`);
  const type = found.headers.get('content-type') ?? '';
  const put = await fetch(`${manifests}/latest`, {
    method: 'PUT',
    headers: { 'content-type': type },
    body: Buffer.from(await found.arrayBuffer()),
  });
  if (!put.ok) throw new Error(`the registry did not take ${repository}:latest (${put.status} ${await put.text()})`);
}

/** Asks the watcher to look at the image of a service now. */
export async function lookNow(facts: StackFacts, service: string): Promise<void> {
  const bus = await joinBus(facts, 'cli');
  try {
    await bus.request('watcher.check', { service: ServiceName.parse(service) }, { timeoutMs: 20_000 });
  } finally {
    await bus.close();
  }
}
