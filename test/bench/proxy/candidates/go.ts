import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Candidate } from '../candidate.ts';
import { outputOf, run } from '../processes.ts';

const source = fileURLToPath(new URL('./reverse-proxy.go', import.meta.url));

/** `httputil.ReverseProxy`, on as many processors as it likes: its cost is told in processor time. */
export const go: Candidate = {
  name: "Go's ReverseProxy",
  version: async () => (await outputOf('go', ['version']))?.split(' ')[2]?.replace('go', '') ?? null,
  async start({ hosts, upstream, certificate, key, folder, plainPort, tlsPort }) {
    const program = join(folder, 'reverse-proxy');
    const built = await outputOf('go', ['build', '-o', program, source], {
      GOCACHE: join(folder, 'cache'),
      GOFLAGS: '-mod=mod',
      GO111MODULE: 'off',
    });
    if (built === null) throw new Error(`${source} could not be built`);
    const hostsFile = join(folder, 'hosts');
    await writeFile(hostsFile, hosts.join('\n'));
    return run(program, [`127.0.0.1:${plainPort}`, `127.0.0.1:${tlsPort}`, certificate, key, `http://127.0.0.1:${upstream}`, hostsFile]);
  },
};
