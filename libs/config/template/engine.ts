import { createContext, Script } from 'node:vm';
import { readEngine } from './engine-instance.ts';

/** The template engine. */
export interface Engine {
  /** `text` is a template in the engine's own signs. Every value is a text. Bounded in steps, memory and time. */
  render(text: string, values: ReadonlyMap<string, string>): Rendering;
}

export type Rendering =
  | { readonly ok: true; readonly text: string }
  /** `detail` may hold values: it is classified, never shown. Lines count from 1. */
  | { readonly ok: false; readonly kind: string; readonly detail: string; readonly line: number };

/** Steps of one rendering, a fraction of a second: a template that loops for longer is a mistake. */
const mostSteps = 500_000;
/** A single step may take long, too: one that makes a text of millions of characters. */
const longestMs = 2_000;
/** Characters of one text; the bus carries no more. */
export const mostText = 1_000_000;
/** What repeats something. Nothing else can take long; to be able to stop it costs more than a whole rendering. */
const repeats = /\b(?:for|macro|call|block|replace|join|format|indent)\b|\*/;
const failure = /^([^:(]+)(?:: (.*?))? \(in <string>:(\d+)\)/s;

interface EngineOptions {
  readonly mostTimeMs?: number;
}

/**
 * Loads the engine. It sees the values it is given and nothing else: there is no loader for other templates, no escaping, and of what is
 * undefined only the question whether it is defined has an answer.
 */
export async function loadEngine({ mostTimeMs = longestMs }: EngineOptions = {}): Promise<Engine> {
  const instantiate = readEngine();
  let environment = create();

  function create() {
    const { Environment } = instantiate();
    const created = new Environment();
    created.undefinedBehavior = 'strict';
    created.keepTrailingNewline = true;
    created.fuel = mostSteps;
    return created;
  }

  const inTime = createTimeLimit(mostTimeMs);
  return {
    render(text, values) {
      try {
        // Without a prototype: a variable may be called whatever it likes.
        const context = Object.assign(Object.create(null), Object.fromEntries(values));
        const make = () => environment.renderNamedStr('<string>', text, context);
        const made = repeats.test(text) ? inTime(make) : make();
        if (made.length <= mostText) return { ok: true, text: made };
        // Its memory does not shrink again.
        environment = create();
        return { ok: false, kind: 'too much text', detail: '', line: 0 };
      } catch (thrown) {
        const broken = brokenBy(thrown);
        if (broken === null) return told(thrown);
        // Stopped in the middle of something: this instance of it is unusable from now on.
        environment = create();
        return { ok: false, kind: broken, detail: '', line: 0 };
      }
    },
  };
}

/** What broke an instance of the engine; null for a failure that it tells itself. */
function brokenBy(thrown: unknown): string | null {
  if (typeof thrown !== 'object' || thrown === null) return null;
  // What was stopped in time throws an error of another realm.
  if ('code' in thrown && thrown.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'engine ran out of time';
  return 'name' in thrown && (thrown.name === 'RuntimeError' || thrown.name === 'RangeError') ? 'engine ran out of memory' : null;
}

function told(thrown: unknown): Rendering {
  if (!(thrown instanceof Error)) throw thrown;
  const [, kind = 'cannot be rendered', detail = '', line = '0'] = failure.exec(thrown.message) ?? [];
  return { ok: false, kind, detail, line: Number(line) };
}

/** Makes what runs something that may not come to an end: only a script in a context of its own can be stopped. */
function createTimeLimit(timeout: number) {
  const nothing = () => undefined;
  const within: { work: () => void } = { work: nothing };
  const context = createContext(within);
  const script = new Script('work()');

  return function inTime(work: () => string): string {
    let made = '';
    within.work = () => {
      made = work();
    };
    try {
      script.runInContext(context, { timeout });
      return made;
    } finally {
      within.work = nothing;
    }
  };
}
