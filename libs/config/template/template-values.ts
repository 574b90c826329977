import type { Engine } from './engine.ts';
import type { Template } from './lexer.ts';

/** What templates are filled with. All values are texts. */
export interface TemplateValues {
  readonly values: ReadonlyMap<string, string>;
  /** Names of those that come from a secret source. */
  readonly secrets: ReadonlySet<string>;
  /** Names that another variable has a part in; absent: none. */
  readonly made?: ReadonlySet<string>;
  /** Names of those that have something else in the place of their value; absent: none. */
  readonly unresolved?: ReadonlyMap<string, unknown>;
}

/** A template and what to fill it with; the engine may be one that has little time left. */
export interface ToRender {
  readonly engine: Engine;
  readonly template: Template;
  readonly variables: TemplateValues;
}
