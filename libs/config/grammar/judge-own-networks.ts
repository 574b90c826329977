import type { ConfigProblem } from '@kedge/shared/contracts';
import type { ServicePart } from './service-file.ts';
import { problemAt, quoted, type TomlFile } from './template-file.ts';

/** What the networks of one service do not allow: the engine would refuse it, or nobody would ever reach the container. */
export function judgeNetworks(part: ServicePart, file: TomlFile): ConfigProblem[] {
  const names = (part.network ?? []).map((each) => each?.name ?? null);
  return [
    ...twice(names, file),
    ...(names.includes('host') ? onHost(part, file) : []),
    ...(names.includes('none') ? onNone(part, file) : []),
  ];
}

type Names = readonly (string | null)[];

function twice(names: Names, file: TomlFile): ConfigProblem[] {
  return names.flatMap((name, index) => {
    if (name === null || names.indexOf(name) === index) return [];
    const pointer = ['network', index, 'name'];
    return [problemAt(file, { pointer, message: `${quoted(file, { pointer, value: name })} is named twice; keep one of the two` })];
  });
}

/** The container has no network of its own: whatever it listens on is open on the host. */
function onHost({ network = [], port = [], service }: ServicePart, file: TomlFile): ConfigProblem[] {
  const problems = alone(network, { file, name: 'host', because: "a container in the host's own network can be in no other" });
  if (port.length > 0) {
    const message =
      'publishes nothing in the network "host": the container listens on the host itself; take it out, or take the [[network]] out';
    problems.push(problemAt(file, { pointer: ['port', 0], message, atKey: true }));
  }
  if (Object.keys(service?.sysctls ?? {}).some((name) => /^net[./]/.test(name))) {
    const message =
      'cannot be set below "net." in the network "host", where they are the host\'s own; take those out, or take the [[network]] out';
    problems.push(problemAt(file, { pointer: ['service', 'sysctls'], message, atKey: true }));
  }
  if ((service?.replicas ?? 1) > 1) {
    const message = 'must be 1 in the network "host": two containers cannot listen on the same ports of the host';
    problems.push(problemAt(file, { pointer: ['service', 'replicas'], message }));
  }
  return problems;
}

/** Nobody reaches the container, and it reaches nobody. */
function onNone({ network = [], port = [], proxy, gate = [] }: ServicePart, file: TomlFile): ConfigProblem[] {
  const problems = alone(network, { file, name: 'none', because: 'a container without a network can be in no other' });
  const message = 'cannot be reached: the container is in the network "none"; take it out, or take the [[network]] out';
  if (proxy) problems.push(problemAt(file, { pointer: ['proxy'], message, atKey: true }));
  if (port.length > 0) problems.push(problemAt(file, { pointer: ['port', 0], message, atKey: true }));
  if (gate.length > 0) problems.push(problemAt(file, { pointer: ['gate', 0], message, atKey: true }));
  return problems;
}

interface Alone {
  readonly file: TomlFile;
  readonly name: string;
  readonly because: string;
}

function alone(network: NonNullable<ServicePart['network']>, { file, name, because }: Alone): ConfigProblem[] {
  const index = network.findIndex((each) => each?.name !== undefined && each.name !== name);
  return index < 0
    ? []
    : [problemAt(file, { pointer: ['network', index, 'name'], message: `does not go with the network "${name}": ${because}; keep one` })];
}
