import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceName, Target } from '@kedge/shared/contracts';
import { recordingLog } from '@kedge/shared/testing';
import { Registry } from 'prom-client';
import type { Ended } from './access-log.ts';
import { Account } from './account.ts';
import { admitted } from './testing/admitted.ts';
import { createTraffic } from './traffic.ts';
import { showTraffic } from './traffic-metrics.ts';

const web = ServiceName.parse('web');
const targetOf = (id: string) => Target.parse({ id, address: '10.0.0.1', port: 80, release: `v1:${'0'.repeat(64)}`, state: 'ready' });

function arrange() {
  const metrics = new Registry();
  const traffic = createTraffic();
  showTraffic(metrics, traffic);
  const ended: Ended[] = [];
  const { log, lines } = recordingLog();
  const access = { wants: () => true, ended: (request: Ended) => void ended.push(request) };
  const account = new Account({ traffic, access, log }, { asked: admitted({ target: '/pay?card=4711' }), protocol: 'HTTP/1.1' });
  return { account, traffic, lines, ended, counted: async () => await metrics.metrics() };
}

describe('a request in the books', () => {
  it('counts once for its service, however often it is tried and closed', async () => {
    const { account, counted } = arrange();
    account.enter(web);
    account.enter(ServiceName.parse('other'));
    account.close(200);
    account.close('aborted');
    assert.equal(account.service, 'web');
    assert.match(await counted(), /kedge_requests_total\{service="web",code="2xx"\} 1\n/);
    assert.doesNotMatch(await counted(), /code="aborted"/);
    assert.match(await counted(), /kedge_open_requests\{service="web"\} 0\n/);
    assert.doesNotMatch(await counted(), /service="other"/);
  });

  it('is under way from when it is somebody’s until its end', () => {
    const { account, traffic } = arrange();
    account.enter(web);
    account.enter(web);
    const left = traffic.underWay.now();
    assert.equal(left(), 1);
    account.close(200);
    account.close('aborted');
    assert.equal(left(), 0);
  });

  it('counts for nobody where it never came to a service', async () => {
    const { account, counted } = arrange();
    account.close(404);
    assert.match(await counted(), /kedge_requests_total\{service="",code="4xx"\} 1\n/);
  });

  it('counts at each target what that made of it', async () => {
    const { account, counted } = arrange();
    account.enter(web);
    account.arriveAt(targetOf('a'));
    account.answeredBy(503);
    account.leaveTarget();
    account.arriveAt(targetOf('b'));
    account.close(200);
    assert.match(await counted(), /kedge_target_requests_total\{service="web",target="a",code="5xx"\} 1\n/);
    assert.match(await counted(), /kedge_target_requests_total\{service="web",target="b",code="2xx"\} 1\n/);
    assert.match(await counted(), /kedge_requests_total\{service="web",code="2xx"\} 1\n/);
    assert.doesNotMatch(await counted(), /kedge_requests_total\{service="web",code="5xx"\} 1/);
  });

  it('is open at one target at a time, and at none after its end', () => {
    const { account, traffic } = arrange();
    account.arriveAt(targetOf('a'));
    account.arriveAt(targetOf('b'));
    assert.deepEqual([traffic.openOf('a'), traffic.openOf('b')], [0, 1]);
    account.close(200);
    account.leaveTarget();
    assert.equal(traffic.openOf('b'), 0);
  });

  it('tells what became of it: whose it was at the end, how much of it passed, and how many tried', async () => {
    const { account, traffic, ended, counted } = arrange();
    account.enter(web);
    account.arriveAt(targetOf('a'));
    account.couldNotConnect();
    account.arriveAt(targetOf('b'));
    account.receivedBytes = 5;
    account.sentBytes = 7;
    account.close(200);
    const [{ target, retries, receivedBytes, sentBytes, ending, protocol } = assert.fail()] = ended;
    assert.deepEqual([target, retries, receivedBytes, sentBytes, ending, protocol], ['b', 1, 5, 7, 200, 'HTTP/1.1']);
    for (const line of [
      'kedge_received_bytes_total{service="web"} 5',
      'kedge_sent_bytes_total{service="web"} 7',
      'kedge_retries_total{service="web"} 1',
      'kedge_target_connect_failures_total{service="web",target="a"} 1',
      'kedge_target_requests_total{service="web",target="b",code="2xx"} 1',
      'kedge_target_open_requests{service="web",target="b"} 0',
    ]) {
      assert.ok((await counted()).includes(`${line}\n`), line);
    }
    traffic.keepOnly({ services: new Set(), targets: new Set(['b']) });
    assert.doesNotMatch(await counted(), /target="a"/);
  });

  it('is one line of the log, which names its last target and leaves the query out', () => {
    const { account, lines } = arrange();
    account.enter(web);
    account.arriveAt(targetOf('a'));
    account.close(200);
    account.close(200);
    assert.equal(lines.length, 1);
    const { service, method, host, path, status, target } = JSON.parse(lines[0] ?? '{}');
    assert.deepEqual([service, method, host, path, status, target], ['web', 'GET', 'web.test', '/pay', 200, 'a']);
  });
});
