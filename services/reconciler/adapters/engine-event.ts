import { ServiceName } from '@kedge/shared/contracts';
import { z } from 'zod';
import { type EngineEvent, labels } from '../ports.ts';

const ContainerMessage = z.object({
  Type: z.literal('container'),
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()).nullish() }),
});

/** The engine tells a signal by its number. */
const sigterm = '15';

/** Reads one message of `GET /events`; null for what changes no container, like the commands of a health check. */
export function readEngineEvent(message: unknown): EngineEvent | null {
  const { success, data } = ContainerMessage.safeParse(message);
  if (!success || data.Action.startsWith('exec_')) return null;
  return {
    action: actionOf(data.Action, data.Actor.Attributes?.signal),
    container: data.Actor.ID,
    node: data.Actor.Attributes?.[labels.node] ?? null,
    service: ServiceName.safeParse(data.Actor.Attributes?.[labels.service]).data ?? null,
  };
}

/** A change of health comes as `health_status: healthy`. */
function actionOf(action: string, signal: string | undefined): EngineEvent['action'] {
  switch (action) {
    case 'kill':
      return signal === sigterm ? 'terminate' : 'other';
    case 'start':
    case 'die':
    case 'oom':
    case 'destroy':
      return action;
    default:
      return action.startsWith('health_status') ? 'health' : 'other';
  }
}
