import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EndpointsEntry, NodeName, ProxySettings, Revision } from '@kedge/shared/contracts';
import { errorMessage } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { z } from 'zod';
import type { EndpointsSnapshot } from '../ports.ts';
import { removeAbandoned, replaceFile } from './replace-file.ts';

/** What the file holds. */
const Snapshot = z.object({
  version: z.literal(1),
  node: NodeName,
  epoch: z.string(),
  settings: ProxySettings,
  services: z.array(z.object({ entry: EndpointsEntry, revision: Revision, contentRevision: Revision })),
});

/** Keeps the last endpoints in `<folder>/routes.json`, which all proxies of the node share. */
export function createSnapshotFile({
  folder,
  node,
  log,
}: {
  readonly folder: string;
  readonly node: NodeName;
  readonly log: Logger;
}): EndpointsSnapshot {
  const file = join(folder, 'routes.json');
  return {
    async load() {
      const text = await readFile(file, 'utf8').catch((thrown: unknown) => {
        if (!isMissing(thrown)) log.warn({ file, reason: errorMessage(thrown) }, 'the saved routes cannot be read');
        return null;
      });
      if (text === null) return null;
      const parsed = Snapshot.safeParse(jsonOf(text));
      if (!parsed.success || parsed.data.node !== node) {
        log.warn({ file }, 'the saved routes are of another node or version and are left aside');
        return null;
      }
      const { epoch, settings, services } = parsed.data;
      return { epoch, settings, services: new Map(services.map((service) => [service.entry.service, service])) };
    },
    async save({ epoch, settings, services }) {
      await mkdir(folder, { recursive: true });
      const text = JSON.stringify({ version: 1, node, epoch, settings, services: [...services.values()] } satisfies z.input<
        typeof Snapshot
      >);
      await replaceFile(file, text);
      await removeAbandoned(file);
    },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // the schema refuses it
  }
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
}
