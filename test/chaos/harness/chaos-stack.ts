import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { components } from '@kedge/shared/contracts';
import type { StackFacts } from '../../e2e/harness/stack.ts';

/** Folder on the host through which a component is told where to die. */
export function stateFolder({ folder }: Pick<StackFacts, 'folder'>, component: string): string {
  return join(folder, 'state', component);
}

/** A stack whose components can be killed at named points. */
export const chaosStack = {
  prefix: 'kedge-chaos',
  overlay: 'test/chaos/compose.chaos.yaml',
  async settings(folder: string) {
    for (const component of components) {
      const state = stateFolder({ folder }, component);
      await mkdir(state, { recursive: true });
      // Not every component is root.
      await chmod(state, 0o777);
    }
    return { KEDGE_CHAOS_STATE: join(folder, 'state') };
  },
};
