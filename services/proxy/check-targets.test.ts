import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { startChecking } from './check-targets.ts';
import { type AnswerHead, readAnswerHead } from './core/answer-head.ts';
import { buildRouteTable } from './core/route-table.ts';
import type { Ejections } from './ejections.ts';
import type { AnswerListener, UpstreamRequest } from './ports.ts';
import { createRoutes } from './routes.ts';
import { endpoints, knownEndpoints } from './testing/endpoints.ts';

function headOf(status: number): AnswerHead {
  const head = readAnswerHead(`HTTP/1.1 ${status} Said\r\nContent-Length: 0`, 'GET');
  assert.ok('status' in head);
  return head;
}

interface Question {
  readonly request: UpstreamRequest;
  readonly listener: AnswerListener;
  readonly askedAt: number;
  aborted: boolean;
}

/** Checks whose targets answer what the test says, when it says so, by a clock of its own. */
function arrange(
  t: TestContext,
  {
    host = 'web.test',
    check = {},
  }: { readonly host?: string; readonly check?: { readonly host?: string; readonly timeout_ms?: number } } = {},
) {
  const clock = { now: 0, step: 0 };
  const now = () => (clock.now += clock.step);
  const asked: Question[] = [];
  const found: Parameters<Ejections['checked']>[0][] = [];
  const routes = createRoutes();
  const balancing = { check: { path: '/up', interval_ms: 1_000, timeout_ms: 50, failures: 1, successes: 1, ...check } };
  const route = (ids: readonly string[]) => {
    const targets = ids.map((id) => ({ id, port: 80 }));
    routes.replace(buildRouteTable(knownEndpoints([endpoints('web', targets, { routes: [{ host, path: '/' }], balancing })])));
  };
  route(['a']);
  const upstream = {
    send(request: UpstreamRequest, listener: AnswerListener) {
      const question: Question = { request, listener, askedAt: clock.now, aborted: false };
      asked.push(question);
      const abort = () => {
        question.aborted = true;
      };
      return { write: () => true, end: () => undefined, resume: () => undefined, abort };
    },
  };
  const checks = startChecking({ routes, upstream, ejections: { checked: (each) => void found.push(each) }, now });
  t.after(async () => await checks.close());
  const answer = (question: Question | undefined, status: number) => question?.listener.onHead(headOf(status), '');
  return { clock, asked, found, route, answer };
}

describe('checks of targets', () => {
  for (const [status, isWell] of [
    [204, true],
    [302, true],
    [404, false],
    [500, false],
  ] as const) {
    it(`take ${status} for ${isWell ? 'well' : 'ill'}`, async (t) => {
      const { asked, found, answer } = arrange(t);
      await waitUntil(() => asked.length === 1);
      answer(asked[0], status);
      await waitUntil(() => isWell || found.length === 1);
      assert.deepEqual(
        found.map((each) => [each.isWell, each.reason]),
        isWell ? [] : [[false, `check: it answered ${status}`]],
      );
    });
  }

  it('ask again an interval later, and not before', async (t) => {
    const { asked, clock, answer } = arrange(t);
    await waitUntil(() => asked.length === 1);
    clock.step = 150;
    answer(asked[0], 200);
    await waitUntil(() => asked.length === 2);
    const { askedAt = 0 } = asked[1] ?? {};
    assert.ok(askedAt >= 1_000 && askedAt < 1_500, `asked again at ${askedAt}`);
  });

  it('give a question up when its time is over', async (t) => {
    const { asked, found } = arrange(t);
    await waitUntil(() => found.length === 1);
    assert.deepEqual([asked[0]?.aborted, found[0]?.reason], [true, 'check: no answer within 50 ms']);
  });

  it('say nothing of a target that left meanwhile', async (t) => {
    const { asked, found, route, answer } = arrange(t, { check: { timeout_ms: 60_000 } });
    await waitUntil(() => asked.length === 1);
    route(['b']);
    await waitUntil(() => asked.length === 2);
    answer(asked[0], 500);
    answer(asked[1], 500);
    await waitUntil(() => found.length > 0);
    assert.deepEqual(
      found.map(({ target }) => target.id),
      ['b'],
    );
  });

  for (const [host, check, expected] of [
    ['web.test', {}, 'web.test'],
    ['*.web.test', {}, 'localhost'],
    ['*', {}, 'localhost'],
    ['*', { host: 'app.test' }, 'app.test'],
  ] as const) {
    it(`ask for ${expected} where the route has ${host}${'host' in check ? ' and the check a host' : ''}`, async (t) => {
      const { asked } = arrange(t, { host, check });
      await waitUntil(() => asked.length === 1);
      const { headers = [], path } = asked[0]?.request ?? {};
      assert.deepEqual([headers[headers.indexOf('Host') + 1], path], [expected, '/up']);
    });
  }
});
