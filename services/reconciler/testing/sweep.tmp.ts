import { ServiceSpec, releaseName } from '@kedge/shared/contracts';
import { openSimulation, digestOf } from '/work/main/services/reconciler/testing/simulation.ts';
const kind = process.argv[2] ?? 'rolling';
const drain = { timeout: '5s', dns_settle: '500ms', stop_grace_period: '1s' };
const specs: Record<string, any> = {
  rolling: { service: { replicas: 2 }, proxy: { host: 'web.test', service_port: 80 } },
  stopfirst: { port: [{ host: 8080, container: 80 }], proxy: { host: 'web.test', service_port: 80 } },
  internal: { service: { replicas: 2 } },
};
function specOf({ service, ...rest }: any) { return ServiceSpec.parse({ service: { name: 'web', image: 'app:latest', restart: 'always', ...service }, dispenser: { watch: true }, drain, ...rest }); }
const spec = specOf(specs[kind]);
const bad = process.argv[3]; // crash|never|undefined
async function one(crashes: any[]) {
  const violations: string[] = [];
  const sim = await openSimulation({ behaviours: { v1: {}, v2: bad === 'crash' ? { endsAfterMs: 50, exitCode: 3 , readyAfterMs: null} : bad === 'never' ? { readyAfterMs: null } : {} }, proxies: [{ instance: 'p1', applyAfterMs: 300, requestsLastMs: 1500 }, { instance: 'p2', applyAfterMs: 700, requestsLastMs: 0 }], onViolation: (w) => violations.push(w) });
  await sim.declare(spec); await sim.accept('v1'); await sim.settle();
  if (kind === 'rolling') sim.guardCapacity(2);
  await sim.accept('v2');
  const before = sim.calls();
  await sim.settle({ crashes });
  const want = releaseName(spec, digestOf(bad ? 'v1' : 'v2'));
  const all = sim.engine.all();
  const rec = await sim.record(); const ep = await sim.endpoints();
  const problems = [...violations];
  if (all.length !== (spec.service.replicas ?? 1) || all.some((c) => c.kedge?.release !== want || c.state !== 'running' || !c.hasAlias)) problems.push('containers ' + JSON.stringify(all.map((c) => [c.name, c.state, c.hasAlias, c.kedge?.release === want])));
  if (all.filter((c) => c.name === 'web').length !== 1) problems.push('name');
  if (rec?.rollout || rec?.waiting || rec?.owes || rec?.serving?.release !== want) problems.push('record ' + JSON.stringify({ ...rec, serving: rec?.serving?.release === want }));
  if (spec.proxy && JSON.stringify(ep?.targets.map((t) => [t.id, t.state]).sort()) !== JSON.stringify(all.map((c) => [c.id, 'ready']).sort())) problems.push('endpoints ' + JSON.stringify(ep));
  if (ep?.owes || ep?.hold) problems.push('debts');
  const count = (t: string) => sim.events.filter((e) => e.type === t + '.v1').length;
  if (count('deploy.started') !== 2 || count('deploy.succeeded') !== (bad ? 1 : 2) || count('deploy.failed') !== (bad ? 1 : 0)) problems.push(`events ${count('deploy.started')} ${count('deploy.succeeded')} ${count('deploy.failed')}`);
  return { problems, calls: sim.calls() - before };
}
const clean = await one([]);
console.log(kind, bad, 'clean', clean);
const step = Number(process.argv[4] ?? 1);
let shown = 0; const t = Date.now();
for (let n = 1; n <= clean.calls; n += step) for (const effect of ['before', 'after'] as const) {
  const { problems } = await one([{ call: n, effect }]);
  if (problems.length > 0) { shown += 1; if (shown < 8) console.log(n, effect, [...new Set(problems)]); }
}
console.log('failures', shown, 'of', clean.calls * 2 / step, Date.now() - t, 'ms');
