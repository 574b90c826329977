import type { ConfigProblem } from '@kedge/shared/contracts';
import type { MainPart } from './main-file.ts';
import { reservedLabels } from './reserved-labels.ts';
import { problemAt, quoted, type TomlFile } from './template-file.ts';
import { isLeftOut } from './well-formed.ts';

type Network = NonNullable<NonNullable<MainPart['network']>[number]>;

/** Networks that every engine has; it makes no others of these names. */
const engineNetworks = ['bridge', 'host', 'none', 'default'];

/** What the tables of the main file get wrong that their schema does not see. */
export function judgeMain({ network = [] }: MainPart, file: TomlFile): ConfigProblem[] {
  const names = network.map((each) => each?.name ?? null);
  return network.flatMap((each, index) => {
    if (!each) return [];
    const pointer = ['network', index];
    return [
      ...engineProblems(each, { file, index }),
      ...defaultProblems(each, { file, index }),
      ...reservedLabels({ labels: each.labels, file, pointer: [...pointer, 'labels'] }),
      ...(each.name !== undefined && names.indexOf(each.name) < index ? [declaredTwice(each.name, { file, index })] : []),
    ];
  });
}

interface Place {
  readonly file: TomlFile;
  readonly index: number;
}

/** There is one network of the host and one that is none; the engine has both, and makes no others. */
function engineProblems(network: Network, { file, index }: Place): ConfigProblem[] {
  const { name, driver, external } = network;
  if (external === true || isLeftOut(network, 'external')) return [];
  if (name !== undefined && engineNetworks.includes(name)) {
    const message = 'is a network of the engine itself, which makes no other of that name; choose another, or set external = true';
    return [problemAt(file, { pointer: ['network', index, 'name'], message })];
  }
  if (driver !== 'host' && driver !== 'none') return [];
  const message = `makes no network: the engine has one of this kind; write name = "${driver}" and external = true, without driver`;
  return [problemAt(file, { pointer: ['network', index, 'driver'], message })];
}

const attributes = ['driver', 'external', 'internal', 'attachable', 'labels'] as const;

/** Kedge makes it itself, the same for all. */
function defaultProblems(network: Network, { file, index }: Place): ConfigProblem[] {
  if (network.name !== defaultNetworkOf(file.path)) return [];
  const message = 'is not applied to this network: it is the one that Kedge makes for all services; take it out, or choose another name';
  return attributes
    .filter((key) => network[key] !== undefined)
    .map((key) => problemAt(file, { pointer: ['network', index, key], message }));
}

/** What the default network is called: only Dispenser lets people choose the name of the main file. */
function defaultNetworkOf(entry: string): string {
  return entry === 'kedge.toml' ? 'kedge' : 'dispenser';
}

function declaredTwice(name: string, { file, index }: Place): ConfigProblem {
  const pointer = ['network', index, 'name'];
  return problemAt(file, { pointer, message: `the network ${quoted(file, { pointer, value: name })} is declared twice` });
}
