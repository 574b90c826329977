// Says which image is new. Needs Node 22.18 or newer and the npm package @nats-io/transport-node; run it in the folder that holds .kedge/.
import { readFile } from 'node:fs/promises';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';

const { KEDGE_KEYS = '.kedge', KEDGE_NATS_PORT: port = '4222', KEDGE_BUS_URL: servers = `nats://127.0.0.1:${port}` } = process.env;
const options = { servers, inboxPrefix: '_INBOX_hooks', maxReconnectAttempts: -1 };
const bus = await readFile(`${KEDGE_KEYS}/hooks.nk`, 'utf8')
  .then((seed) => connect({ ...options, authenticator: nkeyAuthenticator(Buffer.from(seed.trim())) }))
  .catch(({ message }: Error) => console.error(`cannot follow ${servers}: ${message}`));
if (!bus) process.exit(1);
for await (const message of bus.subscribe('image.updated')) {
  const { data } = message.json<{ data: { services: string[]; digest: string } }>();
  console.log(`${data.services.join(', ')} is now ${data.digest}`);
}
