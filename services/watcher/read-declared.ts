import type { Bus } from '@kedge/shared/bus';
import { buckets, ConfigManifest, manifestKey, type NodeName, ServiceEntry, type ServiceName, serviceKey } from '@kedge/shared/contracts';
import { declarationOf, type NodeDeclaration, sortDeclarations, staleNames } from './core/images/node-declaration.ts';

/** More specs than this are read together with all the others of their node. */
const mostSingleReads = 20;

/**
 * Makes a reader of what all nodes declare. It remembers: unless everything is read `afresh`, it reads the manifests of our own node and of
 * those that it knows, and the specs that they name otherwise than before. Another node that is new is noticed only by reading afresh.
 */
export function createReadDeclared(bus: Pick<Bus, 'bucket' | 'node'>) {
  const everything = bus.bucket('services', buckets.services.value);
  const manifests = bus.bucket('services', ConfigManifest);
  const services = bus.bucket('services', ServiceEntry);
  let nodes: ReadonlyMap<NodeName, NodeDeclaration> = new Map();

  async function readChanges(): Promise<ReadonlyMap<NodeName, NodeDeclaration>> {
    const read = await Promise.all([...new Set([bus.node, ...nodes.keys()])].map(readNode));
    return new Map(read.flatMap((declaration) => (declaration ? [[declaration.manifest.node, declaration] as const] : [])));
  }

  async function readNode(node: NodeName): Promise<NodeDeclaration | null> {
    const manifest = (await manifests.get(manifestKey(node)))?.value;
    if (!manifest) return null;
    const before = nodes.get(node)?.specs ?? new Map<string, ServiceEntry>();
    const read = await readSpecs(node, staleNames(manifest, before));
    return declarationOf(manifest, new Map([...before, ...read.map((entry) => [entry.spec.service.name, entry] as const)]));
  }

  async function readSpecs(node: NodeName, names: readonly ServiceName[]): Promise<readonly ServiceEntry[]> {
    if (names.length > mostSingleReads) return [...(await services.readAll(node)).values()].map(({ value }) => value);
    const read = await Promise.all(names.map(async (name) => await services.get(serviceKey(node, name))));
    return read.flatMap((entry) => (entry ? [entry.value] : []));
  }

  return async function readDeclared({ afresh }: { readonly afresh: boolean }): Promise<ReadonlyMap<NodeName, NodeDeclaration>> {
    nodes = afresh ? sortDeclarations(await everything.readEverything()) : await readChanges();
    return nodes;
  };
}
