import type { UpstreamClient, UpstreamScheme } from '../ports.ts';

/** Each request goes by what its target is spoken to with. */
export function createUpstreamByScheme(clients: Readonly<Record<UpstreamScheme, UpstreamClient>>): UpstreamClient {
  const all = Object.values(clients);
  return {
    send: (request, listener) => clients[request.scheme].send(request, listener),
    keepOnly(targets) {
      for (const client of all) client.keepOnly(targets);
    },
    endBeyond(targets) {
      for (const client of all) client.endBeyond(targets);
    },
    connections: () => all.reduce((sum, client) => sum + client.connections(), 0),
    async close() {
      await Promise.all(all.map(async (client) => await client.close()));
    },
  };
}
