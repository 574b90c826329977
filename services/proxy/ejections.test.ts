import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceName } from '@kedge/shared/contracts';
import { Registry } from 'prom-client';
import { createEjections, type Ejected } from './ejections.ts';
import { endpoints } from './testing/endpoints.ts';
import { createTraffic } from './traffic.ts';
import { showEjections } from './traffic-metrics.ts';

const [web, api] = [ServiceName.parse('web'), ServiceName.parse('api')];
const plan = { failures: 2, baseMs: 100, maxMs: 1_000, panicPercent: 0 };
const ready = endpoints(
  'web',
  ['a', 'b', 'c'].map((id) => ({ id, port: 80 })),
).targets;
const [first = assert.fail()] = ready;

function arrange() {
  const clock = { now: 0 };
  const ejections = createEjections(() => clock.now);
  const told: Ejected[] = [];
  const taken: string[] = [];
  ejections.onEjected((each) => void told.push(each));
  ejections.onTakenAgain(({ target }) => void taken.push(target.id));
  const out = (service = web) => [...(ejections.among(service, { ready, plan }) ?? [])];
  return { ejections, clock, told, taken, out };
}

describe('targets that are left out', () => {
  it('failed so often in a row at one service, are out for a while there alone, and are told once', () => {
    const { ejections, clock, told, out } = arrange();
    const fail = () => ejections.failed({ service: web, target: first, reason: 'it answered 500' }, plan);
    fail();
    ejections.succeeded(web, 'a');
    fail();
    assert.deepEqual(out(), []);
    fail();
    fail();
    assert.deepEqual([out(), out(api), told.length], [['a'], [], 1]);
    clock.now = 100;
    assert.deepEqual(out(), []);
  });

  it('are out by their checks until those say otherwise; each change is told once', () => {
    const { ejections, told, taken, out } = arrange();
    const check = (isWell: boolean) => ejections.checked({ service: web, target: first, isWell, reason: '', failures: 3 });
    check(true);
    check(false);
    check(false);
    assert.deepEqual([out(), out(api), told.length, taken], [['a'], [], 1, []]);
    check(true);
    check(true);
    assert.deepEqual([out(), taken], [[], ['a']]);
  });

  it('are a metric for as long as they are', async () => {
    const { ejections, clock } = arrange();
    const [registry, traffic] = [new Registry(), createTraffic()];
    showEjections(registry, { traffic, ejections });
    for (const target of ready) traffic.end(traffic.begin(target, web));
    const lines = async () => (await registry.metrics()).split('\n').filter((line) => line.startsWith('kedge_target_left_out{'));
    assert.deepEqual(await lines(), []);
    for (let time = 0; time < plan.failures; time += 1) ejections.failed({ service: web, target: first, reason: '' }, plan);
    assert.deepEqual(await lines(), ['kedge_target_left_out{service="web",target="a"} 1']);
    clock.now = 100;
    assert.deepEqual(await lines(), []);
  });

  it('are forgotten when they leave: one that comes back begins anew', () => {
    const { ejections, out } = arrange();
    ejections.checked({ service: web, target: first, isWell: false, reason: '', failures: 3 });
    ejections.keepOnly(new Set(['b', 'c']));
    assert.deepEqual(out(), []);
  });

  it('are asked all the same where too few would be left', () => {
    const { ejections, out } = arrange();
    for (const target of ready) ejections.checked({ service: web, target, isWell: false, reason: '', failures: 3 });
    assert.deepEqual(out(), []);
  });
});
