import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = `${import.meta.dirname}/../..`;

describe('the port of the proxy', () => {
  let programs = '';
  let server: Server;
  let port = 0;
  before(async () => {
    server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    port = typeof address === 'object' && address ? address.port : 0;
  });
  after(() => server.close());
  beforeEach(async () => {
    programs = await mkdtemp(join(tmpdir(), 'kedge-programs-'));
  });
  afterEach(async () => await rm(programs, { recursive: true }));

  /** Asks with an engine that has these proxies, by name; only those it knows can be inspected, as with the real one. */
  async function refuse(proxies: Readonly<Record<string, string>>): Promise<void> {
    const cases = Object.entries(proxies).map(([name, state]) => `${name}) echo '${state}' ;;`);
    const inspect = `for name; do case $name in ${cases.join(' ')} *) echo "no such object: $name" >&2; exit 1 ;; esac; done`;
    const list = Object.keys(proxies).map((name) => `echo ${name}`);
    const text = ['#!/bin/bash', 'if [[ $1 == inspect ]]; then shift 3', inspect, 'else :', ...list, 'fi', ''].join('\n');
    await writeFile(join(programs, 'docker'), text);
    await chmod(join(programs, 'docker'), 0o755);
    const script = 'root=$PWD; source scripts/lib/step.sh; source scripts/lib/taken-port.sh; refuse_taken_port "$1"; echo free';
    const env = { PATH: `${programs}:${process.env.PATH}` };
    await run('bash', ['-euo', 'pipefail', '-c', script, 'bash', String(port)], { cwd: root, env });
  }
  const well = () => `healthy ["KEDGE_HTTP_PORT=${port}"]`;
  const taken = ({ stderr }: { readonly stderr: string }) => stderr.includes(`port ${port} is taken by another program`);

  it('is taken when a stranger listens there', async () => await assert.rejects(refuse({}), taken));
  it('is our own when the proxy listens there', async () => await refuse({ one: well() }));
  it('is our own when one of two proxies does', async () => await refuse({ one: 'starting []', two: well() }));
  it('is our own when both of two proxies do', async () => await refuse({ one: well(), two: well() }));
  it('is taken when no proxy of ours is well, or when they listen elsewhere', async () => {
    await assert.rejects(refuse({ one: `unhealthy ["KEDGE_HTTP_PORT=${port}"]`, two: `healthy ["KEDGE_HTTP_PORT=${port}1"]` }), taken);
  });
});
