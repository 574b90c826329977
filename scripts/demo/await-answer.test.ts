import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { NodeName, ServiceName, type StatusReply } from '@kedge/shared/contracts';

const repository = join(import.meta.dirname, '../..');
const run = promisify(execFile);

const well: StatusReply = {
  node: NodeName.parse('local'),
  engine: { reachable: true, message: '' },
  config: { revision: 'r1', problem: null, state: 'in-force' },
  foreign: [],
  proxies: [],
  services: [],
};
const held: StatusReply['config'] = {
  revision: 'r1',
  problem: 'a configuration waits for "kedge apply": it would remove web, db',
  state: 'held',
};
/** The demo's service, in whose way a container stands. */
function taken({ since, retryAt }: { readonly since: string; readonly retryAt: string }): Pick<StatusReply, 'services'> {
  const code = 'NAME_TAKEN';
  const message = 'a container named hello exists that Kedge did not make: remove it, or rename it';
  return {
    services: [
      {
        ...{ service: ServiceName.parse('hello'), phase: 'waiting', reason: message, image: 'hello:1', digest: null, source: null },
        ...{ release: null, replicas: { ready: 0, wanted: 1 }, since: null, routes: [], barred: [] },
        waiting: { code, message, since, retryAt, failures: 2 },
      },
    ],
  };
}
const long = { ago: '2026-01-01T00:00:00.000Z', hence: '2999-01-01T00:00:00.000Z' };
const down = { since: '2026-01-01T00:00:00.000Z', actor: 'ann' };

/** A proxy that answers so, each time the next one, and a command line that tells this status. */
async function prepare(t: TestContext, { answers, status }: { readonly answers: readonly string[]; readonly status: StatusReply }) {
  const root = await mkdtemp(join(tmpdir(), 'kedge-answer-'));
  t.after(async () => await rm(root, { recursive: true }));
  for (const name of ['scripts', 'node_modules']) await symlink(join(repository, name), join(root, name));
  await mkdir(join(root, 'log'));
  await writeFile(join(root, 'kedge'), `#!/bin/bash\ncat <<'TEXT'\n${JSON.stringify(status, null, 2)}\nTEXT\n`, { mode: 0o755 });
  const rest = [...answers];
  const server = createServer((_, response) => response.end(rest.length > 1 ? rest.shift() : rest[0])).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`;

  return async () => {
    const script = 'root=$1; source scripts/lib/step.sh; step_logs=$root/log; source scripts/demo/await-answer.sh; await_answer "$2"';
    const options = ['-euo', 'pipefail', '-c', script, 'bash', root, url];
    return await run('bash', options, { cwd: root, timeout: 30_000 }).then(
      ({ stdout }) => ({ code: 0, said: stdout }),
      ({ code, stdout, stderr }: { code: unknown; stdout: string; stderr: string }) => ({ code, said: `${stdout}${stderr}` }),
    );
  };
}

describe('the first answer', () => {
  const takeOver = '"./kedge apply" asks, and puts it in force; to keep them, name your own folder with KEDGE_CONFIG and start again';
  const hindrances: readonly (readonly [name: string, status: Partial<StatusReply>, what: string, cure: string])[] = [
    ['down', { down }, 'everything was taken down by ann', '"./kedge up" starts it again'],
    [
      'down, by a strange name',
      { down: { ...down, actor: 'ann\nb' } },
      'everything was taken down by ann b',
      '"./kedge up" starts it again',
    ],
    [
      'rejected',
      { config: { ...held, state: 'rejected' } },
      held.problem ?? '',
      '"./kedge validate" shows each problem; what is mended is read at once',
    ],
    ['held', { config: held }, held.problem ?? '', takeOver],
    ...[
      ['taken since', { since: long.hence, retryAt: long.hence }] as const,
      ['taken before, and met again since', { since: long.ago, retryAt: long.hence }] as const,
    ].map(
      ([name, times]) =>
        [
          name,
          taken(times),
          'hello waits: a container named hello exists that Kedge did not make: remove it, or rename it (NAME_TAKEN)',
          'take one of the ways that this names, and start again',
        ] as const,
    ),
    [
      'both',
      { config: held, down: { since: down.since } },
      `${held.problem}; everything was taken down`,
      `${takeOver}; then "./kedge up" starts it again`,
    ],
  ];
  for (const [name, status, what, cure] of hindrances) {
    it(`is not waited for where none can come: ${name}`, async (t) => {
      const waitForIt = await prepare(t, { answers: ['No service answers for this address'], status: { ...well, ...status } });
      const { code, said } = await waitForIt();
      assert.equal(code, 1);
      assert.ok(said.endsWith(`==> failed: ${what}\n==> what to do: ${cure}\n`), said);
    });
  }

  for (const [name, status] of [
    ['nothing is in its way', well],
    ['what was in its way may have been taken away', { ...well, ...taken({ since: long.ago, retryAt: long.ago }) }],
  ] as const)
    it(`is waited for where ${name}`, async (t) => {
      const waitForIt = await prepare(t, { answers: ['starting', 'starting', 'hello from v1'], status });
      const { code, said } = await waitForIt();
      assert.equal(code, 0);
      assert.match(said, /^==> first answer \.\.\. \d+ s\n$/);
    });

  it('is enough, whatever else waits for a person', async (t) => {
    const waitForIt = await prepare(t, { answers: ['hello from v1'], status: { ...well, config: held } });
    assert.equal((await waitForIt()).code, 0);
  });
});
