import type { RenderReply } from '@kedge/shared/contracts';
import { KedgeError } from '@kedge/shared/kernel';
import type { FileReading, FolderReading } from './folder/folder-reading.ts';
import { buildConfiguration } from './grammar/build-configuration.ts';
import type { ProxyPorts } from './grammar/judge-ports.ts';
import type { MainConfiguration } from './grammar/main-configuration.ts';
import { standOn } from './grammar/standing-configuration.ts';
import { wantedServices } from './grammar/wanted-services.ts';
import { type Known, type KnownService, type Readable, remember, type Survey, stillKnown, survey } from './known-configuration.ts';
import type { ConfigurationFolder, Renderer } from './ports.ts';
import { createReadEnvFiles } from './read-env-files.ts';
import { createPlaceProblems } from './render-problems.ts';
import { answerOf, isForgotten, mainOf, serviceOf } from './rendered-files.ts';
import { rejected, type Verdict, withoutMain } from './verdict.ts';

interface ReadPorts extends ProxyPorts {
  readonly folder: ConfigurationFolder;
  readonly renderer: Renderer;
  /** Paths or names of services: only these are read, and what they depend on besides is not waited for. Absent: all. */
  readonly only?: readonly string[] | undefined;
}

interface Conclusion {
  readonly reading: Readable;
  /** Everything that was not asked for is in it, rendered with the same variables. */
  readonly now: Known;
  readonly found: Survey;
  /** To the question for what changed. */
  readonly reply: RenderReply;
}

/** Makes the pass from a settled look at the folder to a verdict. It writes nothing and keeps no rendered text. */
export function createReadConfiguration({ folder, renderer, only, ...ports }: ReadPorts) {
  const placeProblems = createPlaceProblems(folder);
  const readEnvFiles = createReadEnvFiles({ renderer, placeProblems });
  let known: Known | null = null;

  return async function readConfiguration(reading: FolderReading): Promise<Verdict> {
    if (reading.kind !== 'read') return withoutMain(reading);
    try {
      return await judge(reading);
    } catch (thrown) {
      if (!(thrown instanceof KedgeError)) throw thrown;
      return { kind: 'unknown', reason: `the configuration could not be rendered: ${thrown.message} (${thrown.code})` };
    }
  };

  async function judge(reading: Readable): Promise<Verdict> {
    const { entry, text, services } = reading;
    const main = { path: entry, text };
    // Which services are wanted may depend on what stands in their files: then nothing is taken for known.
    const before = only === undefined && known?.entry === entry && known.text === text ? known : null;
    const since = before && survey(before, reading);
    const changed = since?.changed ?? [];
    // Any answer tells whether the variables are still the same; the main file is asked for when there is nothing else to ask.
    const first = await renderer.render(changed.length > 0 ? changed : [main]);
    if (since && first.variables === before.variables) return await conclude({ reading, now: before, found: since, reply: first });

    const last = known;
    known = null;
    const reply = changed.length > 0 ? await renderer.render([main]) : first;
    const answer = answerOf({ reply, asked: [main] });
    if (isForgotten(answer, entry)) return { kind: 'unknown', reason: 'secrets did not render the main file' };
    const problems = await placeProblems(ofFiles(reply, [main]), [main]);
    const whole = mainOf({ answer, file: main, within: folder, problems });
    const wanted = only && wantedServices({ main: whole.main, only, within: folder, textOf: (each) => textIn(services[each]) });
    const after: Known = {
      entry,
      text,
      variables: reply.variables,
      main: wanted?.main ?? whole.main,
      services: stillKnown(only === undefined ? last : null, { main: whole.main, variables: reply.variables }),
      ground: null,
    };
    if (whole.isRendered) known = after;
    if (wanted && !wanted.lookAt.every((each) => Object.hasOwn(services, each))) return { kind: 'look-again', folders: wanted.lookAt };
    const found = survey(after, reading);
    if (!wanted && !found.isWhole) return lookAgain(whole.main);
    const second = found.changed.length === 0 ? reply : await renderer.render(found.changed);
    if (second.variables === after.variables) return await conclude({ reading, now: after, found, reply: second });
    return { kind: 'unknown', reason: 'a variable file changed while the configuration was rendered' };
  }

  async function conclude({ reading, now, found, reply }: Conclusion): Promise<Verdict> {
    const { entry, envFiles: marks = {} } = reading;
    const { changed: asked, unreadable } = found;
    const answer = answerOf({ asked, reply });
    if (only === undefined && !found.isWhole) return lookAgain(now.main);
    if (asked.some(({ path }) => isForgotten(answer, path)))
      return { kind: 'unknown', reason: 'secrets rendered only a part of the configuration' };
    // What is wrong with the main file is told with it.
    const others = reply.problems.filter(({ path }) => path !== entry);
    const problems = await placeProblems(others, asked);
    const odd = await placeProblems(reply.warnings ?? [], asked);
    const changed = new Map<string, KnownService>();
    for (const each of asked) {
      const { text, shownAs } = each;
      changed.set(each.folder, { text, shownAs, ...serviceOf(answer, { ...each, within: folder }) });
    }
    const { ground, envFiles: wanted } = remember(now, { changed, unreadable });
    const env = await readEnvFiles({ paths: wanted, marks, variables: now.variables });
    if ('unknown' in env) return { kind: 'unknown', reason: env.unknown };

    const { services } = reading;
    const followed = ground?.standing.follow(changed, env.contents) ?? null;
    const built = followed
      ? { configuration: followed, problems: [], warnings: followed.warnings }
      : buildConfiguration({ ...now, ...ports, unreadable, envFiles: env.contents, isPart: only !== undefined });
    const all = [...problems, ...env.problems, ...built.problems];
    const warnings = [...odd, ...built.warnings];
    const depends = wanted.length > 0 ? { envFiles: wanted } : {};
    if (built.configuration && all.length === 0) {
      const standing = (followed && ground?.standing) ?? standOn(built.configuration, { ...now, ...ports });
      if (only === undefined) now.ground = { files: services, standing, envFiles: wanted };
      return { kind: 'valid', configuration: { ...built.configuration, warnings }, ...depends };
    }
    if (all.length > 0) return rejected({ entry, problems: all, warnings, ...depends });
    return { kind: 'unknown', reason: 'secrets rendered only a part of the configuration' };
  }
}

/** One pass. It rejects only for faults of its own; what others got wrong is a verdict. One after another: it remembers the last one. */
export type ReadConfiguration = ReturnType<typeof createReadConfiguration>;

/** Problems of these files alone: those of variables are told with whatever is asked for next. */
function ofFiles({ problems }: RenderReply, files: readonly { readonly path: string }[]): RenderReply['problems'] {
  return problems.filter(({ path }) => files.some((each) => each.path === path));
}

function lookAgain({ folders }: MainConfiguration): Verdict {
  return { kind: 'look-again', folders: folders.map(({ folder }) => folder) };
}

/** Empty for a file that was looked at and cannot be read. */
function textIn(file: FileReading | undefined): string | undefined {
  return file?.kind === 'unreadable' ? '' : file?.text;
}
