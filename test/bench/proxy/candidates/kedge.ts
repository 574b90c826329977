import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Candidate, Task } from '../candidate.ts';
import { outputOf, run } from '../processes.ts';

const root = new URL('../../../../', import.meta.url);
const bundler = fileURLToPath(new URL('scripts/build/bundle.ts', root));

/** Flags of Node with which the image starts it. */
async function imageFlags(): Promise<readonly string[]> {
  const stage = (await readFile(new URL('Dockerfile', root), 'utf8')).split(/^FROM /m).find((each) => /^component AS proxy$/m.test(each));
  return [...(stage ?? '').matchAll(/"(--[^"]+)"/g)].flatMap(([, flag]) => flag ?? []);
}

/** The proxy alone, with its routes in a file. Metrics are always counted; with `logs`, every request has its line too. */
function kedgeThat(name: string, requests: 'all' | 'off'): Candidate {
  return {
    name,
    async version() {
      const { version } = JSON.parse(await readFile(new URL('package.json', root), 'utf8')) as { readonly version: string };
      return `${version} on Node ${process.versions.node}`;
    },
    async start(task) {
      // As the image has it.
      const built = join(task.folder, 'built');
      if ((await outputOf(process.execPath, [bundler, built])) === null) throw new Error(`${bundler} failed`);
      const routes = join(task.folder, 'routes.toml');
      await writeFile(routes, routesOf(task, requests));
      const environment = {
        KEDGE_ROUTES: routes,
        KEDGE_STATE_DIR: task.folder,
        KEDGE_HTTP_HOST: '127.0.0.1',
        KEDGE_HTTP_PORT: String(task.plainPort),
        KEDGE_HTTPS_PORT: String(task.tlsPort),
        KEDGE_CERTIFICATES: 'self-signed',
        KEDGE_CLIENT_CONNECTIONS: '0',
        KEDGE_HEALTH_PORT: '0',
        KEDGE_LOG_LEVEL: 'info',
      };
      return run(process.execPath, [...(await imageFlags()), join(built, 'proxy', 'main.js')], {
        environment,
        log: join(task.folder, 'log'),
      });
    },
  };
}

function routesOf({ hosts, upstream }: Task, requests: 'all' | 'off'): string {
  const routes = hosts.map((host) => `[[route]]\nhost = "${host}"\ntargets = ["127.0.0.1:${upstream}"]\n`);
  return [`[proxy]\nstrategy = "both"\n[proxy.log]\nrequests = "${requests}"\n`, ...routes].join('\n');
}

/** As it is measured against the others: with metrics, and a line for each request. */
export const kedge: Candidate = kedgeThat('Kedge', 'all');
/** What lines cost is the difference to this one. */
export const kedgeWithoutLog: Candidate = kedgeThat('Kedge, no access log', 'off');
