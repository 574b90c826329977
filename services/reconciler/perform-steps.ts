import { markPoint, type PassResult } from '@kedge/shared/kernel';
import type { Step } from './core/step.ts';
import type { PerformStep, StepContext } from './perform-step.ts';

/** A round ends with a rest until something wakes the service, with a later look, or at once with another round. */
export type Round = PassResult | 'again';

interface StepsPorts {
  readonly perform: PerformStep;
  /** True while this instance is the only one that acts on the engine. */
  readonly mayAct: () => boolean;
}

/** Performs steps in their order, until one of them has to be waited for. */
export type PerformSteps = (steps: readonly Step[], context: StepContext) => Promise<Round>;

/** Before each step it is asked again whether this instance may act. */
export function createStepsPerformer({ perform, mayAct }: StepsPorts): PerformSteps {
  return async function performAll(steps, context) {
    for (const step of steps) {
      if (step.kind === 'look-again') return { requeueAfterMs: step.afterMs };
      markPoint(`step.${step.kind}:before`);
      // Whoever was held up for longer than the lease lives must not go on where another instance went on already.
      if (!mayAct()) return {};
      const { requeueAfterMs } = await perform(step, context);
      markPoint(`step.${step.kind}:after`);
      if (requeueAfterMs !== undefined) return { requeueAfterMs };
    }
    return 'again';
  };
}
