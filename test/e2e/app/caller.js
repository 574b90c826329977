// Lives inside a service and calls another one by name: every request resolves the name and opens a connection of its own.

import { lookup } from 'node:dns/promises';
import { createServer, get } from 'node:http';

const { TARGET = '', PORT = '8080' } = process.env;
const seen = { requests: 0, versions: {}, failures: [] };

async function callOnce() {
  const { address } = await lookup(TARGET, { family: 4 });
  await new Promise((resolve, reject) => {
    const request = get({ host: address, port: PORT, path: '/', agent: false, timeout: 5_000 }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => {
        seen.versions[body] = (seen.versions[body] ?? 0) + 1;
        if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode} from ${address}`));
        else resolve();
      });
      response.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error(`no answer from ${address} in 5 s`)));
    request.on('error', (error) => reject(new Error(`${error.message} (${address})`)));
  });
}

async function callForEver() {
  for (;;) {
    try {
      await callOnce();
    } catch (error) {
      seen.failures.push(`${new Date().toISOString()} ${error.message}`);
    }
    seen.requests += 1;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

createServer((_request, response) => response.end(JSON.stringify(seen))).listen(8080);
void callForEver();
process.on('SIGTERM', () => process.exit(0));
