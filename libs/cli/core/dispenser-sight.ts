import { shellWord } from './shell-word.ts';

/** A process of that name, and the folders it works on as far as they can be seen. */
export interface DispenserProcess {
  readonly pid: number;
  /** Where it was started; null when that cannot be seen. */
  readonly startedIn: string | null;
  /** Where its main file lies; null when nobody can tell. Absent where it names none: then it lies where it was started. */
  readonly configIn?: string | null;
  /** What it calls the folder of its main file, where none of that name is seen from here. */
  readonly calledThere?: string;
}

/** What can be seen of the daemon that works on a folder. */
export type DispenserSight =
  | { readonly kind: 'runs'; readonly pid: number; readonly by: 'pid-file' | 'process' }
  /** One runs; on which folder it works cannot be seen, though perhaps what it calls that. */
  | { readonly kind: 'may-run'; readonly pid: number; readonly calledThere?: string }
  /** All processes of the machine are seen, and none is it. */
  | { readonly kind: 'gone' }
  /** No process is it, but not all are seen; `pid` is what its file says. */
  | { readonly kind: 'unseen'; readonly pid: number | null };

interface View {
  /** Absolute, without links; so are those of the processes. */
  readonly folder: string;
  readonly pidInFile: number | null;
  readonly processes: readonly DispenserProcess[];
  readonly seesAll: boolean;
}

/** Which of these processes is the daemon of the folder, if any. */
export function judgeSight({ folder, pidInFile, processes, seesAll }: View): DispenserSight {
  // A killed one leaves its file behind, and its number to somebody else: the name decides.
  if (pidInFile !== null && processes.some(({ pid }) => pid === pidInFile)) return { kind: 'runs', pid: pidInFile, by: 'pid-file' };
  const here = processes.find(({ startedIn, configIn, calledThere }) => [startedIn, configIn, calledThere].includes(folder));
  if (here) return { kind: 'runs', pid: here.pid, by: 'process' };
  const unclear = processes.find(({ startedIn, configIn = startedIn }) => configIn === null);
  if (unclear)
    return { kind: 'may-run', pid: unclear.pid, ...(unclear.calledThere === undefined ? {} : { calledThere: unclear.calledThere }) };
  return seesAll ? { kind: 'gone' } : { kind: 'unseen', pid: pidInFile };
}

/** The main file that a command line of Dispenser names; null when it names none. */
export function configNamedBy(words: readonly string[]): string | null {
  for (const [at, word] of words.entries()) {
    if (word === '-c' || word === '--config') return words[at + 1] ?? null;
    const attached = /^(?:--config=|-c=?)(.+)$/s.exec(word)?.[1];
    if (attached !== undefined) return attached;
  }
  return null;
}

/** A sentence, without its full stop. */
export function describeSight(sight: DispenserSight): string {
  switch (sight.kind) {
    case 'runs':
      return `Dispenser runs on this folder (process ${sight.pid}${sight.by === 'pid-file' ? ', as dispenser.pid says' : ''})`;
    case 'may-run':
      return `Whether the Dispenser that runs (process ${sight.pid}) works on this folder is not known: ${howToTell(sight)} on the machine itself`;
    case 'gone':
      return 'No process of Dispenser works on this folder';
    case 'unseen':
      return `Whether Dispenser still runs cannot be seen from here: check with "${howToLook(sight.pid)}" on the machine itself, outside of containers`;
    default:
      return sight satisfies never;
  }
}

/** A folder may have another name in a container, and where a link leads elsewhere. */
function howToTell({ pid, calledThere }: Extract<DispenserSight, { kind: 'may-run' }>): string {
  if (calledThere === undefined) return `look with "sudo readlink /proc/${pid}/cwd"`;
  return `it calls its folder ${calledThere}, which is not seen from here; look with "sudo ls ${shellWord(`/proc/${pid}/root${calledThere}/`)}"`;
}

function howToLook(pid: number | null): string {
  return pid === null ? 'pgrep -ax dispenser' : `ps -p ${pid}`;
}
