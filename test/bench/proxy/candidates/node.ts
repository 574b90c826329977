import { fileURLToPath } from 'node:url';
import type { Candidate } from '../candidate.ts';
import { run } from '../processes.ts';

const server = fileURLToPath(new URL('./node-server.ts', import.meta.url));

/** No proxy: the servers of `node:http` and `node:https`, which is what any proxy on Node costs at least. */
export const bareNode: Candidate = {
  name: 'node:http alone',
  version: async () => await Promise.resolve(process.versions.node),
  start: async ({ certificate, key, plainPort, tlsPort }) =>
    await Promise.resolve(run(process.execPath, [server, String(plainPort), String(tlsPort), certificate, key])),
};
