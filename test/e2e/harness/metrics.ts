import type { Component } from '@kedge/shared/contracts';
import { compose, type StackFacts } from './stack.ts';

const ask = `
const port = require('node:fs').readFileSync(require('node:os').tmpdir() + '/kedge-health-port', 'utf8').trim();
fetch('http://127.0.0.1:' + port + '/metrics').then((answer) => answer.text()).then((text) => console.log(text));
`;

/** What a component counts, asked inside its container: samples by name and labels, as Prometheus writes them. */
export async function metricsOf(facts: StackFacts, component: Component): Promise<ReadonlyMap<string, number>> {
  // The component's own NODE_OPTIONS belong to the component.
  const text = await compose(facts, ['exec', '-T', '-e', 'NODE_OPTIONS=', component, 'node', '-e', ask]);
  const samples = [...text.matchAll(/^([a-z_]+(?:\{[^}]*\})?) ([0-9.e+-]+)$/gm)];
  return new Map(samples.map(([, name = '', value]) => [name, Number(value)]));
}
