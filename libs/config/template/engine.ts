/** The template engine. */
export interface Engine {
  /** `text` is a template in the engine's own signs. Every value is a text. */
  render(text: string, values: ReadonlyMap<string, string>): Rendering;
}

export type Rendering =
  | { readonly ok: true; readonly text: string }
  /** `detail` may hold values: it is classified, never shown. Lines count from 1. */
  | { readonly ok: false; readonly kind: string; readonly detail: string; readonly line: number };

/** Steps of one rendering, a fraction of a second: a template that loops for longer is a mistake. */
const mostSteps = 500_000;
const failure = /^([^:(]+)(?:: (.*?))? \(in <string>:(\d+)\)/s;

/**
 * Loads the engine, WebAssembly of a megabyte, at the first call. It sees the values it is given and nothing else: there is no loader
 * for other templates, no escaping, and of what is undefined only the question whether it is defined has an answer.
 */
export async function loadEngine(): Promise<Engine> {
  const { Environment } = await import('minijinja-js');
  let environment = create();

  function create() {
    const created = new Environment();
    created.undefinedBehavior = 'strict';
    created.keepTrailingNewline = true;
    created.fuel = mostSteps;
    return created;
  }

  return {
    render(text, values) {
      try {
        // Without a prototype: a variable may be called whatever it likes.
        const context = Object.assign(Object.create(null) as Record<string, string>, Object.fromEntries(values));
        return { ok: true, text: environment.renderNamedStr('<string>', text, context) };
      } catch (thrown) {
        if (!(thrown instanceof Error)) throw thrown;
        if (thrown.name === 'RuntimeError') {
          // Out of memory, or a fault of the engine: this instance of it is unusable from now on.
          environment = create();
          return { ok: false, kind: 'engine ran out of memory', detail: '', line: 0 };
        }
        const [, kind = 'cannot be rendered', detail = '', line = '0'] = failure.exec(thrown.message) ?? [];
        return { ok: false, kind, detail, line: Number(line) };
      }
    },
  };
}
