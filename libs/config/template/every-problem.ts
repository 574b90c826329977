import { findBlocks } from './block-tree.ts';
import type { Rendering } from './engine.ts';
import { dependsOnValues, describeFailure, endsRendering, placeholdersFor } from './failure.ts';
import type { Segment, TemplateProblem } from './lexer.ts';
import { namesAssigned } from './names-read.ts';
import { rewrite } from './rewrite.ts';
import { standIns, withStandIn } from './tag-stand-in.ts';
import type { ToRender } from './template-values.ts';
import { followVariables } from './variable-flow.ts';

/** Why a template cannot be rendered: as much as could be found out at once. */
export interface FailedTemplate {
  readonly ok: false;
  readonly problems: readonly TemplateProblem[];
  /** The segment that failed, when it would not have with other values; null otherwise. */
  readonly failedBecauseOfValuesIn: number | null;
}

interface Failing extends ToRender {
  readonly used: ReadonlyMap<string, string>;
  readonly failure: Extract<Rendering, { ok: false }>;
}

/** So many tags of one template are told; a message says that there may be others. */
const mostRounds = 500;

/**
 * Every problem that a template has at once: something harmless is put in the place of a name that nobody defines, or of a whole tag, and
 * the template is rendered again. What fails because of that is not told.
 */
export function everyProblem({ engine, template, variables, used, failure }: Failing): FailedTemplate {
  const known = [...variables.values.keys()].filter((name) => !variables.made?.has(name));
  const blocks = findBlocks(template);
  const problems: TemplateProblem[] = [];
  /** Names that are not what they would be, and those that depend on them. */
  const doubtful = new Set<string>(variables.unresolved?.keys());
  let segments = template.segments;
  let given = used;
  let failedBecauseOfValuesIn: number | null = null;

  for (let round = 0, result: Rendering = failure; !result.ok; round += 1) {
    const tag = rewrite({ ...template, segments }).tagAt(result.line);
    const index = tag ? segments.indexOf(tag) : -1;
    const written = template.segments[index] ?? null;
    if (round > 0 && (endsRendering(result) || round === mostRounds)) {
      if (problems.length > 0)
        problems.push({ offset: written?.start ?? 0, message: 'there may be more from here on; mend the others first' });
      break;
    }
    const failed = { template, tag: written, failure: result, known };
    const missing = placeholdersFor({ ...failed, given });
    if (missing.length > 0) {
      problems.push(...missing);
      given = new Map([...given, ...missing.map(({ missing: name }): [string, string] => [name, '1'])]);
      for (const { missing: name } of missing) doubtful.add(name);
    } else {
      const isByValue = dependsOnValues(result);
      if (round === 0 && isByValue && index >= 0) failedBecauseOfValuesIn = index;
      if (round === 0 || !isByValue || !isDoubtful(index)) problems.push(describeFailure(failed));
      // What it was meant to begin or to end, nobody knows.
      if (result.kind === 'syntax error' && written?.kind === 'statement') break;
      const instead = tag && !endsRendering(result) ? withStandIn(tag, { template, standIn: standIns[1] }) : tag;
      if (!instead || instead === tag) break;
      segments = segments.with(index, instead);
      for (const name of assignedBy(written)) doubtful.add(name);
    }
    result = engine.render(rewrite({ ...template, segments }).text, given);
  }
  return { ok: false, problems: inOrder(problems), failedBecauseOfValuesIn };

  function isDoubtful(index: number): boolean {
    const dependence = followVariables({ template, tree: blocks, variables: doubtful }).segments[index];
    return dependence !== undefined && dependence.printed.size + dependence.decided.size > 0;
  }
}

function assignedBy(segment: Segment | null): string[] {
  return segment?.kind === 'statement' ? namesAssigned(segment.code.tokens) : [];
}

/** Each once. */
function inOrder(problems: readonly TemplateProblem[]): TemplateProblem[] {
  const each = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...each.values()].toSorted((left, right) => left.offset - right.offset);
}
