import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { describe, it } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { withHttpUpstream, withRawUpstream } from '../testing/arrange.ts';
import { endpoints } from '../testing/endpoints.ts';
import { ask, open } from '../testing/http-client.ts';
import { startHttpUpstream } from '../testing/http-upstream.ts';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

describe('a connection to a target', () => {
  it('is used again for what may be repeated, the last one first', async (t) => {
    const { plane, upstream } = await withRawUpstream(t, (socket) => socket.on('data', () => socket.write(ok)));
    for (let round = 0; round < 5; round += 1) assert.equal((await ask({ port: plane.port })).body, 'ok');
    assert.equal(upstream.connections(), 1);
  });

  it('is a fresh one for what may not be repeated, and serves others afterwards', async (t) => {
    const { plane, upstream } = await withRawUpstream(t, (socket) => socket.on('data', () => socket.write(ok)));
    await ask({ port: plane.port });
    await ask({ port: plane.port, method: 'POST', body: 'body' });
    assert.equal(upstream.connections(), 2);
    await ask({ port: plane.port });
    await ask({ port: plane.port, method: 'DELETE' });
    assert.equal(upstream.connections(), 2);
    await ask({ port: plane.port, method: 'PATCH' });
    assert.equal(upstream.connections(), 3);
  });

  const doubtful: readonly (readonly [what: string, answer: string])[] = [
    ['it had bytes after the answer', `${ok}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison`],
    ['the upstream said so', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok'],
    ['it keeps idle connections for a second only', 'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 2\r\n\r\nok'],
    ['the upstream speaks HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['a body came where none may be', 'HTTP/1.1 204 No Content\r\n\r\nok'],
  ];
  for (const [why, answer] of doubtful) {
    it(`is never used again when ${why}`, async (t) => {
      const { plane, upstream } = await withRawUpstream(t, (socket) => socket.on('data', () => socket.write(answer)));
      for (let round = 0; round < 3; round += 1) assert.ok(!(await ask({ port: plane.port })).body.includes('poison'));
      assert.equal(upstream.connections(), 3);
    });
  }

  it('is never used again when bytes came while it was idle', async (t) => {
    const { plane, upstream } = await withRawUpstream(t, (socket) =>
      socket.on('data', () => {
        socket.write(ok);
        setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison'), 20);
      }),
    );
    assert.equal((await ask({ port: plane.port })).body, 'ok');
    await waitUntil(() => plane.connections() === 0);
    assert.equal((await ask({ port: plane.port })).body, 'ok');
    assert.equal(upstream.connections(), 2);
  });

  it('closes after it was idle, before the upstream would close it', async (t) => {
    const { plane, upstream } = await withRawUpstream(t, (socket) => socket.on('data', () => socket.write(ok)), {
      KEDGE_UPSTREAM_IDLE: '100ms',
    });
    await ask({ port: plane.port });
    await waitUntil(() => plane.connections() === 0);
    assert.equal(upstream.connections(), 1);
  });

  it('closes at once when its target leaves service, unless a request is under way', async (t) => {
    let finish: (() => void) | null = null;
    const { plane, upstream } = await withHttpUpstream(
      t,
      (incoming, response) => {
        if (incoming.url === '/slow') finish = () => response.end('slow');
        else response.end('quick');
      },
      { KEDGE_UPSTREAM_IDLE: '30s' },
    );
    const slow = ask({ port: plane.port, path: '/slow' });
    const finishSlow = await waitUntil(() => finish);
    await ask({ port: plane.port });
    assert.equal(plane.connections(), 2);
    plane.route([endpoints('web', [{ id: 'c1', port: upstream.port, state: 'draining' }])]);
    await waitUntil(() => plane.connections() === 1);
    assert.equal((await ask({ port: plane.port })).status, 503);
    finishSlow();
    assert.equal((await slow).body, 'slow');
    await waitUntil(() => plane.connections() === 0);
  });

  it('is asked to be closed by the upstream when uploads pile up connections', async (t) => {
    const answers: (() => void)[] = [];
    const { plane, upstream } = await withRawUpstream(t, (socket) => socket.on('data', () => void answers.push(() => socket.write(ok))), {
      KEDGE_UPSTREAM_IDLE: '30s',
    });
    const first = Array.from({ length: 40 }, async () => await ask({ port: plane.port, method: 'POST', body: 'x' }));
    await waitUntil(() => answers.length === 40);
    for (const answer of answers.splice(0)) answer();
    await Promise.all(first);
    const last = ask({ port: plane.port, method: 'POST', body: 'last' });
    await waitUntil(() => answers.length === 1);
    await waitUntil(() => /Connection: close\r\n\r\nlast$/.test(upstream.received()));
    answers[0]?.();
    assert.equal((await last).body, 'ok');
  });
});

describe('connections to one target', () => {
  it('are bounded; more requests wait their turn, and too many are refused', async (t) => {
    const answers: (() => void)[] = [];
    const { plane, upstream } = await withRawUpstream(t, (socket) => socket.on('data', () => void answers.push(() => socket.write(ok))), {
      KEDGE_UPSTREAM_CONNECTIONS: '2',
      KEDGE_UPSTREAM_QUEUE: '3',
    });
    const five = [1, 2, 3, 4, 5].map(async (index) => await ask({ port: plane.port, ...(index > 3 ? { method: 'POST', body: 'x' } : {}) }));
    await waitUntil(() => plane.traffic.openOf('c1') === 5 && answers.length === 2);
    assert.equal((await ask({ port: plane.port })).status, 503);
    while (plane.traffic.openOf('c1') > 0) {
      for (const answer of answers.splice(0)) answer();
      assert.ok(plane.connections() <= 2);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual(
      (await Promise.all(five)).map(({ status }) => status),
      [200, 200, 200, 200, 200],
    );
    assert.ok(upstream.connections() <= 5);
  });

  it('let a client leave the queue', async (t) => {
    const { plane } = await withRawUpstream(t, () => undefined, { KEDGE_UPSTREAM_CONNECTIONS: '1' });
    const agent = new Agent({ keepAlive: true });
    const asked = [1, 2, 3].map(async () => await open({ port: plane.port, agent }));
    const gone = Promise.allSettled(asked);
    await waitUntil(() => plane.traffic.openOf('c1') === 3);
    agent.destroy();
    assert.ok((await gone).every(({ status }) => status === 'rejected'));
    await waitUntil(() => plane.traffic.openOf('c1') === 0 && plane.connections() === 0);
  });

  it('hand waiting requests over to another target when theirs leaves service', async (t) => {
    const stuck = await withRawUpstream(t, () => undefined, { KEDGE_UPSTREAM_CONNECTIONS: '1' });
    const fresh = await startHttpUpstream((_request, response) => response.end('fresh'));
    t.after(() => fresh.close());
    const agent = new Agent({ keepAlive: true });
    const first = open({ port: stuck.plane.port, agent });
    await waitUntil(() => stuck.plane.traffic.openOf('c1') === 1);
    const second = ask({ port: stuck.plane.port });
    await waitUntil(() => stuck.plane.traffic.openOf('c1') === 2);
    stuck.plane.route([
      endpoints('web', [
        { id: 'c1', port: stuck.upstream.port, state: 'draining' },
        { id: 'c2', port: fresh.port },
      ]),
    ]);
    assert.equal((await second).body, 'fresh');
    assert.equal(stuck.plane.traffic.openOf('c1'), 1);
    agent.destroy();
    await assert.rejects(first);
  });
});

describe('the keep-alive race', () => {
  it('fails no request, however often upstreams close connections between two answers', { timeout: 180_000 }, async (t) => {
    const total = 4_000;
    let closed = 0;
    let seed = 7;
    const random = () => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const { plane } = await withRawUpstream(t, (socket) => {
      let left = 1 + Math.floor(random() * 8);
      let seen = '';
      socket.on('data', (chunk) => {
        seen += chunk.toString('latin1');
        const [, length = '0'] = /Content-Length: (\d+)/i.exec(seen) ?? [];
        const end = seen.indexOf('\r\n\r\n');
        if (end === -1 || seen.length < end + 4 + Number(length)) return;
        const body = seen.slice(end + 4);
        seen = '';
        left -= 1;
        const answer = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length + 2}\r\n\r\nok${body}`;
        if (left > 0) {
          socket.write(answer);
          return;
        }
        closed += 1;
        // Announced nowhere: with the answer, right after it, or a moment later, when the next request may be on its way.
        if (random() < 0.3) socket.end(answer);
        else socket.write(answer, () => (random() < 0.5 ? socket.destroy() : setTimeout(() => socket.resetAndDestroy(), random() * 3)));
      });
    });
    let asked = 0;
    const agent = new Agent({ keepAlive: true, maxSockets: 32 });
    t.after(() => agent.destroy());
    const failures: string[] = [];
    await Promise.all(
      Array.from({ length: 32 }, async () => {
        while (asked < total) {
          asked += 1;
          const posted = asked % 4 === 0;
          const body = posted ? `body ${asked}` : '';
          const answer = await ask({
            port: plane.port,
            agent,
            ...(posted ? { method: 'POST', body, headers: { 'Content-Length': String(body.length) } } : {}),
          }).catch((thrown) => ({
            status: String(thrown),
            body: '',
          }));
          if (answer.status !== 200 || answer.body !== `ok${body}`) failures.push(`${answer.status} ${answer.body}`);
        }
      }),
    );
    assert.deepEqual(failures, []);
    assert.ok(closed > total / 10, `the race was on: ${closed} connections were closed by the upstream`);
  });
});

describe('replacing targets under load', () => {
  it('fails no request and reaches both generations', { timeout: 180_000 }, async (t) => {
    const generations = await Promise.all(
      Array.from(
        { length: 20 },
        async (_, index) =>
          await startHttpUpstream((incoming, response) => {
            let body = '';
            incoming.on('data', (chunk) => {
              body += chunk;
            });
            incoming.on('end', () => response.end(`${index} ${body}`));
          }),
      ),
    );
    const { plane } = await withHttpUpstream(t, (_request, response) => response.end('unused'));
    t.after(async () => {
      await Promise.all(generations.map((each) => each.close()));
    });
    const target = (index: number, state: 'ready' | 'draining' = 'ready') => ({
      id: `g${index}`,
      port: generations[index]?.port ?? 0,
      state,
    });
    plane.route([endpoints('web', [target(0)])]);
    const agent = new Agent({ keepAlive: true, maxSockets: 16 });
    t.after(() => agent.destroy());
    const seen = new Set<string>();
    const failures: string[] = [];
    let done = false;
    let answered = 0;
    const load = Promise.all(
      Array.from({ length: 16 }, async (_, worker) => {
        for (let round = 0; !done; round += 1) {
          const body = worker % 2 === 0 ? `${worker}.${round}` : '';
          const answer = await ask({
            port: plane.port,
            agent: worker < 12 ? agent : new Agent(),
            ...(body === '' ? {} : { method: 'POST', body }),
          }).catch((thrown) => ({
            status: String(thrown),
            body: '',
          }));
          const [generation = '', echoed] = answer.body.split(' ');
          if (answer.status !== 200 || echoed !== body) failures.push(`${answer.status} ${answer.body}`);
          seen.add(generation);
          answered += 1;
        }
      }),
    );
    for (let next = 1; next < generations.length; next += 1) {
      const before = answered;
      await waitUntil(() => answered > before + 50);
      plane.route([endpoints('web', [target(next - 1, 'draining'), target(next)])]);
      await waitUntil(() => plane.traffic.openOf(`g${next - 1}`) === 0);
      plane.route([endpoints('web', [target(next)])]);
      // As a rollout does after the proof: the old one goes, with whatever connections it still believes in.
      await generations[next - 1]?.close();
    }
    done = true;
    await load;
    assert.deepEqual(failures, []);
    assert.equal(seen.size, generations.length);
  });
});
