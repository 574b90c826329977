import { readFile } from 'node:fs/promises';
import { readRoutes, type StaticRoutes } from '@kedge/config/routes';
import type { ConfigProblem } from '@kedge/shared/contracts';
import { errorMessage, type Sealed, TerminalError } from '@kedge/shared/kernel';
import { type LeftAt, staticEndpoints, staticEpoch } from '../core/static-endpoints.ts';
import type { EndpointsSource, PasswordHashes } from '../ports.ts';

interface RoutesFileOptions {
  readonly file: string;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** Routes that stand in a file, and the hashes of passwords in it. */
export interface RoutesFile {
  /** Rejects with what is wrong in the file, each with its place (ROUTES_INVALID). */
  readonly source: EndpointsSource;
  readonly hashes: PasswordHashes;
}

interface Read {
  readonly text: string;
  readonly routes: StaticRoutes;
  readonly observed: Awaited<ReturnType<EndpointsSource['read']>>;
}

/** How long a target goes on with what it has, after the file names it no more; as with `[drain]` of a service. */
const drainMs = 30_000;

/** Reads the file afresh each time; what it holds is parsed when it is another text. */
export function createRoutesFile({ file, now }: RoutesFileOptions): RoutesFile {
  let last: Read | null = null;
  let seen: ReturnType<typeof staticEndpoints> = { entries: new Map(), leftAt: new Map() satisfies LeftAt };
  let hashes: ReadonlyMap<string, Sealed> = new Map();

  return {
    source: {
      async read() {
        const text = await readText(file);
        // Nothing to look at again: there may be very many routes.
        if (last?.text === text && seen.leftAt.size === 0) return last.observed;
        const routes = last?.text === text ? last.routes : parsed(file, text);
        hashes = routes.hashes;
        seen = staticEndpoints({ ...routes, before: seen.entries, leftAt: seen.leftAt, nowMs: now(), drainMs });
        const observed = {
          epoch: staticEpoch,
          services: seen.entries,
          unreadable: new Set<string>(),
          settings: routes.settings,
          settling: false,
        };
        last = { text, routes, observed };
        return observed;
      },
    },
    hashes: {
      find: async (secrets) =>
        new Map(
          secrets.flatMap(({ ref }) => {
            const hash = hashes.get(ref);
            return hash ? [[ref, hash]] : [];
          }),
        ),
    },
  };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (thrown) {
    throw new TerminalError('ROUTES_UNREADABLE', `the routes cannot be read: ${errorMessage(thrown)}; KEDGE_ROUTES names their file`);
  }
}

function parsed(file: string, text: string): StaticRoutes {
  const reading = readRoutes(file, text);
  if ('routes' in reading) return reading.routes;
  const lines = reading.problems.map(problemLine);
  throw new TerminalError('ROUTES_INVALID', lines.join('\n'), { details: { problems: lines } });
}

function problemLine({ file, line, column, message, nearest }: ConfigProblem): string {
  return `${file}:${line}:${column}: ${message}${nearest ? `; did you mean "${nearest}"?` : ''}`;
}
