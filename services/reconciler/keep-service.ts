import type { ServiceSpec } from '@kedge/shared/contracts';
import type { Logger } from '@kedge/shared/service';
import type { PlaceAdopter } from './adopt-place.ts';
import type { RouteAnnouncer } from './announce-routes.ts';
import type { ConcludeFailure } from './conclude-failure.ts';
import { adoptServing } from './core/adopt.ts';
import { decideService, isNewest } from './decide-service.ts';
import type { FollowPlan } from './follow-plan.ts';
import type { IsOvertaken } from './is-overtaken.ts';
import type { Memory } from './memory.ts';
import type { World } from './observe-service.ts';
import type { Round } from './perform-steps.ts';
import type { FailureRecorder } from './record-failure.ts';
import type { RecordObstacle } from './record-obstacle.ts';
import type { RolloutRecorder } from './record-rollout.ts';
import { type StandingRecorder, staysItself } from './record-standing.ts';
import type { RemoveService } from './remove-service.ts';
import type { RunAdvancer } from './run-job.ts';
import type { SettleService } from './settle-service.ts';
import type { RecordWriter } from './write-record.ts';

interface KeepPorts {
  readonly log: Logger;
  readonly memory: Memory;
  readonly follow: FollowPlan;
  readonly isOvertaken: IsOvertaken;
  readonly settle: SettleService;
  readonly remove: RemoveService;
  readonly conclude: ConcludeFailure;
  readonly recorder: RolloutRecorder;
  readonly standing: StandingRecorder;
  readonly failures: FailureRecorder;
  readonly noteObstacle: RecordObstacle;
  readonly write: RecordWriter;
  readonly routes: RouteAnnouncer;
  readonly runs: Pick<RunAdvancer, 'isBusy'>;
  readonly adopter: PlaceAdopter;
}

/** One round over a service that is declared, with its spec. */
export type KeepService = (world: World, spec: ServiceSpec) => Promise<Round>;

/** Decides what the service needs next, and does that. */
export function createKeeper(ports: KeepPorts): KeepService {
  const { memory, recorder, standing, failures } = ports;

  return async function keep(world, spec) {
    if ((await adopted(world)) || (await ports.adopter.conclude(world))) return 'again';
    if (world.record?.value.leavingSince !== undefined) {
      // Something else under the name of what leaves starts when that is gone; what is gone, and was said to be, begins anew.
      if (world.record.value.goneAt !== undefined || !staysItself(world, spec)) return await ports.remove(world);
      await standing.comeBack(world, { isWanted: isNewest({ ...world, spec }), comesFirst: !(await ports.isOvertaken(world, spec)) });
      return 'again';
    }
    const circumstances = { requested: memory.requests.has(world.service), busy: ports.runs.isBusy(world.service) };
    const decision = decideService({ ...world, spec }, circumstances);
    switch (decision.kind) {
      case 'rest':
        if (!decision.pin) return await ports.settle(world);
        await standing.pin(world, decision.pin);
        return 'again';
      case 'wait':
        await ports.routes.release(world);
        return { requeueAfterMs: await ports.noteObstacle(world, decision) };
      case 'begin':
        await recorder.begin(world, {
          spec,
          desired: decision.desired,
          cause: decision.cause,
          asked: memory.requests.get(world.service),
          woken: memory.causes.get(world.service),
        });
        memory.forgetCauses(world.service);
        return 'again';
      case 'judged':
        await ports.conclude(world, decision.bar);
        return 'again';
      case 'abandon':
        await failures.abandon(world, decision.reason);
        return 'again';
      case 'roll':
        return (await ports.follow(world, 'rollout')) ?? (await ports.settle(world));
      case 'restore':
      case 'maintain':
        return (await ports.follow(world, decision.kind)) ?? (await ports.settle(world));
      default:
        return decision satisfies never;
    }
  };

  /** A lost record is made again from what runs; losing it rolls nothing. */
  async function adopted(world: World): Promise<boolean> {
    const serving = world.record ? null : adoptServing(world.service, world.containers);
    if (!serving) return false;
    ports.log.info({ release: serving.release }, 'took over containers whose record was lost');
    const takenOverAt = new Date(world.now).toISOString();
    await ports.write(world, (record) => ({ ...record, serving: { ...serving, takenOverAt } }));
    return true;
  }
}
