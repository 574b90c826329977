import { createContext, Script } from 'node:vm';
import { isBrief } from './brief-template.ts';
import { readEngine } from './engine-instance.ts';
import { type Budget, createBudget } from './time-budget.ts';

/** The template engine. */
export interface Engine {
  /** `text` is a template in the engine's own signs. Every value is a text. Bounded in steps, memory and time. */
  render(text: string, values: ReadonlyMap<string, string>): Rendering;
  /** The same engine for renderings that have so much time together, and never more than is left here. */
  within(mostMs: number): Engine;
  /** True once a rendering was ended, or not begun, because the time was over. */
  ranOut(): boolean;
}

/** What the engine made of a template, or why it did not. */
export type Rendering =
  | { readonly ok: true; readonly text: string }
  /** `detail` may hold values: it is classified, never shown. Lines count from 1. */
  | { readonly ok: false; readonly kind: string; readonly detail: string; readonly line: number };

/** Steps of one rendering, a fraction of a second: a template that loops for longer is a mistake. */
const mostSteps = 500_000;
/** All renderings of one file together: a single step may take long, too, and there may be many of them. */
export const mostFileMs = 2_000;
/** All files of one answer; whoever asked waits for ten seconds. */
export const mostAnswerMs = 6_000;
/** Characters of one text; the bus carries no more. */
export const mostText = 1_000_000;
/** How a failure is called that is due to time alone. */
const outOfTimeKind = 'engine ran out of time';
const failure = /^([^:(]+)(?:: (.*?))? \(in <string>:(\d+)\)/s;

/**
 * Loads the engine. It sees the values it is given and nothing else: there is no loader for other templates, no escaping, and of what is
 * undefined only the question whether it is defined has an answer.
 */
export async function loadEngine(): Promise<Engine> {
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

  const inTime = createTimeLimit();
  return bounded(createBudget(Number.POSITIVE_INFINITY));

  function bounded(budget: Budget): Engine {
    return {
      render(text, values) {
        const leftMs = Math.min(budget.leftMs(), mostFileMs);
        if (leftMs < 1) return budget.over({ ok: false, kind: 'engine has no time left', detail: '', line: 0 });
        const started = performance.now();
        const made = render(text, { values, leftMs });
        budget.spend(performance.now() - started);
        return !made.ok && made.kind === outOfTimeKind ? budget.over(made) : made;
      },
      within: (mostMs) => bounded(createBudget(mostMs, budget)),
      ranOut: budget.isOver,
    };
  }

  function render(text: string, { values, leftMs }: { readonly values: ReadonlyMap<string, string>; readonly leftMs: number }): Rendering {
    try {
      // Without a prototype: a variable may be called whatever it likes.
      const context = Object.assign(Object.create(null), Object.fromEntries(values));
      const make = () => environment.renderNamedStr('<string>', text, context);
      const made = isBrief(text) ? make() : inTime(make, leftMs);
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
  }
}

/** What broke an instance of the engine; null for a failure that it tells itself. */
function brokenBy(thrown: unknown): string | null {
  if (typeof thrown !== 'object' || thrown === null) return null;
  // What was stopped in time throws an error of another realm.
  if ('code' in thrown && thrown.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return outOfTimeKind;
  return 'name' in thrown && (thrown.name === 'RuntimeError' || thrown.name === 'RangeError') ? 'engine ran out of memory' : null;
}

function told(thrown: unknown): Rendering {
  if (!(thrown instanceof Error)) throw thrown;
  const [, kind = 'cannot be rendered', detail = '', line = '0'] = failure.exec(thrown.message) ?? [];
  return { ok: false, kind, detail, line: Number(line) };
}

/** Makes what runs something that may not come to an end: only a script in a context of its own can be stopped. */
function createTimeLimit() {
  const nothing = () => undefined;
  const within: { work: () => void } = { work: nothing };
  const context = createContext(within);
  const script = new Script('work()');

  return function inTime(work: () => string, timeoutMs: number): string {
    let made = '';
    within.work = () => {
      made = work();
    };
    try {
      script.runInContext(context, { timeout: Math.ceil(timeoutMs) });
      return made;
    } finally {
      within.work = nothing;
    }
  };
}
