import type { ConfigProblem } from '@kedge/shared/contracts';
import { addressesClash } from './address-clash.ts';
import { keysOfConnections } from './judge-proxied-ports.ts';
import { judgeService } from './judge-service.ts';
import { routeClaims } from './route.ts';
import type { RoutesPart } from './routes-file.ts';
import { problemAt, type TomlFile } from './template-file.ts';
import { type Pointer, pointerOfText, pointerText, type TomlPlace } from './toml-places.ts';
import { isLeftOut } from './well-formed.ts';

type RoutePart = NonNullable<NonNullable<RoutesPart['route']>[number]>;

/** What routes and ports get wrong by themselves and together, although each key is fine. */
export function judgeRoutes({ route = [], port = [] }: RoutesPart, file: TomlFile): ConfigProblem[] {
  const routes = route.flatMap((proxy, index) => (proxy ? [{ proxy, index }] : []));
  const viewOf = viewsOf(file);
  return [
    ...routes.flatMap(({ proxy, index }) => judgeService({ proxy }, viewOf(index)).map((problem) => ofRoute(problem, index))),
    ...claimedTwice(routes, file),
    ...repeated(
      routes.map(({ proxy, index }) => [proxy.name, ['route', index, 'name']]),
      { file, message: 'is the name of a route before it; choose another' },
    ),
    ...takenTwice(port, file),
    ...port.flatMap((each, index) =>
      each ? keysOfConnections(each).map(({ key, message }) => problemAt(file, { pointer: ['port', index, key], message })) : [],
    ),
  ];
}

/** Two ports that cannot both be listened on. */
function takenTwice(port: NonNullable<RoutesPart['port']>, file: TomlFile): ConfigProblem[] {
  return port.flatMap((each, index) => {
    if (each?.host === undefined) return [];
    const { host, host_ip, protocol = 'tcp' } = each;
    const isTaken = port
      .slice(0, index)
      .some((other) => other?.host === host && (other.protocol ?? 'tcp') === protocol && addressesClash(other.host_ip, host_ip));
    const message = 'is taken by a port before it; choose another';
    return isTaken ? [problemAt(file, { pointer: ['port', index, 'host'], message })] : [];
  });
}

interface PlacedRoute {
  readonly proxy: RoutePart;
  readonly index: number;
}

function claimedTwice(routes: readonly PlacedRoute[], file: TomlFile): ConfigProblem[] {
  const firsts = new Map<string, { readonly index: number; readonly pointer: Pointer }>();
  return routes.flatMap(({ proxy, index }) => {
    // A path that is not well-formed is another one than it will be.
    if (isLeftOut(proxy, 'path')) return [];
    return routeClaims({ proxy }).flatMap(({ route, pointer: inside }) => {
      const pointer = ['route', index, ...inside.slice(1)];
      const first = firsts.get(route);
      if (!first) firsts.set(route, { index, pointer });
      if (!first || first.index === index) return [];
      const { line, column } = problemAt(file, { pointer: first.pointer, message: '' });
      const message = `two routes claim ${JSON.stringify(route)}: the other one at line ${line}, column ${column}; change host or path of one`;
      return [problemAt(file, { pointer, message })];
    });
  });
}

function repeated(
  values: readonly (readonly [value: string | undefined, pointer: Pointer])[],
  { file, message }: { readonly file: TomlFile; readonly message: string },
): ConfigProblem[] {
  const seen = new Set<string>();
  return values.flatMap(([value, pointer]) => {
    if (value === undefined) return [];
    if (seen.has(value)) return [problemAt(file, { pointer, message })];
    seen.add(value);
    return [];
  });
}

/** The file as if one of its routes were `[proxy]` of a `service.toml`, so that both are judged alike. */
function viewsOf(file: TomlFile): (index: number) => TomlFile {
  const placesOf = new Map<number, Map<string, TomlPlace>>();
  for (const [text, place] of file.places) {
    const [table, index, ...rest] = pointerOfText(text);
    if (table !== 'route' || typeof index !== 'number') continue;
    const places = placesOf.get(index) ?? new Map<string, TomlPlace>();
    places.set(pointerText(['proxy', ...rest]), place);
    placesOf.set(index, places);
  }
  const tables = Array.isArray(file.root.route) ? file.root.route : [];
  return (index) => ({ ...file, root: { proxy: tables[index] }, places: placesOf.get(index) ?? new Map() });
}

/** Called as the file calls it. */
function ofRoute({ key = '', message, ...problem }: ConfigProblem, index: number): ConfigProblem {
  const shown = key.replace(/^proxy/, `route[${index}]`);
  return { ...problem, key: shown, message: message.startsWith(key) ? `${shown}${message.slice(key.length)}` : message };
}
