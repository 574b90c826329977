// Says which image is new. Needs Node 22.18 or newer and the npm package @nats-io/transport-node; run it in the folder that holds .kedge/.
import { readFile } from 'node:fs/promises';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';

const seed = await readFile(`${process.env.KEDGE_KEYS ?? '.kedge'}/hooks.nk`, 'utf8');
const authenticator = nkeyAuthenticator(new TextEncoder().encode(seed.trim()));
const servers = process.env.KEDGE_BUS_URL ?? 'nats://127.0.0.1:4222';
const bus = await connect({ servers, authenticator, inboxPrefix: '_INBOX_hooks', maxReconnectAttempts: -1 });

for await (const message of bus.subscribe('image.updated')) {
  const { data } = message.json<{ data: { services: string[]; digest: string } }>();
  console.log(`${data.services.join(', ')} is now ${data.digest}`);
}
